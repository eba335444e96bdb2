"""Saying in JSON Schema what a command's validator checks: of these fields give exactly one."""

from typing import Any


def exactly_one(*names: str) -> dict[str, Any]:
    """A null is as good as nothing, so the one that is given is something else."""
    return {
        "oneOf": [
            {"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names
        ]
    }
