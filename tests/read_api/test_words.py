"""What a search looks for, out of what somebody has typed."""

import pytest

from read_api.errors import InvalidParameter
from read_api.words import indexed, query, words


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hola", ["hola"]),
        ("  two   words ", ["two", "words"]),
        ("twice twice", ["twice"]),
        ('"a phrase" and', ["a phrase", "and"]),
        ('no"space"between', ["no", "space", "between"]),
        ('"never  closed', ["never closed"]),
        ('"" x', ["x"]),
        ("+55 11 98765-4321", ["5511987654321"]),
        ("(11) 98765.4321", ["11987654321"]),
        ("call +5511 now", ["call", "5511", "now"]),
        ("10 20", ["10", "20"]),
        ('"10 20"', ["1020"]),
        ("2026-11-22", ["20261122"]),
        ("v1.2-rc", ["v1.2-rc"]),
        ("-5", ["-5"]),
        ("100%", ["100%"]),
    ],
)
def test_words_and_phrases_are_told_apart(typed: str, expected: list[str]) -> None:
    assert expected == words(typed, "all")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [(' the  "whole" of it ', 'the "whole" of it'), ("98765 4321", "987654321")],
)
def test_by_substring_the_whole_is_one_word(typed: str, expected: str) -> None:
    assert [expected] == words(typed, "substring")


@pytest.mark.parametrize("typed", ["", '""', "   ", "x" * 201, "a\x1eb", "1 2 3 4 5 6 x 8 9"])
def test_what_is_no_question_is_refused(typed: str) -> None:
    with pytest.raises(InvalidParameter, match="q"):
        query("q", typed)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["ab"], False),
        (["ab", "abc"], True),
        (["a_b_c"], False),
        (["日本語"], True),
        (["👍👍👍"], False),
    ],
)
def test_an_index_of_trigrams_wants_three_letters_in_a_row(
    found: list[str], expected: bool
) -> None:
    assert expected == indexed(found)
