"""The command `wharf` with a fault built in, for what a test must be able to see.

    python -m tests.system.variants NAME wharf's arguments ...

`answers-early`  deliveries are answered before their commit: they must be found missing
`swallows`       an append that failed is answered as if it had been stored: likewise
`loses-hints`    of three hints one is sent, one is lost and one is sent twice
`tells`          a worker says which batches it applied
`never-sweeps`   as `tells`, and only hints make it work
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from itertools import cycle

import wharf.workers
from events.errors import LogUnavailable
from projections import hints
from projections.hints import Sweep
from wharf import cli
from write_side.intake import Arrival, Intake

_background: set[asyncio.Task[None]] = set()


def answer_early() -> None:
    store = Intake.store

    async def early(self: Intake, body: bytes, signature: str, secret: str) -> None:
        task = asyncio.create_task(store(self, body, signature, secret))
        _background.add(task)
        task.add_done_callback(_background.discard)

    Intake.store = early  # type: ignore[method-assign]


def swallow() -> None:
    give_up = Intake._give_up

    async def pretend(self: Intake, batch: list[Arrival], error: LogUnavailable) -> None:
        for arrival in batch:
            if not arrival.committed.done():
                arrival.committed.set_result(None)
        await give_up(self, [], error)

    Intake._give_up = pretend  # type: ignore[method-assign]


def lose_hints() -> None:
    # Nothing sweeps up behind a lost one here.
    hints.LOST_S = 0.1
    declare = hints.declare_actor
    fates = cycle([1, 0, 2])

    def lossy(*arguments: object) -> Callable[[str], object]:
        send = declare(*arguments)  # type: ignore[arg-type]

        def sometimes(view: str) -> None:
            for _ in range(next(fates)):
                send(view)

        return sometimes

    wharf.workers.declare_actor = lossy  # type: ignore[assignment, attr-defined]


def tell() -> None:
    logging.getLogger("projections.projector").setLevel(logging.DEBUG)


def never_sweep() -> None:
    tell()
    Sweep.start = Sweep.stop = lambda self: None  # type: ignore[method-assign]


FAULTS = {
    "answers-early": answer_early,
    "swallows": swallow,
    "loses-hints": lose_hints,
    "tells": tell,
    "never-sweeps": never_sweep,
}

if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    cli.main()
