"""Users: added, removed and taken back, each let in by links that open once."""

import asyncio
from typing import Any

import pytest
from psycopg import AsyncConnection

from events.database import Pool
from wharf.sessions import Sessions
from wharf.users import (
    NameRefused,
    NoSuchUser,
    UserExists,
    add_user,
    list_users,
    local_link,
    new_link,
    remove_user,
    set_role,
)

Connection = AsyncConnection[Any]


async def test_a_link_opens_once(access_conn: Connection, access_pool: Pool) -> None:
    link = await add_user(access_conn, "ana", "agent")
    sessions = Sessions(access_pool)
    assert "ana" == await sessions.peek(link.token) == await sessions.peek(link.token)

    token = await sessions.sign_in(link.token, "Firefox on Linux")

    assert token is not None
    session = await sessions.check(token)
    assert session is not None
    assert ("ana", "agent") == (session.user_name, session.role)
    assert await sessions.sign_in(link.token, "Firefox on Linux") is None
    assert await sessions.peek(link.token) is None


async def test_of_two_who_come_with_one_link_at_once_one_gets_in(
    access_conn: Connection, access_pool: Pool
) -> None:
    link = await add_user(access_conn, "ana", "agent")
    sessions = Sessions(access_pool)

    tokens = await asyncio.gather(*[sessions.sign_in(link.token, "") for _ in range(8)])

    assert 7 == tokens.count(None)


async def test_a_link_is_good_for_its_time(access_conn: Connection, access_pool: Pool) -> None:
    link = await add_user(access_conn, "ana", "agent")
    sessions = Sessions(access_pool)
    await backdate(access_conn, "sign_in_links", "expires_at")

    assert await sessions.peek(link.token) is None
    assert await sessions.sign_in(link.token, "") is None


async def test_the_link_before_is_good_no_more(access_conn: Connection, access_pool: Pool) -> None:
    first = await add_user(access_conn, "ana", "agent")
    other = await add_user(access_conn, "luis", "agent")
    second = await new_link(access_conn, "ana")
    sessions = Sessions(access_pool)

    assert await sessions.sign_in(first.token, "") is None
    assert await sessions.sign_in(second.token, "") is not None
    assert await sessions.sign_in(other.token, "") is not None


async def test_what_is_shown_once_is_stored_nowhere(
    access_conn: Connection, access_pool: Pool
) -> None:
    link = await add_user(access_conn, "ana", "agent")
    stored = [await text(access_conn, "sign_in_links")]
    token = await Sessions(access_pool).sign_in(link.token, "Firefox on Linux")
    stored += [await text(access_conn, "sessions"), await text(access_conn, "users")]

    assert token is not None
    for secret in (link.token, token):
        assert all(secret not in row and secret.encode().hex() not in row for row in stored)


@pytest.mark.parametrize(
    "name", ["", "Ana", "ana souza", "ana\n", "añа", "a" * 65, "user:ana", "../ana", "\x00"]
)
async def test_a_name_that_could_be_mistaken_is_refused(access_conn: Connection, name: str) -> None:
    with pytest.raises(NameRefused):
        await add_user(access_conn, name, "agent")

    assert [] == await list_users(access_conn)


async def test_a_name_is_one_person_s(access_conn: Connection) -> None:
    await add_user(access_conn, "ana", "agent")

    with pytest.raises(UserExists):
        await add_user(access_conn, "ana", "admin")

    assert ["agent"] == [user.role for user in await list_users(access_conn)]


async def test_who_is_removed_is_out_and_can_come_back(
    access_conn: Connection, access_pool: Pool
) -> None:
    first = await add_user(access_conn, "ana", "admin")
    sessions, elsewhere = Sessions(access_pool), Sessions(access_pool, remembered_s=0)
    token = await sessions.sign_in(first.token, "")
    assert token is not None
    unused = await new_link(access_conn, "ana")

    await remove_user(access_conn, "ana")

    assert await elsewhere.check(token) is None
    assert await sessions.sign_in(unused.token, "") is None
    assert [True] == [user.removed_at is not None for user in await list_users(access_conn)]
    for refused in (new_link, remove_user):
        with pytest.raises(NoSuchUser):
            await refused(access_conn, "ana")
    with pytest.raises(NoSuchUser):
        await set_role(access_conn, "ana", "admin")

    again = await add_user(access_conn, "ana", "agent")
    assert await elsewhere.check(token) is None
    assert await sessions.sign_in(again.token, "") is not None
    (user,) = await list_users(access_conn)
    assert ("agent", None) == (user.role, user.removed_at)


async def test_a_role_changes_what_sessions_may_do(
    access_conn: Connection, access_pool: Pool
) -> None:
    link = await add_user(access_conn, "ana", "agent")
    sessions = Sessions(access_pool, remembered_s=0)
    token = await sessions.sign_in(link.token, "")
    assert token is not None
    before = await sessions.check(token)
    await set_role(access_conn, "ana", "admin")
    after = await sessions.check(token)

    assert before is not None
    assert after is not None
    assert (False, True) == ("keys:admin" in before.granted, "keys:admin" in after.granted)
    assert "conversations:write" in before.granted


async def test_the_person_at_this_machine_gets_another_link_at_each_start(
    access_conn: Connection, access_pool: Pool
) -> None:
    first, second = await local_link(access_conn), await local_link(access_conn)
    assert first is not None
    assert second is not None
    sessions = Sessions(access_pool)

    assert await sessions.sign_in(first.token, "") is None
    token = await sessions.sign_in(second.token, "")
    assert token is not None
    session = await sessions.check(token)
    assert session is not None
    assert ("local", "admin") == (session.user_name, session.role)

    await remove_user(access_conn, "local")
    assert await local_link(access_conn) is None, "it was somebody's decision"


async def backdate(conn: Connection, table: str, column: str) -> None:
    """As if a very long time had passed since."""
    async with await AsyncConnection.connect(conn.info.dsn, autocommit=True) as owner:
        statement = f"update ops.{table} set {column} = now() - interval '40 days'"
        await owner.execute("set role wharf_owner")
        await owner.execute(statement.encode())


async def text(conn: Connection, table: str) -> str:
    """All its rows as one text."""
    query = f"select string_agg(t::text, ' ') from ops.{table} t"
    row = await (await conn.execute(query.encode())).fetchone()
    assert row is not None
    return str(row[0])
