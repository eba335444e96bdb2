"""Validating against the document's schemas, with nothing undocumented let through."""

import copy
from typing import Any

from jsonschema import (  # type: ignore[import-untyped]
    Draft202012Validator,
    FormatChecker,
)

_FORMATS = FormatChecker(formats=["date", "date-time"])


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The same document, where an object that names its properties may have no others."""
    document = copy.deepcopy(document)
    _close(document["components"]["schemas"])
    return document


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            _close(part)
    elif isinstance(schema, list):
        for part in schema:
            _close(part)


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with the value, by where in it."""
    whole = {**schema, "components": document["components"]}
    validator = Draft202012Validator(whole, format_checker=_FORMATS)
    return [f"{error.json_path}: {error.message}"[:500] for error in validator.iter_errors(value)]


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of each."""
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def answer_schema(operation: dict[str, Any], status: int) -> dict[str, Any] | None:
    """The schema of the JSON that comes with a status; None where other things come."""
    content = operation["responses"][str(status)].get("content", {})
    for media_type in ("application/json", "application/problem+json"):
        if media_type in content:
            found: dict[str, Any] = content[media_type]["schema"]
            return found
    return None


def named_schema(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself where it is given by its name."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"].get(name, schema)
    return found


def ends(operation: dict[str, Any]) -> bool:
    """Whether its answers end; a stream does not."""
    answers = operation["responses"].get("200", {}).get("content", {})
    return "text/event-stream" not in answers
