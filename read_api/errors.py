"""What can be wrong with a question, or with answering it.

ReadError
├── InvalidParameter      a parameter is unknown, or its value makes no sense
├── CursorMismatch        the cursor belongs to another question
├── NotFound              there is no such thing
├── PersonalDataHidden    the answer would be personal data that the caller may not know
├── MediaExpired          Meta has forgotten the file before it could be downloaded
├── MediaFailed           downloading the file was given up
├── MediaMissing          the file was stored, and is not in the store
├── TooManyStreams        this process has as many open streams as it takes
├── ProjectionBehind      the read tables have not reached the position that was asked for
└── StoreUnavailable      the database does not answer; try again later
"""


class ReadError(Exception):
    """The question could not be answered."""


class InvalidParameter(ReadError):
    """A parameter is unknown, or its value makes no sense."""

    def __init__(self, parameter: str, problem: str) -> None:
        super().__init__(f"{parameter}: {problem}")
        self.parameter, self.problem = parameter, problem


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


class TooManyStreams(ReadError):
    """This process has as many open streams as it takes; another one may have room."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} streams are open here, which is all that this process takes")
        self.most = most


class StoreUnavailable(ReadError):
    """The database does not answer; try again later."""
