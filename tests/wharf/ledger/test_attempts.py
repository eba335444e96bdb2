"""POSTs that were not taken, and handshakes: listed by their reason, without their content."""

from typing import Any

import httpx
import pytest

from tests.wharf.ledger.desk import Desk
from tests.write_side.posting import PATH, TOKEN, Store, delivery, eventually
from write_side.signature import sign

RIGHT = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"}


async def until_listed(desk: Desk, path: str, count: int) -> dict[str, Any]:
    """They are written off the hot path, so a moment later."""
    found: dict[str, Any] = {}

    async def there() -> bool:
        found.update(await desk.ask(path))
        return bool(found["count"] == count)

    await eventually(there)
    return found


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "there is no X-Hub-Signature-256"),
        (["sha256=" + "0" * 64] * 2, "there are several X-Hub-Signature-256"),
        (["sha1=0"], "the signature is not sha256= and 64 lower-case hex digits"),
        (["é"], "the signature is not sha256= and 64 lower-case hex digits"),
        (["sha256=" + "0" * 64], "no secret that is set here signs these bytes so"),
    ],
)
async def test_a_post_with_a_wrong_signature_is_listed_with_what_is_wrong(
    desk: Desk, headers: list[str], reason: str
) -> None:
    body = delivery()
    named = [(b"X-Hub-Signature-256", value.encode()) for value in headers]
    answer = await desk.client.post(PATH, content=body, headers=named)

    listed = await until_listed(desk, "deliveries/refused/", 1)

    assert 401 == answer.status_code
    assert "signature is not right" in answer.text
    (refused,) = listed["refused"]
    assert (reason, len(body)) == (refused["reason"], refused["body_bytes"])
    assert refused["at"].endswith("Z")
    assert [{"reason": reason, "this_hour": 1, "last_day": 1, "last_30_days": 1}] == listed[
        "counts"
    ]


async def test_other_reasons_not_to_take_a_post_are_listed_too(desk: Desk) -> None:
    await desk.client.post(PATH, content=b"", headers={"Content-Length": "99999999"})
    await desk.client.post(PATH, content=b"", headers={"Content-Length": "x"})

    listed = await until_listed(desk, "deliveries/refused/", 2)

    assert [("the content length is not a number", None), ("the body is over 3 MiB", None)] == [
        (one["reason"], one["body_bytes"]) for one in listed["refused"]
    ]


HANDSHAKES = {
    "verified": RIGHT,
    "no parameters at all": {},
    "hub.mode is missing": {"x": "1"},
    "hub.mode is not subscribe": {**RIGHT, "hub.mode": "x"},
    "hub.verify_token is missing": {"hub.mode": "subscribe", "hub.challenge": "1"},
    "hub.challenge is missing": {"hub.mode": "subscribe", "hub.verify_token": TOKEN},
    "hub.verify_token is not the one that is set here": {**RIGHT, "hub.verify_token": "mine"},
    "hub.challenge is too long": {**RIGHT, "hub.challenge": "x" * 5_000},
}


async def test_each_handshake_is_listed_with_its_exact_reason(desk: Desk) -> None:
    for query in HANDSHAKES.values():
        await desk.client.get(PATH, params=query)
    await desk.client.get(f"{PATH}?hub.mode=subscribe&hub.mode=subscribe")
    reasons = [*HANDSHAKES, "a parameter is given twice"]

    listed = await until_listed(desk, "handshakes/", len(reasons))

    newest_first = reasons[::-1]
    assert newest_first == [one["reason"] for one in listed["handshakes"]]
    assert [r == "verified" for r in newest_first] == [
        one["verified"] for one in listed["handshakes"]
    ]
    assert sorted(reasons) == sorted(count["reason"] for count in listed["counts"])


async def test_nothing_that_was_sent_is_stored(desk: Desk, store: Store) -> None:
    secret = "only-the-sender-knows-this"
    query = {"hub.mode": secret, "hub.verify_token": secret, "hub.challenge": secret, secret: "1"}
    await desk.client.get(PATH, params=query)
    await desk.client.get(PATH, params={**RIGHT, "hub.verify_token": secret})
    signature = sign(secret, b"")
    await desk.client.post(
        PATH, content=secret.encode(), headers={"X-Hub-Signature-256": signature}
    )
    await until_listed(desk, "handshakes/", 2)
    await until_listed(desk, "deliveries/refused/", 1)

    written = str(
        store.rows("select a::text from ops.attempts a")
        + store.rows("select c::text from ops.attempt_counts c")
    )

    assert secret not in written
    assert signature.removeprefix("sha256=") not in written


async def test_the_network_is_kept_and_not_the_address(desk: Desk) -> None:
    networks = {
        "203.0.113.77": "203.0.113.0/24",
        "2001:db8:1:2::7": "2001:db8:1::/48",
        "a name": None,
    }
    app = desk.app
    for address in networks:
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get(PATH)

    listed = await until_listed(desk, "handshakes/", len(networks))

    assert list(networks.values()) == [one["network"] for one in listed["handshakes"]][::-1]


async def test_pages_show_each_attempt_once_both_ways(desk: Desk) -> None:
    for query in HANDSHAKES.values():
        await desk.client.get(PATH, params=query)
    await until_listed(desk, "handshakes/", len(HANDSHAKES))

    first = await desk.ask("handshakes/", limit=5)
    second = await desk.ask("handshakes/", limit=5, cursor=first["next_cursor"])
    back = await desk.ask("handshakes/", limit=5, cursor=second["prev_cursor"])

    shown = [one["id"] for one in first["handshakes"] + second["handshakes"]]
    assert sorted(set(shown), reverse=True) == shown
    assert len(HANDSHAKES) == len(shown)
    assert first["handshakes"] == back["handshakes"]


async def test_a_cursor_of_one_list_is_none_of_the_other(desk: Desk) -> None:
    for _ in range(2):
        await desk.client.get(PATH)
        await desk.client.post(PATH)
    await until_listed(desk, "handshakes/", 2)
    cursor = (await desk.ask("handshakes/", limit=1))["next_cursor"]

    answer = await desk.get("deliveries/refused/", cursor=cursor)

    assert (400, "cursor-mismatch") == (answer.status_code, answer.json()["code"])
