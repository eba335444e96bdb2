"""What fails when: drawn from the seed alone."""

from random import Random
from typing import Literal, NamedTuple, get_args

What = Literal[
    "web-kill", "web-term", "web-freeze", "worker-kill", "worker-freeze",
    "broker-kill", "broker-freeze", "broker-flush",
    "database-kill", "database-freeze", "database-sessions-end", "database-lock",
    "network-cut", "network-loses-answers",
]  # fmt: skip
FAULTS: tuple[What, ...] = get_args(What)

# Where one fault alone shows nothing: an answer that came too early has nothing behind it only
# while the database stands still.
PAIRS: tuple[tuple[What, What], ...] = (
    ("database-freeze", "web-kill"),
    ("database-lock", "web-kill"),
    ("database-kill", "worker-kill"),
    ("database-freeze", "database-kill"),
    ("broker-freeze", "worker-kill"),
    ("web-freeze", "database-kill"),
)


class Fault(NamedTuple):
    """Begins `at_s` seconds after the load and lasts `for_s`, where that means anything."""

    at_s: float
    what: What
    for_s: float


def plan(seed: int, faults: int) -> list[Fault]:
    """At least as many, a third of them or more at the same time as another."""
    random = Random(seed)
    found: list[Fault] = []
    at_s = 1.0
    while len(found) < faults:
        if random.random() < 0.4:
            first, second = random.choice(PAIRS)
            length = random.uniform(0.8, 2.0)
            found.append(Fault(at_s, first, length))
            found.append(Fault(at_s + random.uniform(0.2, 0.6), second, length))
        else:
            length = random.uniform(0.3, 2.0)
            found.append(Fault(at_s, random.choice(FAULTS), length))
        at_s += length + random.uniform(0.3, 1.5)
    return found
