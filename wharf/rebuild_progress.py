"""How far a rebuild is: a bar on a terminal, lines elsewhere, JSON for programs."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from typing_extensions import override

from projections.rebuild import Progress as Hear


class Facts(NamedTuple):
    """Where a rebuild is; `eta_seconds` is None until its rate is known."""

    view: str
    position: int
    head: int
    events_per_second: int
    eta_seconds: int | None

    @override
    def __str__(self) -> str:
        to_go = "" if self.eta_seconds is None else f", {self.eta_seconds} s to go"
        return (
            f"{self.view}: position {self.position} of {self.head},"
            f" {self.events_per_second} events/s{to_go}"
        )


@contextmanager
def shown(view: str, as_json: bool) -> Iterator[Hear]:
    """What a rebuild tells as it goes on, for whoever looks."""
    if as_json:
        yield _lines(view, lambda facts: json.dumps(facts._asdict()))
    elif not sys.stderr.isatty():
        yield _lines(view, str)
    else:
        with _bar() as bar:
            task = bar.add_task(view, total=None)

            def hear(position: int, head: int) -> None:
                bar.update(task, completed=position, total=head)

            yield hear


def _lines(view: str, written: Callable[[Facts], str]) -> Hear:
    """A line for each time it tells; the rate is that since the first."""
    first: tuple[float, int] | None = None

    def hear(position: int, head: int) -> None:
        nonlocal first
        now = time.monotonic()
        first = first or (now, position)
        began, start = first
        rate = (position - start) / (now - began) if now > began else 0.0
        eta = round((head - position) / rate) if rate else None
        click.echo(written(Facts(view, position, head, round(rate), eta)))

    return hear


class _Rate(ProgressColumn):
    @override
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f} events/s")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
