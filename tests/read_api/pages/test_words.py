"""What strangers write becomes text, whatever it looks like."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from read_api.pages import words

LISBON = ZoneInfo("Europe/Lisbon")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&amp;c=2"),
        ("(http://example.org)", "http://example.org"),
        ("HTTPS://EXAMPLE.ORG/x", "HTTPS://EXAMPLE.ORG/x"),
        ("https://example.org/ünï", "https://example.org/ünï"),
    ],
)
def test_a_web_address_becomes_a_link(text: str, link: str) -> None:
    assert f'href="{link}" rel="noopener noreferrer nofollow"' in words.linked(text)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://",
        "https://[",
        "ftp://example.org",
        "//example.org",
    ],
)
def test_nothing_else_becomes_a_link(text: str) -> None:
    assert "<a" not in words.linked(text)


@pytest.mark.parametrize(
    "text",
    [
        '<script>alert("1")</script>',
        'https://example.org/"onmouseover="alert(1)',
        "https://example.org/'><img src=x onerror=alert(1)>",
        "<b>https://example.org</b>",
        "<hx-partial hx-target=body>",
    ],
)
def test_markup_in_a_text_is_text(text: str) -> None:
    written = words.linked(text)

    assert "<" not in written.replace("<a href=", "").replace("</a>", "")
    assert '"onmouseover' not in written


def test_an_address_ends_before_what_turns_text_around() -> None:
    assert 'href="https://example.org/a"' in words.linked("https://example.org/a\u202egpj.exe")


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-11-22T23:30:00Z", "23:30"),
        ("2026-11-21T23:30:00Z", "Sat"),
        ("2026-11-15T12:00:00Z", "15 Nov"),
        ("2025-11-15T12:00:00Z", "15 Nov 2025"),
        ("2026-11-23T12:00:00Z", "23 Nov"),
    ],
)
def test_a_time_in_a_list_is_as_short_as_it_can_be(at: str, text: str) -> None:
    assert text == words.lately(at, LISBON, date(2026, 11, 22))


def test_the_day_is_that_of_the_reader() -> None:
    assert date(2026, 11, 23) == words.day("2026-11-22T23:30:00Z", ZoneInfo("Europe/Madrid"))


@pytest.mark.parametrize(
    ("until", "text"),
    [
        ("2026-11-22T13:12:00Z", "3 h 12 min"),
        ("2026-11-22T10:07:30Z", "7 min"),
        ("2026-11-22T10:00:00Z", None),
        (None, None),
    ],
)
def test_a_window_says_how_long_it_is_open(until: str | None, text: str | None) -> None:
    assert text == words.left(until, datetime(2026, 11, 22, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.204, "204 ms"), (4, "4 s"), (3725, "1 h 2 min"), (90_000, "1 d 1 h")],
)
def test_a_span_has_two_units(seconds: float, text: str) -> None:
    assert text == words.span(seconds)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Souza", "AS"),
        ("maria.k", "MK"),
        ("+5511987654321", ""),
        ("نور", "ن"),
        (None, ""),
        ("👑 Rei", "R"),
    ],
)
def test_a_name_has_initials_where_it_has_letters(name: str | None, letters: str) -> None:
    assert letters == words.initials(name)


@pytest.mark.parametrize("value", [None, "x", 7, ["x"], {"formatted_name": ["x"]}])
def test_an_object_of_a_stranger_may_be_anything(value: object) -> None:
    assert "" == words.as_text(words.as_dict(value)["formatted_name"])


def test_json_that_is_none_stays_as_it_is() -> None:
    assert "[" * 100_000 == words.pretty_json("[" * 100_000)
