"""What the log says of a delivery's items, and of the delivery as a whole."""

import pytest

from events.append import append
from tests.events.given import Conn, a_delivery, an_event, deliveries, delivery_items, names, rows


def item(delivery: int, pointer: str, outcome: str, position: int | None) -> dict[str, object]:
    return {
        "delivery_id": delivery,
        "pointer": pointer,
        "outcome": outcome,
        "position": position,
        "reason": None,
    }


async def test_a_delivery_of_1000_items_is_stored_whole_and_in_order(
    database: str, log: Conn
) -> None:
    pointers = [f"/entry/0/changes/0/value/messages/{number}" for number in range(1_000)]
    batch = [(0, an_event(pointer, pointer=pointer)) for pointer in pointers]

    answer = await append(log, batch, [a_delivery(b"a thousand")])

    assert list(range(1, 1_001)) == answer.positions
    assert pointers == await names(log)
    assert pointers == [
        row["pointer"] for row in rows(database, "select pointer from log.events order by position")
    ]
    assert [] == delivery_items(database)


async def test_an_item_that_another_delivery_brought_is_noted_as_its_duplicate(
    database: str, log: Conn
) -> None:
    await append(log, [(0, an_event("message", pointer="/0"))], [a_delivery(b"first")])

    batch = [(0, an_event("message", pointer="/7")), (0, an_event("new", pointer="/8"))]
    await append(log, batch, [a_delivery(b"second")])

    assert [item(2, "/7", "duplicate", 1)] == delivery_items(database)
    assert ["message", "new"] == await names(log)


async def test_an_item_with_the_same_key_and_other_content_is_noted_as_such(
    database: str, log: Conn
) -> None:
    said: dict[str, object] = {"raw": {"text": "yes", "at": "1"}}
    await append(log, [(0, an_event("message", data=said, pointer="/0"))], [a_delivery(b"first")])

    other = an_event("message", data={"raw": {"text": "no", "at": "1"}}, pointer="/0")
    same = an_event("message", data={"raw": {"at": "1", "text": "yes"}}, pointer="/1")
    await append(log, [(0, other), (0, same)], [a_delivery(b"second")])

    assert [
        item(2, "/0", "duplicate with other content", 1),
        item(2, "/1", "duplicate", 1),
    ] == delivery_items(database)
    assert ["yes"] == await names(log)


async def test_content_is_what_was_sent_not_what_we_made_of_it(database: str, log: Conn) -> None:
    """A later release may translate the same item otherwise; that is no other content."""
    sent = {"text": "yes"}
    early = an_event("message", data={"raw": sent, "body": "yes"}, pointer="/0")
    await append(log, [(0, early)], [a_delivery(b"first")])

    late = an_event("message", data={"raw": sent, "body": "yes", "new": 1}, pointer="/0")
    await append(log, [(0, late)], [a_delivery(b"second")])

    assert [item(2, "/0", "duplicate", 1)] == delivery_items(database)


async def test_two_deliveries_of_one_batch_can_bring_the_same_item(
    database: str, log: Conn
) -> None:
    batch = [
        (0, an_event("message", pointer="/0")),
        (1, an_event("message", pointer="/0")),
        (1, an_event("message", data={"raw": {"text": "other"}}, pointer="/1")),
    ]

    answer = await append(log, batch, [a_delivery(b"first"), a_delivery(b"second")])

    assert [1, 1, 1] == answer.positions
    assert [
        item(2, "/0", "duplicate", 1),
        item(2, "/1", "duplicate with other content", 1),
    ] == delivery_items(database)
    assert ["stored", "duplicate"] == [row["outcome"] for row in deliveries(database)]


async def test_a_duplicate_without_a_delivery_is_noted_nowhere(database: str, log: Conn) -> None:
    await append(log, [(None, an_event("read"))])
    await append(log, [(None, an_event("read"))])

    assert [] == delivery_items(database)


async def test_ignored_items_are_kept_with_their_reason(database: str, log: Conn) -> None:
    ignored = [("/1", "no content"), ("/2", "not ours")]
    delivery = a_delivery(b"body", ignored=ignored)
    await append(log, [(0, an_event("message", pointer="/0"))], [delivery])

    assert [
        item(1, pointer, "ignored", None) | {"reason": reason} for pointer, reason in ignored
    ] == delivery_items(database)


@pytest.mark.parametrize("outcome", ["stored", "quarantined"])
@pytest.mark.parametrize(
    ("brings", "expected"),
    [(("new",), None), (("known", "new"), None), (("known",), "duplicate")],
    ids=["something new", "something new among what is known", "nothing new"],
)
async def test_a_delivery_is_a_duplicate_when_nothing_in_it_is_new(
    database: str, log: Conn, outcome: str, brings: tuple[str, ...], expected: str | None
) -> None:
    await append(log, [(None, an_event("known"))])

    batch = [(0, an_event(name, pointer=f"/{name}")) for name in brings]
    await append(log, batch, [a_delivery(b"body", outcome=outcome)])

    assert [expected or outcome] == [row["outcome"] for row in deliveries(database)]


async def test_a_delivery_with_nothing_to_record_is_ignored_not_a_duplicate(
    database: str, log: Conn
) -> None:
    await append(log, [], [a_delivery(b"nothing", outcome="ignored")])

    assert ["ignored"] == [row["outcome"] for row in deliveries(database)]


async def test_a_delivery_is_kept_byte_for_byte(database: str, log: Conn) -> None:
    body = bytes(range(256)) + b'{"text": "\\u0000 \\ud800"}'
    delivery = a_delivery(body)
    await append(log, [(0, an_event("message", pointer="/0"))], [delivery])

    (row,) = deliveries(database)

    assert {
        "id": 1,
        "body": body,
        "sha256": delivery.sha256,
        "signature": delivery.signature,
        "secret": "fingerprint",
        "received_at": delivery.received_at,
        "outcome": "stored",
        "attempts": 1,
        "last_attempt_at": delivery.received_at,
    } == {name: value for name, value in row.items() if name != "key"}
    assert delivery.key == row["key"].hex
