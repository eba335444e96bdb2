"""Tending: what is done about the views, at once or in the background of this process."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg import AsyncConnection, Connection
from psycopg.rows import TupleRow

from events.database import Pool, connect
from events.envelope import Position
from events.errors import LogUnavailable
from projections import pausing, poison, projector, versions
from projections.overview import Overview, PutAside, overview, put_aside
from projections.pausing import Paused
from projections.rebuild import HasPoison, RebuildRunning, rebuild
from projections.sampling import verify_sample
from projections.verify import OtherRelease, Verified, verify
from projections.view import View
from wharf.primary import ask

logger = logging.getLogger(__name__)

POISON_SHOWN = 100
LOCK_TIMEOUT_MS = 5_000
# A few seconds; whoever has more takes a sample, or the command line.
COMPARED_AT_ONCE_MAX = 100_000
# What ends with the process is begun anew; this is for what is about to be done.
STOP_S = 5.0

T = TypeVar("T")


class VerifyRunning(Exception):
    """Somebody is comparing the view with the log already."""

    def __init__(self, view: str) -> None:
        super().__init__(f"{view} is being compared already")


class TooLarge(Exception):
    """The log has too many events to be replayed while somebody waits."""


class Outcome(NamedTuple):
    """One event that was tried once more for one version; None if it could be applied."""

    version: int
    position: Position
    error: str | None


class _Stopping(Exception):
    """This process is about to end; the rebuild can be resumed."""


class Tending:
    """Looks as wharf_project through `pool`, and acts on connections of its own to `url`.

    Everything raises AccessUnavailable or LogUnavailable when the database does not answer.
    """

    def __init__(self, url: str, pool: Pool) -> None:
        self._url, self._pool = url, pool
        self._stopping = threading.Event()
        self._comparing: set[str] = set()
        self._at: dict[tuple[str, str], threading.Thread] = {}

    async def look(self) -> Overview:
        return await ask(self._pool, overview)

    async def put_aside(self, view: str) -> list[PutAside]:
        async def use(conn: AsyncConnection[TupleRow]) -> list[PutAside]:
            return await put_aside(conn, view, POISON_SHOWN)

        return await ask(self._pool, use)

    def rebuild(self, view: View, found: Overview, *, resume: bool) -> None:
        """Begin to build the next version. Raises RebuildRunning."""
        for each in found.versions:
            if each.view == view.name and each.rebuilding:
                raise RebuildRunning(view.name, each.builder)
        if self._is_at("rebuild", view):
            raise RebuildRunning(view.name, versions.this_process())

        def hear(position: Position, head: Position) -> None:
            if self._stopping.is_set():
                raise _Stopping

        self._begin("rebuild", view, lambda: rebuild(self._url, view, hear, resume=resume))

    def verify(self, view: View, found: Overview) -> None:
        """Begin to compare the active version with a replay. Raises VerifyRunning, OtherRelease."""
        for each in found.versions:
            if each.view == view.name and each.verifying:
                raise VerifyRunning(view.name)
            if each.view == view.name and each.active and each.definition != view.definition:
                raise OtherRelease(f"{view.name} was made by another release: rebuild it first")
        if self._is_at("verify", view):
            raise VerifyRunning(view.name)
        self._begin("verify", view, lambda: verify(self._url, view))

    async def differences(self, view: View, found: Overview, sample: int | None) -> Verified:
        """Compare now, one at a time of each view: the rows of so many conversations, or all.

        Raises VerifyRunning, OtherRelease, NoSample, and TooLarge without a sample.
        """
        head = max((each.head for each in found.versions), default=0)
        if sample is None and head > COMPARED_AT_ONCE_MAX:
            raise TooLarge
        if view.name in self._comparing or self._is_at("verify", view):
            raise VerifyRunning(view.name)
        self._comparing.add(view.name)
        try:
            if sample is None:
                return await _in_thread(lambda: verify(self._url, view))
            return await _in_thread(lambda: verify_sample(self._url, view, sample))
        finally:
            self._comparing.discard(view.name)

    async def swap(self, view: View, version: int) -> None:
        """Raises NoSuchVersion and GoesBackInTime."""
        await self._owning(lambda conn: versions.activate(conn, view, version))

    async def pause(self, view: View, who: str) -> Paused | None:
        """Return when nothing is being applied to it any more."""
        return await self._owning(lambda conn: pausing.pause(conn, view.name, who))

    async def resume(self, view: View) -> Paused | None:
        return await self._owning(lambda conn: pausing.resume(conn, view.name))

    async def _owning(self, use: Callable[[Connection[Any]], T]) -> T:
        def run() -> T:
            with connect(self._url, "wharf_owner", lock_timeout_ms=LOCK_TIMEOUT_MS) as conn:
                return use(conn)

        return await _in_thread(run)

    async def retry(self, view: View, position: int | None) -> list[Outcome]:
        """Apply what was put aside once more: the event at the position, or all not skipped."""

        def use() -> list[Outcome]:
            with self._projecting() as conn:
                projector.prepare(conn)
                known = {each.version: each for each in versions.versions(conn, view.name)}
                return [
                    Outcome(
                        each.version,
                        each.position,
                        poison.retry(conn, view, known[each.version], each.position),
                    )
                    for each in _chosen(conn, view, position)
                    if known[each.version].definition == view.definition
                ]

        return await _in_thread(use)

    async def skip(self, view: View, position: int | None) -> list[Outcome]:
        """Go without what was put aside, for good."""

        def use() -> list[Outcome]:
            with self._projecting() as conn:
                chosen = _chosen(conn, view, position)
                for each in chosen:
                    poison.skip(conn, view.name, each.version, each.position)
                return [Outcome(each.version, each.position, None) for each in chosen]

        return await _in_thread(use)

    async def stop(self) -> None:
        """What is under way ends at its next step; what takes longer ends with the process."""
        self._stopping.set()
        for thread in list(self._at.values()):
            await asyncio.to_thread(thread.join, STOP_S)

    def _projecting(self) -> Connection[Any]:
        return connect(self._url, "wharf_project", lock_timeout_ms=LOCK_TIMEOUT_MS)

    def _is_at(self, what: str, view: View) -> bool:
        thread = self._at.get((what, view.name))
        return thread is not None and thread.is_alive()

    def _begin(self, what: str, view: View, work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                work()
            except _Stopping:
                logger.info("left for later", extra={"view": view.name, "what": what})
            except (HasPoison, RebuildRunning) as error:
                logger.warning("not done", extra={"view": view.name, "reason": str(error)})
            except Exception:
                # The page shows what is left of it; here is why.
                logger.exception("not done", extra={"view": view.name, "what": what})

        # A daemon: nobody has to wait for what can be resumed, or asked for again.
        thread = threading.Thread(target=run, name=f"{what} {view.name}", daemon=True)
        self._at[what, view.name] = thread
        thread.start()


def _chosen(conn: Connection[Any], view: View, position: int | None) -> list[poison.Poison]:
    return [
        each
        for each in poison.listed(conn)
        if each.view == view.name
        and (each.position == position if position is not None else each.skipped_at is None)
    ]


async def _in_thread(use: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(use)
    except psycopg.OperationalError as error:
        raise LogUnavailable("the database does not answer") from error
