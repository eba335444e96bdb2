"""As of: a conversation or a message as it was at a position of the log, or at a time.

The log says what it was, so the rows are handed in. They come from the same statements as those of
now, with the tables as they were: what is said of the answer holds for both.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple, Protocol

from read_api import numbers, parameters
from read_api.errors import InvalidParameter, NotFound
from read_api.parser import parser
from read_api.reading import Answers, Freshness, Query, Reading, Rows, Then

AsOf = int | datetime


class Moment(NamedTuple):
    """A position of the log, and the time of which it is the last one."""

    position: int
    at: datetime


class Cause(NamedTuple):
    """An event, and the fields that it was the last to set."""

    position: int
    type: str
    version: int
    occurred_at: datetime
    recorded_at: datetime
    delivery_id: int | None
    pointer: str | None
    actor: str | None
    last_set: tuple[str, ...]


# Asks the tables as they are at a place of the log.
Ask = Callable[[Query], Rows]


class Pasts(Protocol):
    """Answers from the log. All raise StoreUnavailable."""

    async def moment(self, as_of: AsOf) -> Moment | None:
        """The last position recorded by a time, or the time of a position; None beyond the log."""
        ...

    async def rows(
        self,
        ids: Sequence[int],
        position: int,
        queries: Sequence[Query],
        then: Then | None,
        allowed: Collection[str] | None,
    ) -> list[Rows]:
        """Answer the queries, and those that `then` makes of their rows, as of the position.

        The tables hold the messages with these ids, whatever conversations they were ever in, and
        nothing else; with `allowed` nothing of any other business number.
        """
        ...

    async def causes(
        self, id_: int, position: int, allowed: Collection[str] | None
    ) -> tuple[Mapping[str, object], list[Cause]]:
        """A message's fields as of the position, and the events that made them.

        Both are empty if it was not there.
        """
        ...


@parser(anyOf=[{"type": "integer", "minimum": 0}, {"type": "string", "format": "date-time"}])
def as_of(name: str, text: str) -> AsOf:
    """A position of the log, or a time with its offset: the answer is as it was then."""
    if text.isascii() and text.isdigit():
        return parameters.position(name, text)
    value: date | None = None
    with suppress(InvalidParameter):
        value = parameters.moment(name, text)
    if not isinstance(value, datetime):
        raise InvalidParameter(name, "has to be a position, or a time with its offset (RFC 3339)")
    return value


class Asked(NamedTuple):
    """Something that is there now, by its id, to be asked for as of a moment."""

    pasts: Pasts
    moment: Moment
    id: int

    async def answers(
        self, queries: Sequence[Query], then: Then | None = None, ids: Sequence[int] = ()
    ) -> Answers:
        """The rows of the queries as of the moment; `ids` are other messages of the same story."""
        rows = await self.pasts.rows(
            sorted({self.id, *ids}), self.moment.position, queries, then, numbers.allowed()
        )
        return Answers(rows, self.moment.position)


async def asked_as_of(
    pasts: Pasts,
    reading: Reading,
    as_of: AsOf,
    thing: str,
    asked: Query,
    freshness: Freshness,
) -> Asked:
    """Find what is asked for as it is now, which says whether the caller may see it.

    Raises NotFound, InvalidParameter beyond the end of the log, and what reading raises.
    """
    moment = await pasts.moment(as_of)
    if moment is None:
        raise InvalidParameter("as_of", "is beyond the end of the log")
    least = max(freshness.min_position, moment.position)
    answers = await reading.read([asked], freshness._replace(min_position=least))
    if not answers.rows[0]:
        raise NotFound(thing)
    return Asked(pasts, moment, answers.rows[0][0]["id"])
