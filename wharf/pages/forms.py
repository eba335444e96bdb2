"""Forms of pages that answer with a page: for what is shown once, or has to be mended."""

from typing import NamedTuple

from starlette.datastructures import FormData


class OwnAccess(Exception):
    """Your own access is not yours to take: another admin can do that."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Refused(NamedTuple):
    """What is wrong with a form: `part` is the field, and `problem` stands beside it."""

    status: int
    part: str
    problem: str


def status_of(refused: Refused | None) -> int:
    return 200 if refused is None else refused.status


def field(form: FormData, name: str) -> str:
    """The text of a field, or nothing."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def fields(form: FormData, name: str) -> list[str]:
    """The texts of a field that there may be several of."""
    return [value for value in form.getlist(name) if isinstance(value, str) and value]
