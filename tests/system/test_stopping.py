"""SIGTERM: what was accepted is answered, and nothing stays behind."""

import signal
import threading

import httpx
import psycopg
import pytest

from tests.system.ledger import Ledger, post
from tests.system.service import Place, Process, eventually, rows
from tests.system.test_killed_web import WAITING
from tests.write_side.posting import delivery

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_delivery_that_was_accepted_is_answered_before_the_end(
    server_place: Place, database: str, number: signal.Signals
) -> None:
    service = server_place.up()
    body = delivery()
    answered: list[int] = []
    posting = threading.Thread(target=lambda: answered.append(post(server_place, body)))
    with psycopg.connect(database) as holder:
        holder.execute("lock table log.append_lock in exclusive mode")
        posting.start()
        eventually(lambda: rows(database, WAITING) != [], "a waiting append")
        service.signal(number)
        eventually(lambda: refuses(server_place), "the end of listening")
        assert service.running
    posting.join()

    assert [200] == answered
    assert 0 == service.exit_code()
    ((stored,),) = rows(database, "select body from log.deliveries")
    assert body == bytes(stored)
    assert "Traceback" not in service.said()


def refuses(place: Place) -> bool:
    try:
        httpx.get(f"{place.url}/healthz", trust_env=False)
    except httpx.ConnectError:
        return True
    except httpx.TransportError:
        return False  # taken, and then not answered: it is about to end
    return False


def test_under_load_every_answer_before_the_end_is_kept(server_place: Place, database: str) -> None:
    service = server_place.up()
    with Ledger(server_place) as ledger:
        eventually(lambda: len(ledger.acknowledged) > 50, "load")
        service.signal(signal.SIGTERM)
        assert 0 == service.exit_code()

    assert 0 == ledger.lost(database)
    assert set(ledger.answers) <= {200, 503}
    assert all(ended_cleanly(each) for each in server_place.running)


def ended_cleanly(process: Process) -> bool:
    return "Traceback" not in process.said() and "ERROR" not in process.said()
