"""Whole numbers in the bodies of commands: 391.0 is 391 in JSON, and in JSON Schema."""

from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt


def _as_integer(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


WholeNumber = Annotated[StrictInt, BeforeValidator(_as_integer)]
"""No text, no true and no false."""

Id = Annotated[WholeNumber, Field(ge=1, lt=1 << 63)]
"""A position of the log."""
