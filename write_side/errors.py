"""Why a webhook or a command is not taken.

WriteError
├── IntakeUnavailable      full, or the log is away: nothing is stored, try again
├── InvalidCommand         the body of a command is not what it should be
├── InvalidHeader          a header is not
├── KeyReused              the Idempotency-Key came with another body before
├── KeyInUse               ... and what it came with is still being done
├── ConversationNotFound
├── ConversationMoved      its caller has not seen what came meanwhile
├── NoteNotFound
├── MessageNotFound
├── DeliveryNotFound
├── MediaNotFound
├── CustomerNotFound
├── MergeNotFound          the customer has no part in such a merge
├── MergeRefused           these two can't be one person
└── AmbiguousPhone         the number is only similar to those of several conversations
"""

from collections.abc import Mapping, Sequence
from typing import Any


class WriteError(Exception):
    """Nothing was appended."""


class IntakeUnavailable(WriteError):
    """The delivery can't be stored now."""


class InvalidCommand(WriteError):
    """The body is not right; `errors` say where, as {pointer, code, message}."""

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{e['pointer'] or 'body'}: {e['message']}" for e in errors))
        self.errors = list(errors)


class InvalidHeader(WriteError):
    """A header of the request makes no sense."""

    def __init__(self, parameter: str, problem: str) -> None:
        super().__init__(f"{parameter}: {problem}")
        self.parameter, self.problem = parameter, problem


class KeyReused(WriteError):
    """The Idempotency-Key came with another body before: a new wish takes a new key."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class KeyInUse(WriteError):
    """What came with this Idempotency-Key is still being done; ask again in a moment."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class ConversationNotFound(WriteError):
    """There is no conversation with this id or phone number."""


class ConversationMoved(WriteError):
    """There is more in the conversation than its caller has seen; `missed` says what."""

    def __init__(self, missed: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(self.__doc__)
        self.missed = list(missed)


class NoteNotFound(WriteError):
    """There is no note with this id, or it was deleted."""


class MessageNotFound(WriteError):
    """The conversation has no incoming message with this id."""


class DeliveryNotFound(WriteError):
    """There is no delivery with this id."""


class MediaNotFound(WriteError):
    """No message refers to this media id."""


class AmbiguousPhone(WriteError):
    """No conversation has exactly this number, and several have one that may be meant."""

    def __init__(self, candidates: Sequence[str]) -> None:
        super().__init__("the number is only similar to those of several conversations")
        self.candidates = list(candidates)


class CustomerNotFound(WriteError):
    """There is no customer with this id."""


class MergeNotFound(WriteError):
    """The customer has no part in such a merge; `merges` are those that could be undone."""

    def __init__(self, detail: str, merges: Sequence[int]) -> None:
        super().__init__(detail)
        self.merges = list(merges)


class MergeRefused(WriteError):
    """These two can't be one person; `reason` says why in a word."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
