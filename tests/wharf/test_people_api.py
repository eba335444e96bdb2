"""Keys and users over HTTP: by those who may, and nobody gives away what they do not have."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from events.database import connect, connect_async
from tests.wharf.test_sign_in import browser, enter, link_for
from tests.write_side.posting import client_for, eventually
from wharf.keys import create_key
from wharf.scopes import SCOPES
from wharf.users import add_user

KEYS, USERS = "/api/whatsapp/keys/", "/api/whatsapp/users/"


@pytest.fixture
async def admin(access_database: str) -> AsyncIterator[httpx.AsyncClient]:
    with connect(access_database, "wharf_owner") as conn:
        token = create_key(conn, "admin", ["all"]).token
    async with client_for(access_database) as client:
        client.headers["X-Api-Key"] = token
        yield client


async def test_a_key_is_made_used_listed_and_revoked(admin: httpx.AsyncClient) -> None:
    wish = {"name": "warehouse", "scopes": ["messages:read"]}
    made = await admin.post(KEYS, json=wish)
    key = made.json()
    assert (201, "no-store") == (made.status_code, made.headers["Cache-Control"])
    assert key["key"].startswith(f"wharf_{key['id']}_")

    async def status() -> int:
        headers = {"X-Api-Key": key["key"]}
        return (await admin.get("/api/whatsapp/messages/", headers=headers)).status_code

    assert 200 == await status()
    listed = (await admin.get(KEYS)).json()
    assert (2, ["admin", "warehouse"]) == (listed["count"], [k["name"] for k in listed["keys"]])
    assert key["key"] not in json.dumps(listed)

    revoked = await admin.delete(f"{KEYS}{key['id']}/")
    assert (200, "revoked") == (revoked.status_code, revoked.json()["state"])
    again = await admin.delete(f"{KEYS}{key['id']}/")
    assert (404, "not-found") == (again.status_code, again.json()["code"])

    async def refused() -> bool:
        return await status() == 401

    await eventually(refused)


async def test_a_new_key_is_not_kept_for_whoever_asks_again(
    admin: httpx.AsyncClient, access_database: str
) -> None:
    wish = {"name": "once", "scopes": ["messages:read"]}
    made = await admin.post(KEYS, json=wish, headers={"Idempotency-Key": "k-1"})

    assert 201 == made.status_code
    with connect(access_database, "wharf_owner") as conn:
        assert [] == conn.execute("select answer from ops.idempotency_keys").fetchall()


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"name": "x", "scopes": ["messages:reed"]}, "/scopes"),
        ({"name": "x", "scopes": []}, "/scopes"),
        ({"name": " ", "scopes": ["all"]}, "/name"),
        ({"name": "x", "scopes": ["all"], "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"name": "x", "scopes": ["all"], "expires_at": "2040-01-01T00:00:00"}, "/expires_at"),
        ({"name": "x", "scopes": ["all"], "networks": ["192.0.2.7/24"]}, "/networks"),
        ({"name": "x", "scopes": ["all"], "networks": ["everywhere"]}, "/networks"),
        ({"name": "x", "scopes": ["all"], "phone_number_ids": [""]}, "/phone_number_ids"),
        ({"name": "x", "scopes": ["all"], "phone_number_ids": ["1 2"]}, "/phone_number_ids"),
        ({"name": "x", "scopes": ["raw:read"], "phone_number_ids": ["1"]}, "/scopes"),
        ({"name": "x", "scopes": ["all"], "admin": True}, "/admin"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused(
    admin: httpx.AsyncClient, wish: dict[str, Any], pointer: str
) -> None:
    answer = await admin.post(KEYS, json=wish)

    assert (422, "validation") == (answer.status_code, answer.json()["code"])
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


async def test_nobody_gives_away_what_they_do_not_have(
    admin: httpx.AsyncClient, access_database: str
) -> None:
    with connect(access_database, "wharf_owner") as conn:
        some = create_key(conn, "some", ["keys:admin", "messages:read", "conversations:read"])
    async with await connect_async(access_database, "wharf_write") as writer:
        await add_user(writer, "boss", "admin")
    admin.headers["X-Api-Key"] = some.token

    wishes: list[tuple[str, dict[str, Any] | None]] = [
        (KEYS, {"name": "x", "scopes": ["all"]}),
        (KEYS, {"name": "x", "scopes": ["messages:read", "pii:read"]}),
        (KEYS, {"name": "x", "scopes": ["all"], "phone_number_ids": ["1"]}),
        (USERS, {"name": "x", "role": "admin"}),
        (USERS, {"name": "x", "role": "agent"}),
        (f"{USERS}boss/link/", None),
    ]
    answers = [await admin.post(path, json=wish) for path, wish in wishes]

    assert [(403, "scope-missing")] * len(wishes) == [
        (answer.status_code, answer.json()["code"]) for answer in answers
    ]
    lesser = await admin.post(KEYS, json={"name": "x", "scopes": ["messages:read"]})
    assert 201 == lesser.status_code


async def test_a_user_is_added_gets_links_and_is_removed(
    admin: httpx.AsyncClient, access_database: str
) -> None:
    added = await admin.post(USERS, json={"name": "ana", "role": "agent"})
    assert (201, "ana") == (added.status_code, added.json()["name"])
    taken = await admin.post(USERS, json={"name": "ana", "role": "admin"})
    assert (409, "user-exists") == (taken.status_code, taken.json()["code"])
    other = (await admin.post(f"{USERS}ana/link/")).json()["link"]
    assert other.startswith("http://test/sign-in?token=")
    async with browser(access_database) as client:
        entered = [
            (await enter(client, link.partition("token=")[2])).status_code
            for link in (added.json()["link"], other)
        ]
        assert [403, 303] == entered

        assert {"name": "ana"} == (await admin.delete(f"{USERS}ana/")).json()

        async def is_out() -> bool:
            return (await client.get("/api/whatsapp/session/")).status_code == 401

        await eventually(is_out)
    (listed,) = (await admin.get(USERS)).json()["users"]
    assert ("ana", True) == (listed["name"], listed["removed_at"] is not None)
    for gone in (await admin.delete(f"{USERS}ana/"), await admin.post(f"{USERS}ana/link/")):
        assert (404, "not-found") == (gone.status_code, gone.json()["code"])


@pytest.mark.parametrize("name", ["Ana", "ana souza", "", "a" * 65, "ana\n"])
async def test_a_name_that_could_be_mistaken_is_refused(
    admin: httpx.AsyncClient, name: str
) -> None:
    answer = await admin.post(USERS, json={"name": name, "role": "agent"})

    assert (422, "/name") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_an_agent_sees_to_whom_to_assign_and_no_more(access_database: str) -> None:
    async with browser(access_database) as client:
        await enter(client, await link_for(access_database))
        session = (await client.get("/api/whatsapp/session/")).json()
        client.headers["X-CSRF-Token"] = session["csrf_token"]

        (user,) = (await client.get(USERS)).json()["users"]
        assert ("ana", None) == (user["name"], user["last_used_at"])
        answers = [
            await client.get(KEYS),
            await client.post(KEYS, json={"name": "x", "scopes": ["messages:read"]}),
            await client.post(USERS, json={"name": "x", "role": "agent"}),
            await client.post(f"{USERS}ana/link/"),
            await client.delete(f"{USERS}ana/"),
        ]

    assert [403] * 5 == [answer.status_code for answer in answers]


async def test_an_admin_makes_keys_by_session_with_the_token_of_the_session(
    access_database: str,
) -> None:
    async with browser(access_database) as client:
        await enter(client, await link_for(access_database, "boss", "admin"))
        csrf = (await client.get("/api/whatsapp/session/")).json()["csrf_token"]
        wish = {"name": "x", "scopes": sorted(SCOPES)}

        without = await client.post(KEYS, json=wish)
        made = await client.post(KEYS, json=wish, headers={"X-CSRF-Token": csrf})

    assert [403, 201] == [without.status_code, made.status_code]


async def test_a_form_can_remove_somebody_with_the_token_of_the_session(
    access_database: str,
) -> None:
    async with browser(access_database) as client:
        await enter(client, await link_for(access_database, "boss", "admin"))
        await link_for(access_database, "bea")
        csrf = (await client.get("/api/whatsapp/session/")).json()["csrf_token"]
        action = f"{USERS}bea/?_method=DELETE"

        without = await client.post(action, data={"next": "/team"})
        removed = await client.post(action, data={"next": "/team", "csrf_token": csrf})
        users = (await client.get(USERS)).json()["users"]

    assert [403, 303] == [without.status_code, removed.status_code]
    assert "/team" == removed.headers["Location"]
    assert ["boss"] == [user["name"] for user in users if user["removed_at"] is None]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{KEYS}?dry_run=true"),
        ("DELETE", f"{USERS}nobody/?_method=POST"),
        ("POST", "/api/whatsapp/mark-read/?conversation_id=1"),
        ("PATCH", "/api/whatsapp/notes/1/?min_position=1"),
    ],
)
async def test_what_is_asked_beside_a_command_is_refused(
    admin: httpx.AsyncClient, method: str, path: str
) -> None:
    """Or somebody would believe that it was only tried."""
    answer = await admin.request(method, path, json={})

    assert (400, "invalid-parameter") == (answer.status_code, answer.json()["code"])
    assert path.partition("?")[2].startswith(answer.json()["errors"][0]["parameter"])


async def test_an_expiry_is_kept_to(admin: httpx.AsyncClient) -> None:
    until = datetime.now(UTC) + timedelta(days=90)
    wish = {"name": "x", "scopes": ["messages:read"], "expires_at": until.isoformat()}

    made = (await admin.post(KEYS, json=wish)).json()

    assert until.isoformat(timespec="milliseconds").replace("+00:00", "Z") == made["expires_at"]
