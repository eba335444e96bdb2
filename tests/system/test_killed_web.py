"""kill -9 of the web process under load: what was acknowledged is there."""

from collections.abc import Sequence

import psycopg
import pytest

from tests.system.ledger import Ledger
from tests.system.service import WHARF, Place, eventually, rows, variant

pytestmark = pytest.mark.slow

ENOUGH = 100
WAITING = """
select from pg_locks
 where relation = 'log.append_lock'::regclass and not granted
   and database = (select oid from pg_database where datname = current_database())
"""


def killed_twice(place: Place, database: str, command: Sequence[str]) -> Ledger:
    """Killed while a commit is held up, which is where an answer that is too early shows."""
    ledger = Ledger(place)
    process = place.up(command)
    with ledger:
        for _ in range(2):
            seen = len(ledger.acknowledged)
            eventually(lambda seen=seen: len(ledger.acknowledged) > seen + ENOUGH, "load")  # type: ignore[misc]
            with psycopg.connect(database) as holder:
                holder.execute("lock table log.append_lock in exclusive mode")
                eventually(lambda: rows(database, WAITING) != [], "a waiting append")
                process.kill()
            process = place.up(command)
    return ledger


def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(
    server_place: Place, database: str
) -> None:
    ledger = killed_twice(server_place, database, WHARF)

    assert 0 == ledger.lost(database)
    # On a busy machine the lock may be held for longer than an append waits for it.
    assert {200} <= set(ledger.answers) <= {200, 503}
    assert [(0, 0)] == rows(
        database,
        "select count(*) - count(distinct data ->> 'message_id'), count(*) - max(position)"
        "  from log.events",
    )


def test_a_service_that_answers_before_the_commit_is_caught_losing(
    server_place: Place, database: str
) -> None:
    """The control: a ledger that finds nothing here would find nothing anywhere."""
    ledger = killed_twice(server_place, database, variant("answers-early"))

    assert ledger.lost(database) > 0
