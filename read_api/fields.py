"""Field selection: of each item only what somebody wants to know."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from read_api.errors import InvalidParameter
from read_api.parser import Parser, parser

T = TypeVar("T")


def fields_of(model: type[Any]) -> Parser[tuple[str, ...]]:
    """Reads the names of fields of a TypedDict, with commas between them."""
    known = tuple(model.__annotations__)
    one = f"({'|'.join(known)})"

    @parser(type="string", pattern=f"^{one}(,{one})*$", examples=[",".join(known[:2])])
    def read(name: str, text: str) -> tuple[str, ...]:
        """Names of fields, with commas between them: each item has these and no others."""
        names = tuple(text.split(","))
        for each in names:
            if each not in known:
                raise InvalidParameter(name, f"has to be of {', '.join(known)}")
        return names

    return read


def selected(items: Sequence[T], names: tuple[str, ...] | None) -> list[T]:
    """The items with those fields, or whole; the type is that of a whole one."""
    if names is None:
        return list(items)
    wanted = dict.fromkeys(names)
    picked = [{name: cast("Any", item)[name] for name in wanted} for item in items]
    return cast("list[T]", picked)
