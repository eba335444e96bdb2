"""What can be wrong with a question, or with answering it.

ReadError
├── InvalidParameter      a parameter is unknown, or its value makes no sense
├── InvalidBody           the body is not what it should be
├── CursorMismatch        the cursor belongs to another question
├── NotFound              there is no such thing
├── PersonalDataHidden    the answer would be personal data that the caller may not know
├── MediaExpired          Meta has forgotten the file before it could be downloaded
├── MediaFailed           downloading the file was given up
├── MediaMissing          the file was stored, and is not in the store
├── ScopeNeeded           the caller may not see what is asked for
├── ExportFailed          the export could not be made
├── ExportMissing         the export's file is not where it was made
├── TooManyExports        the caller has as many exports as are kept for one
├── TooManyStreams        this process has as many open streams as it takes
├── ProjectionBehind      the read tables have not reached the position that was asked for
└── StoreUnavailable      the database does not answer; try again later
"""

from typing import Any


class ReadError(Exception):
    """The question could not be answered."""


class InvalidParameter(ReadError):
    """A parameter is unknown, or its value makes no sense."""

    def __init__(self, parameter: str, problem: str) -> None:
        super().__init__(f"{parameter}: {problem}")
        self.parameter, self.problem = parameter, problem


class InvalidBody(ReadError):
    """The body is not what it should be; `errors` names each fault by its pointer."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(f"{each['pointer']}: {each['message']}" for each in errors))
        self.errors = errors


class CursorMismatch(ReadError):
    """The cursor was made for other filters or another order: ask again without it."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class NotFound(ReadError):
    """There is no such thing."""

    def __init__(self, thing: str) -> None:
        super().__init__(f"there is no such {thing}")
        self.thing = thing


class PersonalDataHidden(ReadError):
    """The answer would be personal data that the caller may not know, and can't be masked."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"the key does not have the scope {scope}")
        self.scope = scope


class MediaExpired(ReadError):
    """Meta has forgotten the file before it could be downloaded."""

    def __init__(self, attempts: int) -> None:
        super().__init__(self.__doc__)
        self.attempts = attempts


class MediaFailed(ReadError):
    """Downloading the file was given up; POST retry/ tries once more."""

    def __init__(self, reason: str, attempts: int) -> None:
        super().__init__(self.__doc__)
        self.reason, self.attempts = reason, attempts


class MediaMissing(ReadError):
    """The file was stored, and is not in the store of this process now."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class ProjectionBehind(ReadError):
    """The read tables have not reached the position that was asked for."""

    def __init__(self, required: int, current: int) -> None:
        super().__init__(f"the read tables are at position {current}, {required} was asked for")
        self.required, self.current = required, current


class ScopeNeeded(ReadError):
    """The caller may not see what is asked for."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"this takes the scope {scope}")
        self.scope = scope


class ExportFailed(ReadError):
    """The export could not be made; ask for another."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the export could not be made: {reason}")
        self.reason = reason


class ExportMissing(ReadError):
    """The export's file is not in the folder of this process."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class TooManyExports(ReadError):
    """The caller has as many exports as are kept for one: delete some."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} exports are kept for each caller; delete some of yours")


class TooManyStreams(ReadError):
    """This process has as many open streams as it takes; another one may have room."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} streams are open here, which is all that this process takes")
        self.most = most


class StoreUnavailable(ReadError):
    """The database does not answer; try again later."""
