"""The ledger when the database restarts, or when attempts can't be written down."""

import asyncio

import psycopg

from tests.wharf.ledger.desk import Desk
from tests.write_side.posting import PATH, Store, client_for, delivery

END_ALL = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
    " and query not like '%%append%%'"
)


async def test_after_lost_connections_the_next_question_is_answered(
    desk: Desk, store: Store
) -> None:
    await desk.got(delivery())
    before = await asyncio.gather(*[desk.ask("deliveries/") for _ in range(3)])
    assert store.rows(END_ALL)[0][0] > 0

    answers = await asyncio.gather(*[desk.ask("deliveries/") for _ in range(3)])

    assert before == answers


async def test_after_lost_connections_the_next_command_is_carried_out(
    desk: Desk, store: Store
) -> None:
    await desk.got(delivery())
    before = await desk.reprocess(1)
    assert store.rows(END_ALL)[0][0] > 0

    assert before == await desk.reprocess(1)


async def test_what_can_not_be_written_down_holds_no_webhook_up(desk: Desk, store: Store) -> None:
    async with await psycopg.AsyncConnection.connect(store.url) as conn:
        await conn.execute("lock table ops.attempts in access exclusive mode")
        for _ in range(3):
            refused = await desk.client.post(PATH, content=b"unsigned")
            await desk.got(delivery())

            assert 401 == refused.status_code
        await conn.rollback()

    assert [(3,)] == store.rows("select count(*) from log.deliveries")


async def test_what_was_noted_is_written_when_the_service_stops(store: Store) -> None:
    async with client_for(store.url) as client:
        for _ in range(3):
            await client.post(PATH, content=b"unsigned")

    assert [(3, 3)] == store.rows(
        "select (select count(*) from ops.attempts), sum(count)::int from ops.attempt_counts"
    )
