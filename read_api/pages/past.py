"""The past of a conversation: a moment in the address, and the steps before and after it."""

from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from starlette.requests import Request

from read_api.pages import words
from read_api.pages.asking import Api

# So many of the latest events can be stepped through; further back goes a time.
STEPS_MAX = 200

Answer = dict[str, Any]


class Step(NamedTuple):
    """An event of the conversation."""

    position: int
    at: datetime


class Past(NamedTuple):
    """A moment: `as_of` as the API takes it, and `steps`, oldest first; `here` is the index of the
    last one that had happened, -1 before all of them."""

    as_of: str
    at: datetime | None
    steps: list[Step]
    here: int

    @property
    def earlier(self) -> int | None:
        """The position one step back."""
        return self.steps[self.here - 1].position if self.here > 0 else None

    @property
    def later(self) -> int | None:
        """The position one step on; None where that is now."""
        return self.steps[self.here + 1].position if self.here + 1 < len(self.steps) else None


def moment(text: str, zone: tzinfo) -> str:
    """As the API takes it: a time without an offset is one of the reader's own clock."""
    if text.isascii() and text.isdigit():
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if at.tzinfo is not None else at.replace(tzinfo=zone).isoformat()


async def past(api: Api, request: Request, id_: str, as_of: str) -> Past:
    """The moment among the conversation's events."""
    path = "conversations/{id}/events/"
    found = await api(request, path, [("limit", str(STEPS_MAX))], id=id_)
    steps = [Step(e["position"], words.moment(e["recorded_at"])) for e in found["events"]][::-1]
    if as_of.isdigit():
        before = [step for step in steps if step.position <= int(as_of)]
        at = before[-1].at if before else None
    else:
        at = datetime.fromisoformat(as_of).astimezone(UTC)
        before = [step for step in steps if step.at <= at]
    return Past(as_of, at, steps, len(before) - 1)
