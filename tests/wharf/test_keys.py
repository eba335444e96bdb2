"""API keys: made once, shown once, checked in constant time, and gone when revoked."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection, Connection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from typing_extensions import override

from events.database import as_role, connect
from tests.write_side.posting import GUARD_S
from wharf import keyring, primary
from wharf.keyring import Keyring
from wharf.keys import KeyRefused, Limits, NewKey, create_key, list_keys, revoke_key
from wharf.last_uses import LastUses
from wharf.primary import AccessUnavailable
from wharf.scopes import NUMBERED_SCOPES, SCOPES

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]


@pytest.fixture
def owner(database: str) -> Iterator[Connection[Any]]:
    with connect(database, "wharf_owner") as conn:
        yield conn


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    found: Pool = AsyncConnectionPool(
        as_role(database, "wharf_write"), min_size=0, max_size=2, timeout=GUARD_S, open=False,
        kwargs={"autocommit": True},
    )  # fmt: skip
    async with found:
        yield found


async def test_a_new_key_opens_what_its_scopes_say(owner: Connection[Any], pool: Pool) -> None:
    new = create_key(owner, "reports", ["stats:read", "messages:read", "stats:read"])

    key = await Keyring(pool).check(new.token)

    assert key is not None
    assert ("reports", ["messages:read", "stats:read"]) == (key.name, sorted(key.granted))


async def test_all_is_every_scope(owner: Connection[Any], pool: Pool) -> None:
    new = create_key(owner, "me", ["all"])

    key = await Keyring(pool).check(new.token)

    assert key is not None
    assert key.granted == SCOPES
    assert ("all",) == new.scopes


def test_the_secret_is_stored_nowhere(owner: Connection[Any]) -> None:
    new = create_key(owner, "reports", ["all"])
    _, _, secret = new.token.split("_", 2)

    (row,) = owner.execute("select k::text from ops.api_keys k").fetchall()

    assert 43 == len(secret)
    assert secret not in row[0]
    assert secret.encode().hex() not in row[0]


def test_no_two_keys_are_alike(owner: Connection[Any]) -> None:
    made = [create_key(owner, "same name", ["all"]) for _ in range(20)]

    assert 20 == len({key.id for key in made}) == len({key.token for key in made})
    assert [key.id for key in made] == [key.id for key in list_keys(owner)]


@pytest.mark.parametrize(
    ("name", "scopes", "expires_in"),
    [
        ("", ["all"], None),
        (" ", ["all"], None),
        ("a\nb", ["all"], None),
        ("x", [], None),
        ("x", ["messages:write"], None),
        ("x", ["all", "everything"], None),
        ("x", ["all"], timedelta(seconds=-1)),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    owner: Connection[Any], name: str, scopes: list[str], expires_in: timedelta | None
) -> None:
    expires_at = datetime.now(UTC) + expires_in if expires_in else None

    with pytest.raises(KeyRefused):
        create_key(owner, name, scopes, Limits(expires_at))

    assert [] == list_keys(owner)


def damaged(new: NewKey) -> list[str]:
    """Everything near a good token that is none."""
    token = new.token
    other = "A" if token[-1] != "A" else "B"
    return [
        "", "wharf", "wharf__", token[:-1], token + "A", token[:-1] + other, token.upper(),
        f"wharf_{'0' * 12}_{token[-43:]}", " " + token, token + "\n",
        token.replace("wharf", "whorf"),
        f"wharf_{new.id}_{'é' * 43}", "\0", f"wharf_{new.id}_" + "A" * 43,
    ]  # fmt: skip


async def test_nothing_but_the_token_itself_opens(owner: Connection[Any], pool: Pool) -> None:
    new = create_key(owner, "reports", ["all"])
    keys = Keyring(pool)

    for token in damaged(new) * 2:
        assert await keys.check(token) is None
    assert await keys.check(new.token) is not None


async def test_a_revoked_key_is_good_no_more(owner: Connection[Any], pool: Pool) -> None:
    new = create_key(owner, "reports", ["all"])
    keys = Keyring(pool, remembered_s=0)
    assert await keys.check(new.token) is not None

    assert revoke_key(owner, new.id)

    assert await keys.check(new.token) is None
    assert not revoke_key(owner, new.id)
    assert not revoke_key(owner, "nobody")


async def test_a_key_ends_when_it_expires_also_while_it_is_remembered(
    owner: Connection[Any], pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Later(datetime):
        @classmethod
        @override
        def now(cls, tz: Any = None) -> "Later":
            return cls.fromtimestamp(datetime.now(UTC).timestamp() + 3601, tz)

    new = create_key(owner, "reports", ["all"], Limits(datetime.now(UTC) + timedelta(hours=1)))
    keys = Keyring(pool)
    assert await keys.check(new.token) is not None

    monkeypatch.setattr(keyring, "datetime", Later)

    assert await keys.check(new.token) is None


async def test_a_remembered_key_is_not_looked_up_again(owner: Connection[Any], pool: Pool) -> None:
    new = create_key(owner, "reports", ["all"])
    keys = Keyring(pool)
    await keys.check(new.token)

    await pool.close()

    assert await keys.check(new.token) is not None
    with pytest.raises(AccessUnavailable):
        await keys.check(f"wharf_{'0' * 12}_{'A' * 43}")


async def test_the_memory_is_bounded(
    owner: Connection[Any], pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(primary, "REMEMBERED_MAX", 2)
    made = [create_key(owner, "reports", ["all"]) for _ in range(4)]
    keys = Keyring(pool)
    for new in made:
        assert await keys.check(new.token) is not None

    assert 2 == len(keys._found)


async def test_a_restart_of_the_database_goes_unnoticed(
    owner: Connection[Any], pool: Pool, database: str
) -> None:
    new = create_key(owner, "reports", ["all"])
    keys = Keyring(pool, remembered_s=0)
    await keys.check(new.token)
    with psycopg.connect(database, autocommit=True) as superuser:
        superuser.execute(
            "select pg_terminate_backend(pid, 60000) from pg_stat_activity"
            " where application_name = 'wharf-write'"
        )

    assert await keys.check(new.token) is not None


@pytest.mark.parametrize(
    ("networks", "host", "good"),
    [
        ((), None, True),
        (("192.0.2.0/24",), "192.0.2.77", True),
        (("192.0.2.0/24",), "192.0.3.77", False),
        (("192.0.2.0/24",), "::ffff:192.0.2.77", True),
        (("192.0.2.0/24", "2001:db8::/32"), "2001:db8::1", True),
        (("192.0.2.7",), "192.0.2.7", True),
        (("192.0.2.7",), "unix", False),
        (("192.0.2.7",), None, False),
    ],
)
async def test_a_key_is_used_from_its_networks_alone(
    owner: Connection[Any], pool: Pool, networks: tuple[str, ...], host: str | None, good: bool
) -> None:
    new = create_key(owner, "reports", ["all"], Limits(networks=networks))

    key = await Keyring(pool).check(new.token)

    assert key is not None
    assert good == key.comes_from(host)


async def test_a_key_for_some_numbers_has_no_scope_that_shows_others(
    owner: Connection[Any], pool: Pool
) -> None:
    new = create_key(owner, "shop", ["all"], Limits(phone_number_ids=["2", "1", "2"]))

    key = await Keyring(pool).check(new.token)

    assert key is not None
    assert ["1", "2"] == key.phone_number_ids
    assert NUMBERED_SCOPES == key.granted
    with pytest.raises(KeyRefused, match="raw:read can't be limited"):
        create_key(owner, "shop", ["raw:read"], Limits(phone_number_ids=["1"]))


async def test_the_last_use_is_written_down_later(owner: Connection[Any], pool: Pool) -> None:
    new = create_key(owner, "reports", ["all"])
    uses = LastUses(pool)
    uses.note_key(new.id)
    assert [None] == [key.last_used_at for key in list_keys(owner)]

    await uses.write()
    (first,) = list_keys(owner)
    await uses.write()

    assert first.last_used_at is not None
    assert [first.last_used_at] == [key.last_used_at for key in list_keys(owner)]
