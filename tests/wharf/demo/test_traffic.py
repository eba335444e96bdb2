import json
from datetime import UTC, datetime, timedelta

import msgspec

from events.catalogue import CATALOGUE
from wharf.demo.cast import EVERYBODY
from wharf.demo.script import Item
from wharf.demo.traffic import Post, a_day
from write_side.translation.delivery import translate

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = a_day(START)


def items_of(posts: list[Post]) -> list[Item]:
    """Every item, as often as it is sent."""
    return [item for post in posts for item in post.items]


def test_the_same_start_and_seed_give_the_same_bytes() -> None:
    assert [post.body for post in DAY] == [post.body for post in a_day(START)]


def test_another_start_or_seed_gives_other_message_ids() -> None:
    def ids(posts: list[Post]) -> set[object]:
        return {item.payload["id"] for item in items_of(posts) if "id" in item.payload}

    assert not ids(DAY) & ids(a_day(START + timedelta(minutes=1)))
    assert not ids(DAY) & ids(a_day(START, seed=2))


def test_every_kind_of_item_is_there() -> None:
    kinds = {item.kind for item in items_of(DAY)}

    messages = "text image video audio document sticker location contacts interactive button order"
    changes = "reaction edit revoke system unsupported hologram"
    assert {f"message {type_}" for type_ in f"{messages} {changes}".split()} <= kinds
    statuses = "sent delivered read played failed deleted"
    assert {f"status {status}" for status in statuses.split()} <= kinds
    assert {"user_actions", "field smb_message_echoes", "field field_of_the_future"} <= kinds


def test_every_item_is_understood_by_the_service() -> None:
    types = set()
    for post in DAY:
        events = translate(post.body, START).events
        assert len(post.items) == len(events)
        for event in events:
            CATALOGUE[event.type].model_validate_json(msgspec.json.encode(event.data))
            types.add(event.type)

    messages = {
        "MessageReceived",
        "MessageSent",
        "MessageEdited",
        "MessageRevoked",
        "ReactionChanged",
    }
    others = {"StatusChanged", "ContactIdentityChanged", "TemplateChanged", "UserActionReported"}
    assert messages | others | {"UnrecognisedChange"} == types


def test_repeated_deliveries_bring_nothing_new() -> None:
    def keys(posts: list[Post]) -> set[str]:
        return {event.dedupe for post in posts for event in translate(post.body, START).events}

    assert {"same bytes", "another batch"} <= {post.again for post in DAY}
    assert keys(DAY) == keys([post for post in DAY if post.again is None])


def test_there_are_batches_over_both_numbers_and_single_items() -> None:
    entries = [json.loads(post.body)["entry"] for post in DAY]

    assert 1 in {len(post.items) for post in DAY}
    assert 2 in {len(entry) for entry in entries}
    assert any(len(post.items) > 2 for post in DAY)


def test_steps_of_one_message_come_in_and_out_of_order() -> None:
    order: dict[object, list[object]] = {}
    for item in items_of([post for post in DAY if post.again is None]):
        if item.key == "statuses":
            order.setdefault(item.payload["id"], []).append(item.payload["status"])

    assert ["sent", "delivered", "read"] in order.values()
    assert any("read" in steps and steps.index("read") < steps.index("sent")
               for steps in order.values() if "sent" in steps)  # fmt: skip


def test_somebody_has_no_phone_number() -> None:
    assert any(customer.phone is None and customer.user_id for customer in EVERYBODY)


def test_bodies_are_escaped_as_meta_escapes_them() -> None:
    assert all(post.body.isascii() for post in DAY)
    assert not any(b"/" in post.body.replace(b"\\/", b"") for post in DAY)
    assert any(rb"\ud83e\udd56" in post.body for post in DAY)


def test_the_day_lies_between_its_start_and_six_hours_and_a_half_later() -> None:
    times = [item.at for item in items_of(DAY)]

    assert min(times) >= START.timestamp()
    assert max(times) <= (START + timedelta(hours=6, minutes=30)).timestamp()
