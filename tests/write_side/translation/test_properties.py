"""Whatever a delivery looks like: one item, one event, in order, and never an exception."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.write_side.translation.given import (
    FIXTURES,
    NUMBER,
    RECEIVED_AT,
    checked,
    fixture,
    in_envelope,
    plain,
    text,
    with_messages,
)
from write_side.translation.delivery import translate
from write_side.translation.history import CHUNKS
from write_side.translation.routes import ARRAYS, WHOLE

pytestmark = pytest.mark.slow

NAMES = sorted(path.stem for path in (FIXTURES / "webhooks").glob("*.json"))


def items_of(name: str, kind: str) -> list[Any]:
    """The items of one kind in a fixture, however deep it puts them."""
    found: list[Any] = []
    for entry in json.loads(fixture(name))["entry"]:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else []:
            value = change.get("value") if isinstance(change, dict) else None
            items = value.get(kind) if isinstance(value, dict) else None
            found += items if isinstance(items, list) else []
    return found


MESSAGES = [item for name in NAMES for item in items_of(name, "messages")]
STATUSES = [item for name in NAMES for item in items_of(name, "statuses")]
# Chunks of history are many items each, and have a property of their own below.
OF_FIELDS = {
    (field, array): [item for name in NAMES for item in items_of(name, array)]
    for field, arrays in ARRAYS.items()
    for array in arrays
    if array != CHUNKS
}
IMPORTED = [
    message
    for name in NAMES
    for chunk in items_of(name, CHUNKS)
    if isinstance(chunk, dict)
    for thread in chunk.get("threads", [])
    if isinstance(thread, dict) and isinstance(thread.get("messages"), list)
    for message in thread["messages"]
]
ACCOUNT_KEYS = [
    *("event", "decision", "phone_number", "display_phone_number", "waba_info", "metadata"),
    *("phone_number_settings", "message_template_id", "message_template_name", "reason"),
    *("new_category", "previous_quality_score", "timestamp"),
]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(st.characters(), max_size=8)
)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
messages = st.sampled_from(MESSAGES) | junk
statuses = st.sampled_from(STATUSES) | junk
values = st.builds(
    lambda received, sent: {"metadata": NUMBER, "messages": received, "statuses": sent},
    st.lists(messages, max_size=4),
    st.lists(statuses, max_size=4),
)
batches = st.lists(
    st.lists(
        values.map(lambda value: {"field": "messages", "value": value}), min_size=1, max_size=3
    ),
    min_size=1,
    max_size=3,
).map(lambda entries: {"entry": [{"id": "1", "changes": changes} for changes in entries]})


def pointers(body: dict[str, Any]) -> Iterator[str]:
    """Where each item of a batch stands, in the order of the text."""
    for i, entry in enumerate(body["entry"]):
        for j, change in enumerate(entry["changes"]):
            for key in ("messages", "statuses"):
                for k in range(len(change["value"].get(key, []))):
                    yield f"/entry/{i}/changes/{j}/value/{key}/{k}"


@given(batches)
def test_every_item_of_any_batch_becomes_exactly_one_event_in_its_place(
    body: dict[str, Any],
) -> None:
    translation = checked(translate(json.dumps(body).encode(), RECEIVED_AT))

    assert list(pointers(body)) == [event.pointer for event in translation.events]


@given(st.sampled_from(NAMES), junk, st.data())
def test_a_wrong_type_at_any_place_raises_nothing_and_costs_no_neighbour(
    name: str, value: object, data: st.DataObject
) -> None:
    body = json.loads(fixture(name))
    place = data.draw(st.sampled_from(list(places(body))))
    broken = replaced(body, place, value)
    if "entry" in broken and isinstance(broken["entry"], list):
        neighbour = {"field": "messages", "value": {
            "metadata": NUMBER, "messages": [text("wamid.neighbour")],
        }}  # fmt: skip
        broken["entry"].append({"id": "1", "changes": [neighbour]})
    translation = checked(translate(json.dumps(broken).encode(), RECEIVED_AT))

    if isinstance(broken.get("entry"), list):
        assert "MessageReceived" == translation.events[-1].type
    else:
        assert "quarantined" == translation.outcome


@given(st.sampled_from(MESSAGES), junk, st.data())
def test_a_message_with_a_wrong_type_inside_is_still_one_event(
    message: object, value: object, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(list(places(message)) or [()]))
    body = with_messages(text("wamid.1"), replaced(message, place, value), text("wamid.3"))
    for careful in (False, True):
        events = checked(translate(body, RECEIVED_AT, careful=careful)).events

        assert ["wamid.1", "wamid.3"] == [plain(e)["data"]["message_id"] for e in events[::2]]
        assert len(events) == 3


@given(
    st.binary(max_size=40) | st.sampled_from(NAMES).map(fixture), st.binary(max_size=3), st.data()
)
def test_bytes_of_any_kind_raise_nothing(body: bytes, noise: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body)))
    translation = checked(translate(body[:at] + noise + body[at:], RECEIVED_AT))

    assert translation.events or translation.ignored


@given(batches, st.booleans())
def test_translation_is_deterministic(body: dict[str, Any], careful: bool) -> None:
    written = json.dumps(body).encode()
    first, second = (translate(written, RECEIVED_AT, careful=careful) for _ in range(2))

    assert list(map(plain, first.events)) == list(map(plain, second.events))
    assert (first.ignored, first.outcome) == (second.ignored, second.outcome)


@given(batches)
def test_the_quick_way_and_the_careful_way_agree(body: dict[str, Any]) -> None:
    written = json.dumps(body).encode()
    quick = translate(written, RECEIVED_AT)
    careful = translate(written, RECEIVED_AT, careful=True)

    assert list(map(plain, quick.events)) == list(map(plain, careful.events))


@given(st.data(), st.sampled_from(sorted(OF_FIELDS)))
def test_every_item_of_every_field_is_one_event_in_either_way(
    data: st.DataObject, place: tuple[str, str]
) -> None:
    field, array = place
    known = st.sampled_from(OF_FIELDS[place])
    items = data.draw(st.lists(known | broken(known) | junk, min_size=1, max_size=3))
    change = {"field": field, "value": {"metadata": NUMBER, array: items}}
    written = in_envelope(change)
    quick = checked(translate(written, RECEIVED_AT))
    careful = checked(translate(written, RECEIVED_AT, careful=True))

    expected = [f"/entry/0/changes/0/value/{array}/{k}" for k in range(len(items))]
    assert expected == [event.pointer for event in quick.events]
    assert list(map(plain, quick.events)) == list(map(plain, careful.events))


@given(st.sampled_from(sorted(WHOLE)), st.dictionaries(st.sampled_from(ACCOUNT_KEYS), junk))
def test_a_change_of_an_account_is_understood_whatever_its_keys_hold(
    field: str, value: dict[str, Any]
) -> None:
    written = in_envelope({"field": field, "value": value})
    [quick] = checked(translate(written, RECEIVED_AT)).events
    [careful] = checked(translate(written, RECEIVED_AT, careful=True)).events

    assert plain(quick) == plain(careful)
    # Numbers that jsonb refuses, and over-long ids, are all that can be wrong.
    assert quick.type in ("AccountUpdated", "TemplateChanged", "ItemQuarantined")


@given(st.data())
def test_every_message_of_a_history_is_one_event_after_its_chunk(data: st.DataObject) -> None:
    known = st.sampled_from(IMPORTED)
    messages = st.lists(known | broken(known) | junk, max_size=3)
    thread = messages.map(lambda sent: {"id": "5511999990001", "messages": sent})
    chunk = st.lists(thread, max_size=3).map(lambda threads: {"threads": threads})
    chunks = data.draw(st.lists(chunk, min_size=1, max_size=2))
    written = in_envelope({"field": "history", "value": {"metadata": NUMBER, CHUNKS: chunks}})
    quick = checked(translate(written, RECEIVED_AT))
    careful = checked(translate(written, RECEIVED_AT, careful=True))

    assert list(map(plain, quick.events)) == list(map(plain, careful.events))
    assert [event.pointer for event in quick.events] == list(places_in_history(chunks))


@given(st.data(), junk)
def test_both_ways_agree_on_a_history_that_is_broken_anywhere(
    data: st.DataObject, value: object
) -> None:
    chunks = items_of("history_chunk", CHUNKS)
    place = data.draw(st.sampled_from(list(places(chunks))))
    change = {
        "field": "history",
        "value": {"metadata": NUMBER, CHUNKS: replaced(chunks, place, value)},
    }
    written = in_envelope(change)
    quick = checked(translate(written, RECEIVED_AT))
    careful = checked(translate(written, RECEIVED_AT, careful=True))

    assert list(map(plain, quick.events)) == list(map(plain, careful.events))
    assert quick.events


@given(st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=4))
def test_an_item_has_the_same_key_in_another_batch(items: list[Any]) -> None:
    together = translate(with_messages(*items), RECEIVED_AT).events
    apart = [e for item in items for e in translate(with_messages(item), RECEIVED_AT).events]

    assert [(e.type, e.dedupe) for e in together if e.type != "ItemQuarantined"] == [
        (e.type, e.dedupe) for e in apart if e.type != "ItemQuarantined"
    ]


def places_in_history(chunks: list[dict[str, Any]]) -> Iterator[str]:
    """Where each chunk and each of its messages stands."""
    for c, chunk in enumerate(chunks):
        here = f"/entry/0/changes/0/value/{CHUNKS}/{c}"
        yield here
        for t, thread in enumerate(chunk["threads"]):
            for m in range(len(thread["messages"])):
                yield f"{here}/threads/{t}/messages/{m}"


def broken(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Items with something else at one place."""

    @st.composite
    def one(draw: st.DrawFn) -> Any:
        item = draw(items)
        place = draw(st.sampled_from(list(places(item)) or [()]))
        return replaced(item, place, draw(junk))

    return one()


def places(value: object, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value inside of a value."""
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for key, member in members:
        yield (*at, key)
        yield from places(member, (*at, key))


def replaced(value: Any, place: tuple[Any, ...], new: object) -> Any:
    """A copy with another value at one place."""
    if not place:
        return new
    copied = copy.deepcopy(value)
    parent = copied
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = new
    return copied
