"""Bodies that are not as documented: nothing raises, and no neighbour is lost."""

import json
from datetime import datetime

import pytest

from tests.write_side.translation.given import (
    NUMBER,
    RECEIVED_AT,
    checked,
    data_of,
    fixture,
    in_envelope,
    plain,
    text,
    with_messages,
)
from write_side.translation.delivery import Translation, translate
from write_side.translation.refusal import ITEMS_MAX

GOOD = json.dumps(text("wamid.good")).encode()


def among_good(item: bytes) -> bytes:
    """A delivery with a good message on either side of an item of any bytes."""
    return with_messages(text("wamid.first"), 0, text("wamid.last")).replace(b" 0,", item + b",")


def took(body: bytes, received_at: datetime = RECEIVED_AT, *, careful: bool = False) -> Translation:
    return checked(translate(body, received_at, careful=careful))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"hello", "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\x00\xff", "the body is not UTF-8 (byte 1)"),
        (b'"\xed\xa0\x80"', "the body is not UTF-8 (byte 1)"),
        (b'{"a":"\xc0\xaf"}', "the body is not UTF-8 (byte 6)"),
        (b"\xef\xbb\xbf" + fixture("text"), "the body starts with a byte order mark"),
        (fixture("text").decode().encode("utf-16"), "the body starts with a byte order mark"),
        (fixture("text").decode().encode("utf-32"), "the body starts with a byte order mark"),
        (b"[" * 100_000, "the body is nested too deep"),
        (b'{"entry":' + b"[" * 1_000_000, "the body is nested too deep"),
        (b"[" * 100_000 + b"]" * 100_000, "the body is nested too deep"),
        (b"null", "the body is not a JSON object"),
        (b"[]", "the body is not a JSON object"),
        (b'"text"', "the body is not a JSON object"),
        (b"NaN", "the body is not a JSON object"),
        (b"{}", "the body has no array `entry`"),
        (b'{"entry":null}', "the body has no array `entry`"),
        (b'{"entry":{}}', "the body has no array `entry`"),
    ],
)
def test_a_body_that_is_no_delivery_is_one_quarantined_item(body: bytes, reason: str) -> None:
    translation = took(body)

    assert translation.outcome == "quarantined"
    [event] = translation.events
    assert (event.pointer, data_of(event)) == ("", {"reason": reason})


def test_a_truncated_body_is_quarantined_without_quoting_it() -> None:
    whole = fixture("text")
    for length in range(1, len(whole) - 3, 37):
        [event] = took(whole[:length]).events
        assert event.type == "ItemQuarantined"
        assert "Olá" not in str(event.data)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (b'{"id":"wamid.x","ratio":NaN}', "NaN is no JSON number"),
        (b'{"id":"wamid.x","ratio":-Infinity}', "-Infinity is no JSON number"),
        (b'{"id":"wamid.x","n":1e200000}', "a number is too large to be stored"),
        (b'{"id":"wamid.x","n":1e-20000}', "a number is too large to be stored"),
        (b'{"id":"wamid.x","n":1e99999999999999999999}', "a number is too large to be stored"),
        (b'{"id":"wamid.x","n":' + b"7" * 4301 + b"}", "a number has more than 4300 digits"),
        (b'{"id":"wamid.x","n":' + b"7" * 140_000 + b"}", "a number has more than 4300 digits"),
    ],
)
def test_a_number_that_the_database_refuses_costs_only_its_item(item: bytes, reason: str) -> None:
    first, broken, last = took(among_good(item), careful=True).events

    assert ["MessageReceived", "MessageReceived"] == [first.type, last.type]
    assert broken.type == "ItemQuarantined"
    assert data_of(broken) == {"reason": reason, "field": "messages", "raw": item.decode()}


def test_a_number_of_very_many_digits_is_found_without_being_told_to_be_careful() -> None:
    digits = b'{"id":"wamid.x","type":"t","n":' + b"7" * 5000 + b"}"
    in_text = json.dumps(text("wamid.x", "7" * 5000)).encode()

    assert took(among_good(digits)).events[1].type == "ItemQuarantined"
    assert took(among_good(in_text)).events[1].type == "MessageReceived"


def test_numbers_that_the_database_takes_are_kept_digit_by_digit() -> None:
    item = b'{"id":"wamid.x","type":"t","n":[1.10,' + b"8" * 300 + b",1e300,-0.0,1E2]}"
    event = took(among_good(item), careful=True).events[1]

    assert event.type == "MessageReceived"
    assert isinstance(event.data, dict)
    assert bytes(event.data["raw"]) == item  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (rb"a\u0000b", r"a\u0000b"),
        (rb"\ud800", r"\ud800"),
        (rb"\uDFFFx\ud83d\ude00", r"\udfffx😀"),
    ],
)
def test_text_that_the_database_refuses_is_stored_escaped_and_marked(
    written: bytes, stored: str
) -> None:
    body = with_messages(text("wamid.1"), text("wamid.2", "HERE"), text("wamid.3"))
    first, escaped, last = took(body.replace(b"HERE", written)).events

    assert data_of(escaped)["text"] == stored
    assert data_of(escaped)["raw"]["text"]["body"] == stored
    assert data_of(escaped)["escaped"] is True
    assert "escaped" not in data_of(first) | data_of(last)


def test_six_characters_that_only_look_like_an_escape_are_left_alone() -> None:
    [event] = took(with_messages(text("wamid.1", r"C:\u0000"))).events

    assert data_of(event)["text"] == r"C:\u0000"
    assert "escaped" not in data_of(event)


def test_an_escaped_name_marks_the_message_that_shows_it_and_no_other() -> None:
    contact = {"wa_id": "5511999990001", "profile": {"name": "Ana\0"}}
    stranger = text("wamid.2") | {"from": "33600000003"}
    ana, other = took(with_messages(text("wamid.1"), stranger, contacts=[contact])).events

    assert (data_of(ana)["profile_name"], data_of(ana)["escaped"]) == (r"Ana\u0000", True)
    assert "escaped" not in data_of(other)


def test_unstorable_ids_keys_and_fields_are_escaped_too() -> None:
    value = {"metadata": NUMBER, "messages": [text("wamid.\0")], "odd\0/~key": [1]}
    events = took(
        in_envelope(
            {"field": "messages", "value": value},
            {"field": "new\0field", "value": {"k\0": "\ud800"}},
        )
    ).events

    assert [r"wamid.\u0000", None, None] == [data_of(e).get("message_id") for e in events]
    assert events[1].pointer == r"/entry/0/changes/0/value/odd\u0000~1~0key"
    assert data_of(events[2])["field"] == r"new\u0000field"
    assert data_of(events[2])["value"] == {r"k\u0000": r"\ud800"}


def test_an_item_nested_too_deep_to_be_written_is_quarantined_alone() -> None:
    deep = b'{"id":"wamid.x","deep":' + b"[" * 900 + b"]" * 900 + b"}"
    events = translate(among_good(deep), RECEIVED_AT, careful=True).events

    assert [e.pointer for e in events] == [
        f"/entry/0/changes/0/value/messages/{k}" for k in range(3)
    ]
    assert [events[0].type, events[2].type] == ["MessageReceived"] * 2


def test_the_last_of_doubled_keys_counts_as_it_does_in_the_database() -> None:
    item = GOOD.replace(b'"id":', b'"id": "wamid.forgotten", "id":')
    events = [took(among_good(item), careful=careful).events[1] for careful in (False, True)]

    assert ["wamid.good"] * 2 == [data_of(event)["message_id"] for event in events]


def test_a_quarantined_item_has_the_same_key_whichever_way_it_went() -> None:
    body = fixture("broken_items_among_good")

    quick, careful = translate(body, RECEIVED_AT), translate(body, RECEIVED_AT, careful=True)
    assert list(map(plain, quick.events)) == list(map(plain, careful.events))


@pytest.mark.slow
@pytest.mark.parametrize("careful", [False, True], ids=["quickly", "carefully"])
@pytest.mark.parametrize(
    "body",
    [
        with_messages(*[0] * (ITEMS_MAX + 1)),
        in_envelope(*[{"field": "f", "value": 1}] * (ITEMS_MAX + 1)),
        b'{"entry":[' + b"{}," * ITEMS_MAX + b"{}]}",
    ],
    ids=["messages", "changes", "entries"],
)
def test_a_body_of_more_items_than_meta_ever_sends_is_one_quarantined_item(
    body: bytes, careful: bool
) -> None:
    [event] = took(body, careful=careful).events

    assert data_of(event) == {"reason": f"the body holds more than {ITEMS_MAX} items"}


def test_a_thousand_items_become_a_thousand_events_in_order() -> None:
    ids = [f"wamid.{k}" for k in range(1000)]
    events = took(with_messages(*map(text, ids))).events

    assert ids == [data_of(event)["message_id"] for event in events]


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        (b"7" * 5000, "ItemQuarantined"),
        (b"NaN", "ItemQuarantined"),
        (rb'"a\u0000b"', "MessageImported"),
    ],
    ids=["digits", "nan", "nul"],
)
def test_what_breaks_a_message_in_a_history_costs_only_that_message(
    written: bytes, becomes: str
) -> None:
    messages = [text("wamid.1"), text("wamid.2") | {"more": "HERE"}, text("wamid.3")]
    chunk = {"metadata": {"phase": 2}, "threads": [{"id": "5511999990001", "messages": messages}]}
    change = {"field": "history", "value": {"metadata": NUMBER, "history": [chunk]}}
    body = in_envelope(change).replace(b'"HERE"', written)
    progress, first, broken, last = took(body).events

    assert ("HistorySyncProgressed", 2) == (progress.type, data_of(progress)["phase"])
    assert ["MessageImported", becomes, "MessageImported"] == [
        e.type for e in (first, broken, last)
    ]
    assert "escaped" not in data_of(progress) | data_of(first) | data_of(last)
