"""Totals: how many items a list has in all, counted only when asked for, and only so far."""

from typing import Any

from psycopg.sql import SQL, Composable, Composed
from typing_extensions import TypedDict

from read_api import parameters
from read_api.message_pages import ROWS_MAX as CAP
from read_api.reading import Rows

CAPPED = parameters.one_of("capped").about(f"Count all there are, up to {CAP}.")

_COUNT = SQL("""
select count(*) as total
  from ({page}) counted
""")


class Total(TypedDict):
    """How many there are in all, or `total` of them and more."""

    total: int | None
    total_is_capped: bool | None


def counting(page: Composable) -> Composed:
    """The statement that counts a page's rows, which may be as many as `rows` says."""
    return _COUNT.format(page=page)


def rows_max(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a page for the count: one row further than it goes."""
    return {**values, "rows": CAP + 1}


def total(counted: Rows | None) -> Total:
    """Out of the answer to `counting`; None where nobody asked."""
    if counted is None:
        return {"total": None, "total_is_capped": None}
    found: int = counted[0]["total"]
    return {"total": min(found, CAP), "total_is_capped": found > CAP}
