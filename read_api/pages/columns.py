"""The columns of the table of messages: what they are called, and what they sort by."""

from collections.abc import Sequence
from typing import NamedTuple


class Column(NamedTuple):
    """`sort` is the API's word for the order; a column without one can't be sorted by."""

    name: str
    title: str
    sort: str | None = None
    shown: bool = True


COLUMNS = (
    Column("time", "Sent", "timestamp"),
    Column("who", "Customer", "from_name"),
    Column("number", "From", "from_number"),
    Column("type", "Type", "type"),
    Column("text", "Message"),
    Column("status", "Status", "status"),
    Column("received", "Arrived", "received_at", shown=False),
    Column("media", "File", shown=False),
    Column("error", "Error", shown=False),
    Column("business", "Business number", shown=False),
    Column("id", "Id", shown=False),
)


def chosen(names: Sequence[str]) -> list[Column]:
    """The columns that the address names, in the table's order; old bookmarks may name others."""
    found = [column for column in COLUMNS if column.name in names]
    return found or [column for column in COLUMNS if column.shown]
