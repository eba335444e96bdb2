"""Why a webhook or a command is not taken.

WriteError
├── IntakeUnavailable      full, or the log is away: nothing is stored, try again
├── InvalidCommand         the body of a command is not what it should be
├── ConversationNotFound
├── MessageNotFound
├── DeliveryNotFound
├── MediaNotFound
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
