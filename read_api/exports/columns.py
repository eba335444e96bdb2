"""Columns: the fields of a list's objects by their paths, and what stands in a cell."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from pydantic.fields import FieldInfo
from typing_extensions import is_typeddict

from read_api.errors import InvalidParameter


class Columns(NamedTuple):
    """Which fields of each object, and in which time zone their times are."""

    paths: tuple[str, ...]
    times: frozenset[str]
    zone: ZoneInfo | None

    def pick(self, item: dict[str, Any]) -> dict[str, Any]:
        """The fields by their paths; what an object does not have is null."""
        return {path: self._value(item, path) for path in self.paths}

    def _value(self, item: dict[str, Any], path: str) -> Any:
        value: Any = item
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if self.zone is not None and path in self.times and isinstance(value, str):
            return datetime.fromisoformat(value).astimezone(self.zone).isoformat()
        return value


def columns_of(
    models: Sequence[type[Any]], wanted: Sequence[str], zone: ZoneInfo | None
) -> Columns:
    """The wanted columns of objects of these types. Raises InvalidParameter for an unknown one."""
    known = {path: is_time for model in models for path, is_time in _paths(model)}
    for path in wanted:
        if path not in known:
            raise InvalidParameter("columns", f"there is no {path}; known are {', '.join(known)}")
    times = frozenset(path for path, is_time in known.items() if is_time)
    return Columns(tuple(wanted), times, zone)


def _paths(model: type[Any], before: str = "") -> Iterator[tuple[str, bool]]:
    """Every path into an object, and whether a time stands there."""
    for name, hint in get_type_hints(model, include_extras=True).items():
        yield before + name, _is_time(hint)
        for part in _types(hint):
            if is_typeddict(part):
                yield from _paths(part, f"{before}{name}.")


def _types(hint: Any) -> Iterator[Any]:
    """The types that a field can be of; what is in a list has no path."""
    if get_origin(hint) is list or hint is NoneType:
        return
    if is_typeddict(hint) or not get_args(hint):
        yield hint
        return
    for part in get_args(hint):
        if not isinstance(part, FieldInfo):
            yield from _types(part)


def _is_time(hint: Any) -> bool:
    if get_origin(hint) is list:
        return False
    for part in get_args(hint):
        if isinstance(part, FieldInfo):
            extra = part.json_schema_extra
            if isinstance(extra, dict) and extra.get("format") == "date-time":
                return True
            if any(_is_time(one) for one in part.metadata):
                return True
        elif _is_time(part):
            return True
    return False
