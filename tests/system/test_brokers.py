"""Web and workers apart, over RabbitMQ and Redis: the broker may do what it likes."""

import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from projections.inbox.view import INBOX
from projections.verify import verify
from tests.system.cut import Cut
from tests.system.ledger import Ledger, post
from tests.system.service import Place, Process, caught_up, eventually, rows, variant
from tests.write_side.posting import delivery

# One after the other: they share the broker's queues.
pytestmark = [pytest.mark.slow, pytest.mark.service, pytest.mark.xdist_group("brokers")]

HEAD = "select max(position) from log.events"
VIEW = "select max(position) from read.versions where view = 'inbox'"


@pytest.fixture
def apart(server_place: Place, broker_url: str) -> Place:
    server_place.settings["WHARF_BROKER_URL"] = broker_url
    return server_place


@pytest.fixture
def cut(apart: Place, broker_url: str) -> Iterator[Cut]:
    """Between us and the broker, which is away to begin with."""
    parts = urlsplit(broker_url)
    assert parts.hostname is not None
    assert parts.port is not None
    cut = Cut(parts.hostname, parts.port)
    apart.settings["WHARF_BROKER_URL"] = broker_url.replace(f":{parts.port}", f":{cut.port}")
    yield cut
    cut.close()


def worked(process: Process) -> int:
    return process.said().count("batch applied")


def test_two_workers_share_the_work_that_hints_wake_them_for(apart: Place, database: str) -> None:
    """Without any sweep; hints come lost and doubled."""
    workers = [apart.start("work", command=variant("never-sweeps")) for _ in range(2)]
    web = apart.start("serve", command=variant("loses-hints"))
    apart.until_ready(web)

    with Ledger(apart, clients=1) as ledger:
        eventually(lambda: min(map(worked, workers)) >= 3, "work of both")
    eventually(lambda: hinted(apart, database), "the view")

    assert answered_throughout(ledger)
    assert 0 == ledger.lost(database)
    assert [] == verify(database, INBOX).differences
    stopped(*workers, web)


def hinted(apart: Place, database: str) -> bool:
    """Whether everything up to now is shown; one more delivery, in case the last hint was lost."""
    ((head,),) = rows(database, HEAD)
    assert 200 == post(apart, delivery())
    return bool(rows(database, VIEW)[0][0] >= head)


def test_when_a_worker_is_killed_the_other_goes_on(apart: Place, database: str) -> None:
    workers = [apart.start("work", command=variant("tells")) for _ in range(2)]
    web = apart.start("serve")
    apart.until_ready(web)

    with Ledger(apart, clients=2) as ledger:
        eventually(lambda: min(map(worked, workers)) >= 1, "work of both")
        workers[0].kill()
        seen = worked(workers[1])
        eventually(lambda: worked(workers[1]) > seen + 3, "work of the other")
    eventually(lambda: caught_up(database), "the view")

    assert 0 == ledger.lost(database)
    assert [] == verify(database, INBOX).differences
    stopped(workers[1], web)


def test_without_a_broker_webhooks_are_taken_and_views_catch_up(
    apart: Place, database: str, cut: Cut
) -> None:
    """Away at the start, there, away again: only the sweep does the work meanwhile."""
    worker = apart.start("work")
    web = apart.start("serve")
    apart.until_ready(web)
    with Ledger(apart, clients=1) as ledger:
        for times in (1, 2):
            shown(ledger, database)
            cut.open()
            eventually(lambda times=times: cut.opened >= times, "a connection")  # type: ignore[misc]
            shown(ledger, database)
            cut.close()
        shown(ledger, database)
    eventually(lambda: caught_up(database), "the view")

    assert answered_throughout(ledger)
    assert 0 == ledger.lost(database)
    assert [] == verify(database, INBOX).differences
    stopped(worker, web)


def test_a_silent_broker_costs_nothing_but_latency(apart: Place, database: str, cut: Cut) -> None:
    """Whatever waits for an answer of the broker's, no request does."""
    cut.silent = True
    cut.open()
    workers = [apart.start("work") for _ in range(2)]
    web = apart.start("serve")
    apart.until_ready(web)
    with Ledger(apart, clients=1) as ledger:
        eventually(lambda: cut.opened > 0, "a connection")
        shown(ledger, database)
        workers[0].kill()
        shown(ledger, database)
    eventually(lambda: caught_up(database), "the view")

    assert answered_throughout(ledger)
    assert 0 == ledger.lost(database)
    assert [] == verify(database, INBOX).differences
    stopped(workers[1], web)


def answered_throughout(ledger: Ledger) -> bool:
    """A machine that is too busy to append within the limit says 503, whatever the broker does."""
    return {200} <= set(ledger.answers) <= {200, 503}


def shown(ledger: Ledger, database: str) -> None:
    """More is acknowledged, and all of it can be seen."""
    seen = len(ledger.acknowledged)
    eventually(lambda: len(ledger.acknowledged) > seen + 20, "acknowledgements")
    ((head,),) = rows(database, HEAD)
    eventually(lambda: rows(database, VIEW)[0][0] >= head, "the view")


def stopped(*processes: Process) -> None:
    """SIGTERM ends each, whatever has become of the broker."""
    for process in processes:
        process.signal(signal.SIGTERM)
    assert [0] * len(processes) == [process.exit_code() for process in processes]
