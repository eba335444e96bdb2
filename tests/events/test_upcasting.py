"""`log.current` gives every event in its latest shape, or says that it can't."""

import psycopg
import pytest

from events.append import append
from events.read import head, read_after
from tests.events.given import START, Conn, an_event, append_named, rows


async def test_an_event_of_the_latest_version_is_left_as_it_was_stored(
    database: str, log: Conn
) -> None:
    data: dict[str, object] = {"raw": {"n": 1, "list": [None, "x"]}, "text": "hola"}
    await append(log, [(None, an_event("current", data=data))])

    assert [data] == [event.data for event in await read_after(log, START, 9)]
    assert [{"same": True}] == rows(
        database,
        "select e.data = c.data and e.version = c.version as same"
        "  from log.events e join log.current c using (position)",
    )


async def test_an_older_version_that_nobody_can_lift_is_an_error_not_a_gap(log: Conn) -> None:
    await append_named(log, "first")
    await append(log, [(None, an_event("of old", version=0))])

    with pytest.raises(
        psycopg.DatabaseError, match="no upcaster for MessageReceived version 0"
    ) as e:
        await read_after(log, START, 9)

    assert "WH002" == e.value.sqlstate
    assert 2 == await head(log)


async def test_an_upcaster_lifts_what_is_old_and_nothing_else(database: str, log: Conn) -> None:
    """With a second version of one type, as a release to come will have it."""
    await append(log, [(None, an_event("old", data={"text": "x"}))])
    await append(log, [(None, an_event("new", data={"body": "x"}, version=2))])
    with psycopg.connect(database) as conn:
        conn.execute(
            "create or replace function log.latest_version(p_type text) returns smallint"
            " language sql immutable return 2::smallint"
        )
        conn.execute(
            "create or replace function log.upcast(p_type text, p_version smallint, p_data jsonb)"
            " returns jsonb language sql immutable"
            " return jsonb_build_object('body', p_data -> 'text')"
        )
        lifted = conn.execute("select version, data from log.current order by position").fetchall()
        conn.rollback()

    assert [(2, {"body": "x"})] * 2 == lifted
    assert [{"data": {"text": "x"}}, {"data": {"body": "x"}}] == rows(
        database, "select data from log.events order by position"
    )
