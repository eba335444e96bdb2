"""Faults: what pydantic finds wrong in a body, said in words, each with its JSON pointer.

Where a value may be one of several types, pydantic tries each, says for each what is wrong, and has
its name for the type in the place. Here it is one fault at the place in the body.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from write_side.patterns import IN_WORDS

Fault = dict[str, Any]
Place = tuple[str | int, ...]
Facts = Mapping[str, Any]

# What a value would have to be, of which it is nothing.
KINDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}
_TIME = "has to be a time with its offset (RFC 3339), such as 2026-11-23T10:00:00Z"

WORDS: dict[str, Callable[[Facts], str]] = {
    "missing": lambda facts: "has to be given",
    "extra_forbidden": lambda facts: "is not known here",
    "json_invalid": lambda facts: f"is no JSON: {facts['error']}",
    "value_error": lambda facts: str(facts["error"]),
    "literal_error": lambda facts: f"has to be {facts['expected'].replace('False', 'false')}",
    "string_pattern_mismatch": lambda facts: IN_WORDS[facts["pattern"]],
    "string_too_short": lambda facts: _at_least(facts, "character"),
    "string_too_long": lambda facts: _at_most(facts, "character"),
    "string_unicode": lambda facts: "has to be text of whole characters",
    "too_short": lambda facts: _at_least(facts, "item"),
    "too_long": lambda facts: _at_most(facts, "item"),
    "greater_than_equal": lambda facts: f"has to be {facts['ge']} or more",
    "less_than_equal": lambda facts: f"has to be {facts['le']} or less",
    "less_than": lambda facts: f"has to be less than {facts['lt']}",
    "finite_number": lambda facts: "has to be a finite number",
    "timezone_aware": lambda facts: _TIME,
}


def in_words(error: ValidationError, body: bytes) -> list[Fault]:
    """The faults of the body, each with its `pointer`, a `code` for programs and a `message`."""
    content = _content(body)
    by_place: dict[Place, list[ErrorDetails]] = {}
    for one in error.errors(include_url=False, include_input=False):
        by_place.setdefault(_place(one["loc"], content), []).append(one)
    return [
        {"pointer": pointer(place), **_said(found)}
        for place, found in by_place.items()
        if not _goes_deeper(place, found, by_place)
    ]


def pointer(place: Place) -> str:
    """Source: RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _content(body: bytes) -> Any:
    try:
        return from_json(body)
    except ValueError:
        return None


def _place(loc: Place, content: Any) -> Place:
    """Where in the body; what leads nowhere in it is a name of a type."""
    place: list[str | int] = []
    for part in loc:
        is_there, inside = _part_of(content, part)
        content = inside if is_there else content
        # A field that ought to be there is at the top: no body of ours has objects in it.
        if is_there or not place:
            place.append(part)
    return tuple(place)


def _part_of(content: Any, part: str | int) -> tuple[bool, Any]:
    try:
        return True, content[part]
    except (IndexError, KeyError, TypeError):
        return False, None


def _goes_deeper(
    place: Place, found: Sequence[ErrorDetails], places: Mapping[Place, object]
) -> bool:
    """Whether it is but said which types the value is not, and it is of one with a faulty part."""
    return all(one["type"] in KINDS for one in found) and any(
        len(other) > len(place) and other[: len(place)] == place for other in places
    )


def _said(found: Sequence[ErrorDetails]) -> Fault:
    """Of the right type and wrong in itself says more than all types that it is not."""
    telling = [one for one in found if one["type"] not in KINDS]
    if telling:
        words = dict.fromkeys(_words(one) for one in telling)
        return {"code": telling[0]["type"], "message": ", or ".join(words)}
    kinds = list(dict.fromkeys(KINDS[one["type"]] for one in found))
    if "a number" in kinds and "a whole number" in kinds:
        kinds.remove("a whole number")
    *others, last = kinds
    either = f"{', '.join(others)} or {last}" if others else last
    return {"code": found[0]["type"], "message": f"has to be {either}"}


def _words(one: ErrorDetails) -> str:
    if one["type"].startswith("datetime"):
        return _TIME
    say = WORDS.get(one["type"])
    return one["msg"] if say is None else say(one.get("ctx", {}))


def _at_least(facts: Facts, unit: str) -> str:
    least: int = facts["min_length"]
    return "may not be empty" if least == 1 else f"has to have {least} {unit}s or more"


def _at_most(facts: Facts, unit: str) -> str:
    return f"has to have {facts['max_length']} {unit}s or fewer"
