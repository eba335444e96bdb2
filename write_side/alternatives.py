"""Saying in JSON Schema what a command's validator checks: of these fields give exactly one.

It is said by what is not allowed. With `oneOf` generated clients would have a class for each way.
"""

from itertools import combinations
from typing import Any

_GIVEN = {"not": {"type": "null"}}


def exactly_one(*names: str) -> dict[str, Any]:
    """A null is as good as nothing."""
    nothing = {"properties": {name: {"type": "null"} for name in names}}
    two = [
        {"required": list(pair), "properties": dict.fromkeys(pair, _GIVEN)}
        for pair in combinations(names, 2)
    ]
    return {"not": {"anyOf": [nothing, *two]}}
