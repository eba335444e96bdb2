"""What can go wrong with the log.

LogError
├── LogUnavailable       try again later; nothing is known to be stored
│   └── CommitUncertain  it may be stored; the same append again is safe
├── UnfitData            PostgreSQL refuses the data itself; trying again won't help
├── StreamMoved          the stream has events that the caller hasn't seen
└── SchemaMismatch       the database and this program are of different releases
"""

from events.envelope import Position


class LogError(Exception):
    """The log could not do what was asked."""


class LogUnavailable(LogError):
    """The database does not answer, or refuses work for now."""


class CommitUncertain(LogUnavailable):
    """The append may or may not have been committed; append the same again to find out."""


class UnfitData(LogError):
    """PostgreSQL refuses the data: SQLSTATE class 22, 23 or 54."""

    def __init__(self, sqlstate: str, reason: str) -> None:
        super().__init__(f"{sqlstate}: {reason}")
        self.sqlstate, self.reason = sqlstate, reason


class StreamMoved(LogError):
    """The stream has moved on since it was read."""

    def __init__(self, stream: str, expected: Position, actual: Position) -> None:
        super().__init__(f"the stream has moved on: expected position {expected}, found {actual}")
        self.stream, self.expected, self.actual = stream, expected, actual


class SchemaMismatch(LogError):
    """The database's schema is not the one this program was made for."""
