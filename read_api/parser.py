"""Parser: what reads one parameter, and what the document says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from inspect import getdoc
from typing import Any, Generic

from typing_extensions import TypeVar

T = TypeVar("T", default=Any)


@dataclass(frozen=True)
class Parser(Generic[T]):
    """Called with the parameter's name and text, it returns the value or raises InvalidParameter.

    `schema` (JSON Schema) admits the texts that it takes, as closely as a schema can. A
    `repeatable` one may be given several times, and then its value is a list.
    """

    read: Callable[[str, str], T]
    schema: Mapping[str, Any]
    description: str = ""
    repeatable: bool = False

    def __call__(self, name: str, text: str) -> T:
        return self.read(name, text)

    def about(self, description: str) -> "Parser[T]":
        """The same, saying what it means where it is used."""
        return replace(self, description=description)

    def several(self) -> "Parser[T]":
        """The same, to be given any number of times: one of the values is enough."""
        return replace(self, repeatable=True)


def parser(**schema: Any) -> Callable[[Callable[[str, str], T]], Parser[T]]:
    """Make a Parser of a function `(name, text)`, whose docstring describes the parameter."""

    def make(read: Callable[[str, str], T]) -> Parser[T]:
        return Parser(read, schema, (getdoc(read) or "").partition("\n\n")[0].replace("\n", " "))

    return make
