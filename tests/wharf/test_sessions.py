"""Sessions: good on every process, for their time, until they are ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from typing_extensions import override

from events.database import Pool, writing_pool
from wharf import sessions as sessions_module
from wharf.last_uses import LastUses
from wharf.primary import AccessUnavailable
from wharf.sessions import GOOD_FOR, IDLE_FOR, Sessions
from wharf.users import add_user, hash_of, list_users

Connection = AsyncConnection[Any]


async def signed_in(conn: Connection, sessions: Sessions, name: str = "ana") -> str:
    """The token of a new session."""
    link = await add_user(conn, name, "agent")
    token = await sessions.sign_in(link.token, "Firefox on Linux")
    assert token is not None
    return token


async def test_a_session_is_good_on_every_process_and_after_a_restart(
    access_conn: Connection, access_pool: Pool, access_database: str
) -> None:
    token = await signed_in(access_conn, Sessions(access_pool))

    async with writing_pool(access_database, size_max=1) as pool:
        session = await Sessions(pool).check(token)

    assert session is not None
    assert "ana" == session.user_name


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 44, "é" * 43, "a" * 42 + "\n"])
async def test_nothing_but_the_token_itself_opens(
    access_conn: Connection, access_pool: Pool, token: str
) -> None:
    sessions = Sessions(access_pool)
    await signed_in(access_conn, sessions)

    assert await sessions.check(token) is None
    assert await sessions.peek(token) is None
    assert await sessions.sign_in(token, "") is None


@pytest.mark.parametrize(
    ("later", "good"),
    [
        (IDLE_FOR - timedelta(minutes=5), True),
        (IDLE_FOR + timedelta(minutes=5), False),
        (GOOD_FOR + timedelta(minutes=5), False),
    ],
)
async def test_a_session_ends_by_itself_also_while_it_is_remembered(
    access_conn: Connection,
    access_pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    later: timedelta,
    good: bool,
) -> None:
    class Later(datetime):
        @classmethod
        @override
        def now(cls, tz: Any = None) -> "Later":
            return cls.fromtimestamp((datetime.now(UTC) + later).timestamp(), tz)

    sessions = Sessions(access_pool)
    token = await signed_in(access_conn, sessions)
    assert await sessions.check(token) is not None

    monkeypatch.setattr(sessions_module, "datetime", Later)

    assert good == (await sessions.check(token) is not None)


async def test_a_session_that_is_used_lasts_its_thirty_days(
    access_conn: Connection, access_pool: Pool
) -> None:
    sessions = Sessions(access_pool, remembered_s=0)
    token = await signed_in(access_conn, sessions)
    await access_conn.execute(
        "update ops.sessions set last_used_at = now() - %s", (IDLE_FOR + timedelta(days=1),)
    )
    assert await sessions.check(token) is None

    uses = LastUses(access_pool)
    uses.note_session(hash_of(token))
    await uses.write()

    assert await sessions.check(token) is not None
    (user,) = await list_users(access_conn)
    assert user.last_used_at is not None


async def test_uses_are_written_at_the_end_and_when_the_database_is_back(
    access_conn: Connection,
    access_pool: Pool,
    access_database: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = await signed_in(access_conn, Sessions(access_pool))
    await access_conn.execute("update ops.sessions set last_used_at = now() - interval '1 day'")
    uses = LastUses(writing_pool(access_database, size_max=1))
    uses.note_session(hash_of(token))
    await uses.write()
    assert "not written down yet" in caplog.text

    uses._pool = access_pool
    await uses.start()
    await uses.stop()

    cursor = await access_conn.execute(
        "select last_used_at > now() - '1 hour'::interval from ops.sessions"
    )
    assert (True,) == await cursor.fetchone()


async def test_a_session_is_over_here_at_once_and_elsewhere_when_it_is_forgotten(
    access_conn: Connection, access_pool: Pool
) -> None:
    here, elsewhere = Sessions(access_pool), Sessions(access_pool, remembered_s=0)
    token = await signed_in(access_conn, here)
    session = await here.check(token)
    assert session is not None
    assert await elsewhere.check(token) is not None

    await here.end(session)

    assert await here.check(token) is None
    assert await elsewhere.check(token) is None


async def test_who_signs_in_sweeps_out_what_is_over(
    access_conn: Connection, access_pool: Pool
) -> None:
    sessions = Sessions(access_pool)
    await signed_in(access_conn, sessions, "ana")
    await access_conn.execute("update ops.sessions set last_used_at = now() - interval '8 days'")

    await signed_in(access_conn, sessions, "luis")

    cursor = await access_conn.execute("select user_name from ops.sessions")
    assert [("luis",)] == await cursor.fetchall()


async def test_a_restart_of_the_database_goes_unnoticed(
    access_conn: Connection, access_pool: Pool, access_database: str
) -> None:
    sessions = Sessions(access_pool, remembered_s=0)
    token = await signed_in(access_conn, sessions)
    with psycopg.connect(access_database, autocommit=True) as superuser:
        superuser.execute(
            "select pg_terminate_backend(pid, 60000) from pg_stat_activity"
            " where application_name = 'wharf-write' and datname = current_database()"
        )

    assert await sessions.check(token) is not None


async def test_a_database_that_is_away_is_no_refusal(access_database: str) -> None:
    not_open = writing_pool(access_database, size_max=1)

    with pytest.raises(AccessUnavailable):
        await Sessions(not_open).check("a" * 43)
