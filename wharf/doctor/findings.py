"""What the doctor finds: how something is, and what to do about it."""

from typing import Literal, NamedTuple

State = Literal["ok", "note", "wrong"]


class Finding(NamedTuple):
    """`todo` says what mends it; only what is `wrong` makes the whole wrong."""

    about: str
    state: State
    told: str
    todo: str | None = None


def ok(about: str, told: str) -> Finding:
    return Finding(about, "ok", told)


def note(about: str, told: str, todo: str) -> Finding:
    return Finding(about, "note", told, todo)


def wrong(about: str, told: str, todo: str) -> Finding:
    return Finding(about, "wrong", told, todo)
