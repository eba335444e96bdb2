"""Wishes: what somebody wants exported, checked as far as that can be done before it is made."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from read_api import parameters
from read_api.exports.columns import Columns, columns_of
from read_api.exports.sources import SOURCES, Items
from read_api.models.export import ExportFormat, ExportKind

Value = StrictBool | StrictInt | Annotated[StrictStr, Field(max_length=512)]
Word = Annotated[StrictStr, Field(min_length=1, max_length=64)]


class ExportWish(BaseModel):
    """Which list, filtered how, as what.

    `filters` are the list's own parameters, as an object or as the query of its address. Without
    `columns` a line of JSONL is the list's object, and CSV has the columns that people look for.
    `tz` is the zone of times in columns (UTC), and of dates in the filters. `bom` puts a byte order
    mark before CSV, without which Excel takes UTF-8 for something else.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"kind": "messages", "filters": {"direction": "in", "from": "2026-11-01"}},
                {"kind": "customer", "format": "jsonl", "filters": {"customer": 391}},
            ]
        },
    )

    kind: ExportKind
    format: ExportFormat = "csv"
    filters: dict[Word, Value | list[Value]] | Annotated[StrictStr, Field(max_length=4096)] = {}
    columns: Annotated[list[Word], Field(min_length=1, max_length=100)] | None = None
    tz: Word | None = None
    bom: StrictBool = False

    def items(self) -> Items:
        """The filters as the list reads them."""
        if isinstance(self.filters, str):
            found = parse_qsl(self.filters, keep_blank_values=True)
        else:
            found = [
                (name, _text(each))
                for name, value in self.filters.items()
                for each in (value if isinstance(value, list) else [value])
            ]
        takes_zone = "tz" in SOURCES[self.kind].filters
        if self.tz is not None and takes_zone and "tz" not in dict(found):
            found.append(("tz", self.tz))
        return found

    def chosen(self) -> Columns | None:
        """None for whole objects. Raises InvalidParameter."""
        zone = None if self.tz is None else parameters.zone("tz", self.tz)
        if self.columns is None and self.format == "jsonl":
            return None
        source = SOURCES[self.kind]
        return columns_of(source.models, self.columns or source.columns, zone)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
