"""docs/events.md says what every field becomes, and the code does it."""

import re
from pathlib import Path

import pytest

from events.catalogue import CATALOGUE
from projections.catalogue import VIEWS
from tests.write_side.translation.given import NUMBER, RECEIVED_AT, in_envelope
from tests.write_side.translation.test_properties import NAMES, items_of
from write_side.translation.delivery import translate
from write_side.translation.history import CHUNKS
from write_side.translation.routes import ARRAYS, WHOLE

DOCUMENT = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
IN_THREADS = "history[].threads[].messages"
LEFTOVERS = {"UnrecognisedChange", "ItemQuarantined"}

Place = tuple[str, str | None]


def rows(heading: str) -> list[list[list[str]]]:
    """The words in backquotes of each cell of the table below a heading."""
    section = DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[re.findall("`([^`]+)`", cell) for cell in line.split("|")[1:-1]] for line in lines]


def documented() -> dict[Place, set[str]]:
    found: dict[Place, set[str]] = {}
    for fields, items, _, events, _ in rows("What Meta sends, and what it becomes"):
        for field in fields:
            places: list[Place] = [(field, item) for item in items] or [(field, None)]
            for place in places:
                found.setdefault(place, set()).update(events)
    return found


def events_of(place: Place) -> set[str]:
    """What the items of all fixtures become in this place."""
    field, array = place
    if array is None:
        value: dict[str, object] = {}
    elif array == IN_THREADS:
        messages = [item for name in NAMES for item in items_of(name, "messages")]
        value = {CHUNKS: [{"threads": [{"id": "5511999990001", "messages": messages}]}]}
    else:
        value = {array: [item for name in NAMES for item in items_of(name, array)]}
    change = {"field": field, "value": {"metadata": NUMBER} | value}
    events = translate(in_envelope(change), RECEIVED_AT).events
    inside = [event for event in events if array != CHUNKS or "/threads/" not in str(event.pointer)]
    if array == IN_THREADS:
        inside = events[1:]
    return {event.type for event in inside} - LEFTOVERS


def test_every_routed_field_is_in_the_table_and_no_other() -> None:
    routed: set[Place] = {(field, array) for field, arrays in ARRAYS.items() for array in arrays}
    routed |= {(field, None) for field in WHOLE} | {("history", IN_THREADS)}

    assert routed == set(documented())


@pytest.mark.parametrize(
    ("place", "types"),
    documented().items(),
    ids=lambda each: "" if isinstance(each, set) else str(each),
)
def test_the_table_says_what_an_item_becomes(place: Place, types: set[str]) -> None:
    assert types == events_of(place)


def test_every_event_type_is_in_the_table_of_types() -> None:
    assert sorted(CATALOGUE) == [name for [name], _ in rows("Event types, and where they are seen")]


@pytest.mark.parametrize(
    ("name", "columns"),
    [(name, columns) for [name], columns in rows("Event types, and where they are seen")],
)
def test_the_table_of_types_says_which_columns_a_view_makes_of_it(
    name: str, columns: list[str]
) -> None:
    views = [view for view in VIEWS.values() if name in view.event_types]
    tables = {table: view for view in views for table in view.keys}
    assert bool(views) == bool(columns)
    for table, column in (each.split(".") for each in columns):
        definition = tables[table].tables.split(f"create table {table} (")[1].split("\n)")[0]
        assert column == "*" or re.search(rf"^ +\"?{column}\"? ", definition, re.MULTILINE)
