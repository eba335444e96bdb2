"""The log is append-only for everybody, its owner and the superuser too."""

from typing import Any, LiteralString, cast

import psycopg
import pytest

from events.append import append
from tests.events.given import Row, a_delivery, an_event, rows, writing

WHO: dict[str, LiteralString] = {
    "wharf_write": "set role wharf_write",
    "wharf_project": "set role wharf_project",
    "wharf_read": "set role wharf_read",
    "wharf_owner": "set role wharf_owner",
    "superuser": "reset role",
    "superuser as a replica": "set session_replication_role = replica",
}
CHANGES: list[LiteralString] = [
    "update log.events set data = '{}'",
    "update log.events set position = position + 10 where position = 1",
    "update log.events set stream = stream where false",
    "update log.current set stream = 'other'",
    "insert into log.events select * from log.events"
    " on conflict (position) do update set data = '{}'",
    "merge into log.events e using log.deliveries d on d.id = e.delivery_id"
    " when matched then delete",
    "delete from log.events",
    "delete from log.events where false",
    "truncate log.events",
    "update log.delivery_items set outcome = 'ignored'",
    "delete from log.delivery_items",
    "truncate log.delivery_items",
    "update log.deliveries set body = ''",
    "update log.deliveries set outcome = 'ignored', attempts = 2",
    "update log.deliveries set received_at = now()",
    "update log.deliveries set id = 9",
    "update log.deliveries set key = gen_random_uuid()",
    "update log.deliveries set sha256 = sha256('')",
    "update log.deliveries set signature = ''",
    "update log.deliveries set secret = ''",
    "delete from log.deliveries",
    "truncate log.deliveries",
    "truncate log.events, log.deliveries, log.delivery_items cascade",
]


def whole_log(url: str) -> list[list[Row]]:
    return [
        rows(url, cast("Any", f"select * from log.{table} t order by t"))
        for table in ("events", "deliveries", "delivery_items")
    ]


@pytest.mark.parametrize("who", WHO)
async def test_no_change_is_let_through(database: str, who: str) -> None:
    delivery = a_delivery(b"body", ignored=[("/1", "no content")])
    async with writing(database) as log:
        await append(log, [(0, an_event("message", pointer="/0"))], [delivery])
    before = whole_log(database)

    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(WHO[who])
        for change in CHANGES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(change)

    assert before == whole_log(database)


def test_only_the_counting_of_attempts_can_change_a_delivery(database: str) -> None:
    """What the triggers leave open is just what the append function needs."""
    columns = {
        row["attname"]
        for row in rows(
            database,
            "select attname from pg_attribute where attrelid = 'log.deliveries'::regclass"
            " and attnum > 0",
        )
    }
    guarded = {
        row["attname"]
        for row in rows(
            database,
            "select a.attname from pg_trigger t"
            "  join pg_attribute a on a.attrelid = t.tgrelid and a.attnum = any (t.tgattr)"
            " where t.tgname = 'deliveries_are_append_only'",
        )
    }

    assert {"attempts", "last_attempt_at"} == columns - guarded
