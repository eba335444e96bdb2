"""Components: JSON Schemas of the models, each under its own short name."""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import override

TEMPLATE = "#/components/schemas/{model}"

Schema = dict[str, Any]


class SameName(Exception):
    """Two models that differ have one name, and generated clients have only one place for it."""


class _Untitled(GenerateJsonSchema):
    """Without a title on each field, which says its name once more."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class Components:
    """Collects the schemas of the models that endpoints name."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}

    def of(self, model: Any) -> Schema:
        """The schema of a model, by reference where it has a name. Raises SameName."""
        schema, named = _schemas(model)
        for name, definition in named.items():
            if self.schemas.setdefault(name, definition) != definition:
                raise SameName(name)
        return dict(schema)


@cache
def _schemas(model: Any) -> tuple[Schema, dict[str, Schema]]:
    """The model's own schema, and those of all that it refers to by their names."""
    is_body = isinstance(model, type) and issubclass(model, BaseModel)
    mode: Literal["validation", "serialization"] = "validation" if is_body else "serialization"
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    found, rest = TypeAdapter.json_schemas(
        [("it", mode, adapter)], ref_template=TEMPLATE, schema_generator=_Untitled
    )
    named: dict[str, Schema] = rest.get("$defs", {})
    for definition in named.values():
        definition.pop("title", None)
    return found["it", mode], named
