"""Cells survive the way through a file, and none of them is a formula."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from read_api.errors import InvalidParameter
from read_api.exports import cells
from read_api.exports.columns import columns_of
from read_api.models.message import Message
from read_api.parameters import zone

HOSTILE = st.text(st.sampled_from("=+-@\t\r\n'\"＝＋－＠,; aé🎂0"), max_size=12)
TEXTS = st.one_of(HOSTILE, st.text(st.characters(exclude_categories=["Cs"]), max_size=40))


@pytest.mark.slow
@given(st.lists(st.lists(TEXTS, min_size=2, max_size=5), min_size=1, max_size=5))
def test_what_is_written_is_read_again(table: list[list[str]]) -> None:
    written = cells.rows(table).decode()
    read = list(csv.reader(io.StringIO(written, newline=""), strict=True))

    assert table == [[cells.plain(text) for text in row] for row in read]
    assert not any(text.startswith(tuple("=+-@\t\r\n＝＋－＠")) for row in read for text in row)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("'tis", "'tis"),
        ("+5511987654321", "'+5511987654321"),
        (-23.5, "-23.5"),
        (None, ""),
        (True, "true"),
        ([{"emoji": "👍"}], '[{"emoji":"👍"}]'),
    ],
)
def test_a_cell_says_what_the_value_is(value: Any, expected: str) -> None:
    assert expected == cells.cell(value)


def test_lines_end_and_are_quoted_as_rfc_4180_has_it() -> None:
    assert b'id,text\r\n1,"a ""b"", c\r\nd"\r\n' == cells.rows(
        [["id", "text"], [1, 'a "b", c\r\nd']]
    )


def test_columns_are_paths_and_their_times_in_the_zone() -> None:
    columns = columns_of(
        [Message], ["customer.display_name", "timestamp", "error.code"], zone("tz", "Asia/Kolkata")
    )
    item = {"customer": {"display_name": "Ana"}, "timestamp": "2026-11-22T10:02:11Z", "error": None}

    assert {
        "customer.display_name": "Ana",
        "timestamp": "2026-11-22T15:32:11+05:30",
        "error.code": None,
    } == columns.pick(item)


@pytest.mark.parametrize("path", ["customer.iban", "reactions.at", "record", ""])
def test_a_column_that_there_is_not_is_refused(path: str) -> None:
    with pytest.raises(InvalidParameter):
        columns_of([Message], [path], None)
