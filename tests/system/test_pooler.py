"""The web side through pgbouncer in transaction mode: each transaction on another connection."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from events.database import as_login
from projections.inbox.view import INBOX
from projections.verify import verify
from tests.system.ledger import SETTINGS, Ledger, post
from tests.system.pooler import PGBOUNCER, Pooler, pooling
from tests.system.service import GUARD_S, Place, as_url, caught_up, eventually, rows
from tests.write_side.posting import delivery
from wharf.doctor.pooler import look_at_pooler
from wharf.schema import apply_schema

pytestmark = [pytest.mark.slow, pytest.mark.service]

READERS = 6
ALL_ENDED = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()
"""
SHOWN = ("messages/?limit=5", "conversations/?limit=5", "stats/summary/", "views/", "customers/")


@pytest.fixture
def pooler(database: str) -> Iterator[Pooler]:
    if PGBOUNCER is None:
        pytest.skip("no pgbouncer: apt-get install pgbouncer")
    # A copy of the template has no limits for its roles.
    apply_schema(database)
    with pooling(database) as pooler:
        yield pooler


@pytest.fixture
def pooled(tmp_path: Path, database: str, pooler: Pooler) -> Iterator[Place]:
    place = Place(tmp_path, DATABASE_URL=as_url(database), WHARF_POOLER_URL=pooler.url, **SETTINGS)
    yield place
    place.end()


def test_one_client_is_served_by_several_sessions(pooler: Pooler) -> None:
    """Or the tests here would show nothing."""
    info = as_login(pooler.url, "wharf_read")
    with psycopg.connect(info) as holding, psycopg.connect(info, autocommit=True) as asking:
        first = holding.execute("select pg_backend_pid()").fetchone()
        second = asking.execute("select pg_backend_pid()").fetchone()
        holding.rollback()
        served = {asking.execute("select pg_backend_pid()").fetchone() for _ in range(4)}

    assert first != second
    assert {first, second} == served


def test_everything_the_web_side_does_goes_through_it(
    pooled: Place, database: str, pooler: Pooler
) -> None:
    worker, web = pooled.start("work"), pooled.start("serve")
    pooled.until_ready(web)
    key = pooled.says("keys", "create", "--name", "reads", "--scopes", "all")["key"]

    with Ledger(pooled, clients=4) as ledger, Readers(pooled, key) as readers:
        eventually(lambda: len(ledger.acknowledged) > 50, "deliveries")
        eventually(lambda: min(readers.answers[path, 200] for path in SHOWN) >= 20, "answers")
        eventually(lambda: pooler.connections("wharf_read") > 1, "several connections")
    eventually(lambda: caught_up(database), "the views")

    assert {200} == set(ledger.answers)
    assert 0 == ledger.lost(database)
    assert {200} == {status for _, status in readers.answers}
    assert [] == verify(database, INBOX).differences
    signed_in_and_commanding(pooled)
    looked_after(pooled, key)
    web.end()
    worker.end()
    assert (0, 0) == (web.exit_code(), worker.exit_code())
    assert "Traceback" not in web.said() + worker.said()


class Readers:
    """Ask for everything again and again, each over a connection of its own."""

    def __init__(self, place: Place, key: str) -> None:
        self._place, self._key = place, key
        self._ending = threading.Event()
        self._pool = ThreadPoolExecutor(READERS)
        self._lock = threading.Lock()
        self.answers: Counter[tuple[str, int]] = Counter()

    def __enter__(self) -> "Readers":
        self._all = [self._pool.submit(self._run) for _ in range(READERS)]
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        self._pool.shutdown()
        for each in self._all:
            each.result()

    def _run(self) -> None:
        with asking(self._place, {"X-Api-Key": self._key}) as client:
            while not self._ending.is_set():
                for path in SHOWN:
                    status = client.get(f"/api/whatsapp/{path}").status_code
                    with self._lock:
                        self.answers[path, status] += 1


def asking(place: Place, headers: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(base_url=place.url, headers=headers, trust_env=False, timeout=GUARD_S)


def signed_in_and_commanding(place: Place) -> None:
    """A person's session, and commands that decide on what they have read."""
    link = place.says("users", "add", "ana", "--role", "admin")["link"]
    with asking(place) as client:
        entered = client.post("/sign-in", data={"token": link.partition("token=")[2]})
        assert 303 == entered.status_code
        token = client.get("/api/whatsapp/session/").json()["csrf_token"]
        headers = {"X-CSRF-Token": token}
        (conversation, *_) = client.get("/api/whatsapp/conversations/?limit=1").json()[
            "conversations"
        ]
        path = f"/api/whatsapp/conversations/{conversation['id']}"
        position = 0
        for number in range(8):
            noted = client.post(f"{path}/notes/", json={"body": f"note {number}"}, headers=headers)
            assert 201 == noted.status_code, noted.text
            position = noted.json()["position"]
        wish = {"conversation_id": conversation["id"]}
        read = client.post("/api/whatsapp/mark-read/", json=wish, headers=headers)
        assert 200 == read.status_code, read.text
        notes = client.get(f"{path}/notes/", params={"min_position": position}).json()
        assert 8 == len(notes["notes"])
        assert 200 == client.get("/inbox").status_code


def looked_after(place: Place, key: str) -> None:
    """Rebuilds, the past and comparisons need a session: those go past the pooler."""
    with asking(place, {"X-Api-Key": key}) as client:
        assert 202 == client.post("/api/admin/projections/stats/rebuild/").status_code
        eventually(lambda: of(client, "stats")["version"] == 2, "the rebuild")
        (one, *_) = client.get("/api/whatsapp/conversations/?limit=1").json()["conversations"]
        past = client.get(f"/api/whatsapp/conversations/{one['id']}/?as_of={one['id']}")
        assert 200 == past.status_code, past.text
        assert 200 == client.get("/metrics").status_code


def of(client: httpx.Client, view: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/admin/projections/{view}/").json()
    return found


def test_after_the_server_is_back_webhooks_are_taken_again(pooled: Place, database: str) -> None:
    """All sessions behind the pooler end at once; its clients find out with their next question."""
    web = pooled.start("serve")
    pooled.until_ready(web)
    assert 200 == post(pooled, delivery())

    rows(database, ALL_ENDED)

    eventually(lambda: post(pooled, delivery()) == 200, "a delivery")
    pooled.until_ready(web)


def test_the_doctor_says_who_signs_in_there_and_that_limits_hold(pooler: Pooler) -> None:
    (found,) = look_at_pooler(pooler.url)

    assert ("ok", "signs in as three roles, each with its limits") == (found.state, found.told)


def test_a_role_without_limits_is_wrong(pooler: Pooler, database: str) -> None:
    name = sql.Identifier(str(conninfo_to_dict(database)["dbname"]))
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(sql.SQL("alter role wharf_read in database {} reset all").format(name))

    (found,) = look_at_pooler(pooler.url)

    assert ("wrong", "run `wharf schema apply`") == (found.state, found.todo)


def test_a_pooler_that_is_away_is_wrong() -> None:
    (found,) = look_at_pooler("postgresql://127.0.0.1:1/wharf")

    assert "wrong" == found.state
    assert "wharf_write" in found.told
