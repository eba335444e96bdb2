"""Views of other packages, which register them as entry points of the group `wharf.views`."""

import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint
from typing import NamedTuple

from events.catalogue import CATALOGUE
from projections.view import View

GROUP = "wharf.views"

# A version's schema is the name and a number. verify, `at` and the numbered views make schemas of
# the name and these words, and clear them away by them.
_NAME = re.compile(r"(?!pg_)[a-z][a-z0-9_]{0,39}(?<!_verify)(?<!_at)(?<!_numbered)")
# What stands in the schema `read` beside the plain views.
_READ = ("versions", "active")


class BrokenView(NamedTuple):
    """An entry point that gives no view: what it is called, whose it is, and why."""

    name: str
    package: str
    reason: str


class Registered(NamedTuple):
    """The views found, by name, with their packages, and what was not one."""

    views: dict[str, View]
    packages: dict[str, str]
    broken: tuple[BrokenView, ...]


class _NotAView(Exception):
    pass


def registered(entry_points: Iterable[EntryPoint], ours: Iterable[View]) -> Registered:
    """The views that these entry points name, beside `ours`, whose names they can not have.

    One that can't be loaded, or is no view that could live here, is told and left out: the
    others, and ours, go on.
    """
    views: dict[str, View] = {}
    packages: dict[str, str] = {}
    broken: list[BrokenView] = []
    taken = list(ours)
    for entry_point in sorted(entry_points, key=lambda each: (_package(each), each.name)):
        package = _package(entry_point)
        try:
            view = _loaded(entry_point)
            _check(entry_point, view, taken)
        except _NotAView as error:
            broken.append(BrokenView(entry_point.name, package, str(error)))
            continue
        taken.append(view)
        views[view.name], packages[view.name] = view, package
    return Registered(views, packages, tuple(broken))


def _package(entry_point: EntryPoint) -> str:
    dist = entry_point.dist
    return "an unknown package" if dist is None else f"{dist.name} {dist.version}"


def _loaded(entry_point: EntryPoint) -> View:
    try:
        found = entry_point.load()
    except (Exception, SystemExit) as error:
        raise _NotAView(
            f"{entry_point.value} can not be imported: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(found, View):
        raise _NotAView(f"{entry_point.value} is no View: its type is {type(found).__name__}")
    return found


def _check(entry_point: EntryPoint, view: View, taken: list[View]) -> None:
    if view.name != entry_point.name:
        raise _NotAView(f"the entry point is called {entry_point.name} and its view {view.name}")
    if not _NAME.fullmatch(view.name):
        raise _NotAView(
            "its name has to be a-z, 0-9 and _, up to 40 of them, a letter first, and may not begin"
            " with pg_ or end in _verify, _at or _numbered"
        )
    if any(view.name == other.name for other in taken):
        raise _NotAView("there is another view of that name")
    unknown = sorted({*view.event_types} - {*CATALOGUE})
    if unknown:
        raise _NotAView(f"it reads {', '.join(unknown)}, and there is no such event type")
    if not view.keys:
        raise _NotAView("it names no table in `keys`, so nothing of it could be verified")
    shown = {name for other in taken for name in other.plain_views} | {*_READ}
    twice = sorted(shown & {*view.plain_views})
    if twice:
        raise _NotAView(f"its plain view {twice[0]} is there already: read.{twice[0]}")
