"""How far the inbox is behind the log while a load runs, and how soon it has caught up after."""

import threading
import time
from statistics import median
from typing import Any, NamedTuple

import psycopg
from typing_extensions import override

LAG_EVERY_S = 0.25


class Lag(NamedTuple):
    """How far the inbox was behind: at half time and at the end of the load, in events, how fast
    that grew in between, and how long it took to catch up once the load had ended."""

    half_time: int
    end: int
    drift_per_s: float
    catch_up_s: float


class LagWatch(threading.Thread):
    """Looks at head and checkpoint while the load runs."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        super().__init__(daemon=True)
        self._conn = conn
        self._ended = threading.Event()
        self.seen: list[tuple[float, int]] = []

    @override
    def run(self) -> None:
        while not self._ended.wait(LAG_EVERY_S):
            self.seen.append((time.monotonic(), lag_events(self._conn)))

    def end(self) -> Lag:
        self._ended.set()
        self.join()
        ended = time.monotonic()
        last = lag_events(self._conn)
        while lag_events(self._conn):
            time.sleep(0.005)
        # Medians over the second and the last quarter: the lag goes up and down with each batch.
        quarter = max(1, len(self.seen) // 4)
        middle, tail = self.seen[quarter : 2 * quarter], self.seen[-quarter:]
        first_lag, last_lag = (median(lag for _, lag in part) for part in (middle, tail))
        seconds = median(at for at, _ in tail) - median(at for at, _ in middle)
        drift = (last_lag - first_lag) / seconds if seconds else 0.0
        return Lag(int(first_lag), last, drift, time.monotonic() - ended)


def lag_events(conn: psycopg.Connection[Any]) -> int:
    row = conn.execute(
        "select coalesce(max(e.position), 0) - ("
        "       select min(v.position) from read.versions v where v.view = 'inbox')"
        "  from log.events e"
    ).fetchone()
    assert row is not None
    return int(row[0])
