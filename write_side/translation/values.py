"""Reads values that public samples write in more than one way."""

import math

import msgspec

from write_side.translation.refusal import TranslationRefused

Flag = bool | int | str | None
Number = int | float | str | None
Time = int | str | None

NULL = msgspec.Raw(b"null")

TRUE_WORDS = frozenset({"true", "1", "yes"})


def as_flag(value: Flag) -> bool | None:
    """True and false, also written as a number or a word."""
    if isinstance(value, str):
        return value.strip().lower() in TRUE_WORDS
    return None if value is None else bool(value)


def as_degrees(value: Number) -> float | None:
    """A finite number, also written as a text; None for what is none, which `raw` still has."""
    try:
        degrees = math.nan if value is None else float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if math.isfinite(degrees) else None


def as_object(name: str, raw: msgspec.Raw) -> msgspec.Raw | None:
    """The object as it was sent, None for null. Raises TranslationRefused for anything else."""
    written = bytes(raw)
    if written[:1] == b"{":
        return raw
    if written == b"null":
        return None
    raise TranslationRefused(f"{name} is not an object")


def without_nulls(**values: object) -> dict[str, object]:
    """What was given; a key that is absent means the same as null and takes no room."""
    return {key: value for key, value in values.items() if value is not None}
