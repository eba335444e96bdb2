"""Why a webhook or a command is not taken.

WriteError
├── IntakeUnavailable      full, or the log is away: nothing is stored, try again
├── InvalidCommand         the body of a command is not what it should be
├── ConversationNotFound
├── MessageNotFound
├── DeliveryNotFound
├── MediaNotFound
├── CustomerNotFound
├── MergeNotFound          the customer has no part in such a merge
├── MergeRefused           these two can't be one person
└── AmbiguousPhone         the number is only similar to those of several conversations
"""

from collections.abc import Sequence


class WriteError(Exception):
    """Nothing was appended."""


class IntakeUnavailable(WriteError):
    """The delivery can't be stored now."""


class InvalidCommand(WriteError):
    """The body is not right; `errors` say where, as {pointer, code, message}."""

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{e['pointer'] or 'body'}: {e['message']}" for e in errors))
        self.errors = list(errors)


class ConversationNotFound(WriteError):
    """There is no conversation with this id or phone number."""


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
