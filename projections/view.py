"""What a view is: a name, its tables, the events it reads, and how it applies a range of them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position

# How a statement says which events it reads; and how it says so of some alone.
RANGE: LiteralString = "e.position > %(after)s and e.position <= %(to)s"
ONLY: LiteralString = "e.position = any(%(positions)s::bigint[])"


def only(statement: LiteralString) -> LiteralString:
    """The same statement for the events at `positions` instead of those in (after, to]."""
    assert RANGE in statement
    return statement.replace(RANGE, ONLY)


@dataclass(frozen=True)
class View:
    """A read model that can be thrown away and built again from the log.

    `tables` and `indexes` are SQL without schema names: each version of the view has a schema of
    its own, and search_path says which one is meant, so a rebuild runs the very same statements as
    live. `apply` makes the rows of the events after the first position up to and including the
    second; it runs inside the transaction that moves the checkpoint. `plain_views` are views in the
    schema `read`, by name, over the active version. `keys` are the tables that `verify` compares,
    each with its key. `apply_only` does what `apply` does for some events alone, wherever in the
    log they are; a view without it can't be asked for one conversation's past. `samples` say by
    table which of its rows `t` belong to the conversations %(ids)s, or to their messages
    %(message_ids)s of %(numbers)s: those tables can be verified by a sample. `numbers` says of
    tables without a column phone_number_id which business number a row `t` belongs to (SQL), or
    with None that the table speaks of none; those of which it says nothing are hidden from who may
    see some numbers alone. `revision` is raised when the statements come to make other rows of the
    same events.
    """

    name: str
    event_types: tuple[str, ...]
    tables: LiteralString
    indexes: LiteralString
    plain_views: dict[str, LiteralString]
    apply: Callable[[Connection[Any], Position, Position], None]
    keys: dict[str, tuple[str, ...]]
    numbers: dict[str, LiteralString | None] = field(default_factory=dict)
    revision: int = 1
    apply_only: Callable[[Connection[Any], Sequence[Position]], None] | None = None
    samples: dict[str, LiteralString] = field(default_factory=dict)

    @cached_property
    def definition(self) -> str:
        """What a version has to be made by to be kept up to date by this code; 16 hex digits.

        Comments and layout do not count.
        """
        text = re.sub(r"--[^\n]*|\s+", " ", f"{self.tables};{self.indexes}")
        parts = (str(self.revision), *sorted(self.event_types), " ".join(text.split()))
        return sha256("\0".join(parts).encode()).hexdigest()[:16]
