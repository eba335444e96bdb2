"""Whole numbers in the bodies of commands: 391.0 is 391 in JSON, and in JSON Schema."""

from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt


def _as_integer(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# It comes last in an Annotated: what comes after it is not in the JSON Schema.
AS_INTEGER = BeforeValidator(_as_integer)

WholeNumber = Annotated[StrictInt, AS_INTEGER]
"""No text, no true and no false."""

Id = Annotated[StrictInt, Field(ge=1, lt=1 << 63), AS_INTEGER]
"""A position of the log."""
