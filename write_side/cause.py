"""The cause of a command: who wants it, and what makes wanting it again the same wish.

Two wishes are the same when they come with the same Idempotency-Key (within the day that it is
remembered), or else when they say the same and what they were decided on has not changed.
"""

from typing import NamedTuple

from starlette.requests import Request

from events.dedupe import dedupe_key
from write_side.seen import seen_by


class Begun(NamedTuple):
    """A key that is being used: what names it, and since when it is remembered (milliseconds)."""

    id: str
    begun_ms: int


class Cause(NamedTuple):
    """Who wants something, with which key if any, and up to where they have seen what there is."""

    actor: str
    begun: Begun | None = None
    seen: int | None = None

    def dedupe(self, what: str, *facts: object) -> str:
        """The key of the event `what`; `facts` are what it says and what it was decided on."""
        if self.begun is not None:
            return dedupe_key(self.begun.begun_ms, "idempotency", self.begun.id, what)
        return dedupe_key(0, what, self.actor, *map(str, facts))


def cause_of(request: Request, last_seen_position: int | None = None) -> Cause:
    """What the request says of itself. Raises InvalidHeader."""
    return Cause(
        request.user.username,
        request.scope.get("wharf.begun"),
        seen_by(request) if last_seen_position is None else last_seen_position,
    )
