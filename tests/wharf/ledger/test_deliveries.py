"""The ledger: every delivery, how it ended, and what became of each of its items."""

import json
from hashlib import sha256
from typing import Any

import pytest

from tests.wharf.ledger.desk import Desk, desk_at
from tests.write_side.posting import SECRET, Store, delivery, with_items
from write_side.signature import app_secrets

FINGERPRINT = app_secrets([SECRET])[0].fingerprint
TEXT = {"from": "5511987654321", "timestamp": "1763000000", "type": "text"}
VALUE = "/entry/0/changes/0/value"


def text(wamid: str, body: str = "hola") -> dict[str, Any]:
    return {**TEXT, "id": wamid, "text": {"body": body}}


async def test_a_delivery_says_when_it_came_what_it_was_and_who_signed_it(desk: Desk) -> None:
    body = delivery()
    await desk.got(body, body)

    (listed,) = (await desk.ask("deliveries/"))["deliveries"]
    shown = await desk.ask(f"deliveries/{listed['id']}/")

    times = {"received_at": listed["received_at"], "last_attempt_at": listed["last_attempt_at"]}
    assert all(time.endswith("Z") for time in times.values())
    common = {
        "id": 1,
        "outcome": "stored",
        "body_bytes": len(body),
        "sha256": sha256(body).hexdigest(),
        "signature": {"verified": True, "secret": FINGERPRINT},
        "attempts": 2,
        **times,
    }
    counts = {"stored": 1, "quarantined": 0, "duplicate": 0, "ignored": 0}
    assert {**common, "items": counts} == listed
    assert shown == {
        **common,
        "items": [
            {
                "pointer": f"{VALUE}/messages/0",
                "outcome": "stored",
                "reason": None,
                "event_position": 1,
                "event_type": "MessageReceived",
                "other_content": False,
                "resolved_by": [],
            }
        ],
        "position": 1,
    }


async def test_each_item_ends_as_stored_duplicate_ignored_or_quarantined(desk: Desk) -> None:
    await desk.got(with_items(text("wamid.a"), text("wamid.b")))
    broken = {"type": "text"}
    await desk.got(with_items(text("wamid.a"), broken, text("wamid.b", "adios"), text("wamid.c")))
    await desk.got(with_items())

    mixed, empty = [(await desk.ask(f"deliveries/{id_}/"))["items"] for id_ in (2, 3)]

    assert [
        (f"{VALUE}/messages/0", "duplicate", 1, False),
        (f"{VALUE}/messages/1", "quarantined", 3, False),
        (f"{VALUE}/messages/2", "duplicate", 2, True),
        (f"{VALUE}/messages/3", "stored", 4, False),
    ] == [
        (item["pointer"], item["outcome"], item["event_position"], item["other_content"])
        for item in mixed
    ]
    assert mixed[1]["reason"]
    assert [("/entry/0/changes/0", "ignored", None)] == [
        (item["pointer"], item["outcome"], item["event_position"]) for item in empty
    ]
    assert "no messages, statuses or other items" == empty[0]["reason"]


async def test_what_is_kept_but_not_understood_says_so(desk: Desk) -> None:
    change = {"field": "brand_new", "value": {"x": 1}}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    await desk.got(json.dumps(body).encode())

    (item,) = (await desk.ask("deliveries/1/"))["items"]

    assert ("stored", "UnrecognisedChange") == (item["outcome"], item["event_type"])
    assert "kept, but not understood: brand_new" == item["reason"]


async def test_items_stand_in_the_order_of_the_post(desk: Desk) -> None:
    await desk.got(with_items(*[text(f"wamid.{n}") for n in range(12)]))

    items = (await desk.ask("deliveries/1/"))["items"]

    assert [f"{VALUE}/messages/{n}" for n in range(12)] == [item["pointer"] for item in items]


@pytest.fixture
async def five(desk: Desk) -> Desk:
    """Stored, a duplicate, ignored, quarantined, stored."""
    await desk.got(
        with_items(text("wamid.a")),
        with_items(text("wamid.a")) + b" ",
        with_items(),
        b"rubbish",
        with_items(text("wamid.b")),
    )
    return desk


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"sort": "received_at"}, [1, 2, 3, 4, 5]),
        ({"limit": 2}, [5, 4]),
        ({"outcome": "stored"}, [5, 1]),
        ({"outcome": "duplicate"}, [2]),
        ({"outcome": "ignored"}, [3]),
        ({"outcome": "quarantined"}, [4]),
        ({"from": "2020-01-01", "to": "2020-01-02", "tz": "Europe/Madrid"}, []),
        ({"from": "2020-01-01"}, [5, 4, 3, 2, 1]),
        ({"to": "2020-01-01", "outcome": "stored"}, []),
    ],
)
async def test_each_parameter_narrows_the_list(
    five: Desk, query: dict[str, Any], expected: list[int]
) -> None:
    answer = await five.ask("deliveries/", **query)

    assert expected == [one["id"] for one in answer["deliveries"]]
    assert len(expected) == answer["count"]


async def test_pages_show_each_delivery_once_both_ways(five: Desk) -> None:
    first = await five.ask("deliveries/", limit=3)
    second = await five.ask("deliveries/", limit=3, cursor=first["next_cursor"])
    back = await five.ask("deliveries/", limit=3, cursor=second["prev_cursor"])

    assert ([5, 4, 3], [2, 1], [5, 4, 3]) == tuple(
        [one["id"] for one in answer["deliveries"]] for answer in (first, second, back)
    )
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        ({"outcome": "lost"}, 400, "outcome"),
        ({"sort": "id"}, 400, "sort"),
        ({"signature": "refused"}, 400, "signature"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, 400, "to"),
        ({"cursor": "x"}, 400, "cursor"),
    ],
)
async def test_what_is_not_understood_is_refused_by_name(
    five: Desk, query: dict[str, str], code: int, parameter: str
) -> None:
    answer = await five.get("deliveries/", **query)

    assert (code, parameter) == (answer.status_code, answer.json()["errors"][0]["parameter"])


@pytest.mark.parametrize("id_", ["0", "2", "x", "-1", "9" * 18, "9" * 19, "1%00"])
async def test_a_delivery_that_is_not_there_is_not_found(desk: Desk, id_: str) -> None:
    await desk.got(delivery())

    assert [404, 404] == [
        (await desk.get(f"deliveries/{id_}/{more}")).status_code for more in ("", "raw/")
    ]


async def test_the_ledger_takes_its_scope(store: Store) -> None:
    async with desk_at(store, ["messages:read", "raw:read"]) as desk:
        for path in ("deliveries/", "deliveries/1/", "deliveries/refused/", "handshakes/"):
            answer = await desk.get(path)

            assert (403, "events:read") == (answer.status_code, answer.json()["scope"])
