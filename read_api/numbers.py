"""Numbers: whether whoever asks may see all business numbers, or some alone.

It goes with the task that answers a request, and with the tasks and threads that this one starts.
Reading looks here, so that no statement has to be written for it; work that is done later for
somebody takes `allowed()` along and does it under `only`, and a task that works for all is
started in a context of its own.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_allowed: ContextVar[tuple[str, ...] | None] = ContextVar("allowed numbers", default=None)


def allowed() -> tuple[str, ...] | None:
    """Phone number ids, in order; None means all of them."""
    return _allowed.get()


def set_allowed(numbers: Collection[str] | None) -> None:
    """From here on, in this task: also while its answer is still being sent."""
    _allowed.set(None if numbers is None else tuple(sorted(numbers)))


@contextmanager
def only(numbers: Collection[str] | None) -> Iterator[None]:
    """Until the block ends."""
    before = _allowed.get()
    set_allowed(numbers)
    try:
        yield
    finally:
        _allowed.set(before)
