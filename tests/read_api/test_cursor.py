"""A cursor is good for the list that it came from, and for nothing else."""

import base64
from datetime import UTC, datetime

import pytest

from read_api.cursor import Place, decode, encode
from read_api.errors import CursorMismatch, InvalidParameter

SECRET = b"s" * 32
FILTERS = {"type": "text", "from": datetime(2026, 11, 16, tzinfo=UTC)}
PLACE = Place("next", (datetime(2026, 11, 16, 10, 0, 0, 123_456, tzinfo=UTC), 48121))


def test_a_cursor_brings_back_the_place_to_the_microsecond() -> None:
    word = encode(PLACE, "-timestamp", FILTERS, SECRET)

    assert PLACE == decode(word, "-timestamp", FILTERS, SECRET)


@pytest.mark.parametrize("key", [(9,), ("Ana", 9), ("é\U0001f600", -1, 9), ("", PLACE.key[0], 9)])
def test_a_place_can_be_of_times_numbers_and_texts(key: tuple[object, ...]) -> None:
    word = encode(Place("prev", key), "name", {}, SECRET)

    assert Place("prev", key) == decode(word, "name", {}, SECRET)


def test_a_cursor_of_other_filters_is_a_mismatch() -> None:
    word = encode(PLACE, "-timestamp", FILTERS, SECRET)

    with pytest.raises(CursorMismatch):
        decode(word, "-timestamp", {**FILTERS, "type": "image"}, SECRET)


def test_a_cursor_of_another_order_is_a_mismatch() -> None:
    word = encode(PLACE, "-timestamp", FILTERS, SECRET)

    with pytest.raises(CursorMismatch):
        decode(word, "timestamp", FILTERS, SECRET)


def test_every_changed_byte_is_noticed() -> None:
    word = encode(PLACE, "-timestamp", FILTERS, SECRET)
    raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))

    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(InvalidParameter, match="cursor"):
            decode(base64.urlsafe_b64encode(changed).decode().rstrip("="), "-timestamp", {}, SECRET)


def test_what_a_place_is_can_not_be_read_off_its_cursor() -> None:
    """In a list by name the place of who has none is a phone number."""
    words = [
        encode(Place("next", ("5511987654321", id_)), "name", {}, SECRET) for id_ in (9, 9, 10)
    ]
    raw = [base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)) for word in words]

    assert raw[0] == raw[1]
    for each in raw:
        assert b"5511" not in each
        assert b"name" not in each
    # Not even that two places are near each other.
    same = sum(one == other for one, other in zip(raw[0], raw[2], strict=False))
    assert same < len(raw[0]) / 4


@pytest.mark.parametrize("word", ["", "x", "AAAA", "not a cursor", "é", "A" * 500, "===="])
def test_what_we_never_made_is_refused(word: str) -> None:
    with pytest.raises(InvalidParameter, match="cursor"):
        decode(word, "-timestamp", FILTERS, SECRET)


def test_a_cursor_signed_with_another_key_is_refused() -> None:
    word = encode(PLACE, "-timestamp", FILTERS, b"t" * 32)

    with pytest.raises(InvalidParameter):
        decode(word, "-timestamp", FILTERS, SECRET)
