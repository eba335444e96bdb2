"""The sweep for jobs goes on whatever happens, and ends when it is told to."""

import threading
from typing import cast

import pytest

from wharf.job_sweep import Connection, JobSweep

GUARD_S = 120.0


class FakeConnection:
    closed = False

    async def close(self) -> None:
        self.closed = True


class FakeJobs:
    """Planning fails the first time; the second time there is something to do."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.connections: list[FakeConnection] = []
        self.failures: list[str] = []
        self.planned = 0
        self.done = threading.Event()
        self.closed = False

    async def connect(self) -> Connection:
        self.connections.append(FakeConnection())
        return cast("Connection", self.connections[-1])

    async def plan(self, conn: Connection) -> bool:
        self.planned += 1
        if self.planned == 1:
            raise ConnectionError("gone")
        return True

    async def do_due(self, conn: Connection) -> None:
        self.done.set()

    def stop(self) -> None:
        self.stopping.set()

    async def close(self) -> None:
        self.closed = True

    def failed(self, error: Exception) -> None:
        self.failures.append(str(error))


def test_neither_the_database_nor_the_broker_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    jobs = FakeJobs()

    def broken() -> None:
        raise OSError("no broker")

    sweep = JobSweep("media", jobs, broken, period_s=0.001)
    sweep.start()
    assert jobs.done.wait(GUARD_S)
    sweep.stop()

    assert ["gone"] == jobs.failures
    # Another connection after the failure, and none is left open.
    assert [True, True] == [conn.closed for conn in jobs.connections]
    assert jobs.closed
    # A broker that is away is not told of at every look.
    assert ["hint not sent"] == [record.message for record in caplog.records]
