"""A view brought up to date from nothing by a projector that may die over it."""

from typing import NamedTuple

from psycopg import sql

from events.envelope import Position
from projections import projector
from projections.view import View
from tests.crash_points.dying import Point, crashing
from tests.projections.log import as_superuser

_TABLES = """
select c.relname
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %s and c.relkind = 'r'
 order by 1
"""


class Held(NamedTuple):
    """The rows of every table of a version, byte for byte, and its checkpoint."""

    position: Position
    rows: dict[str, list[str]]


def life(url: str, view: View, step_events: int, point: Point) -> int:
    """Catch up until the head or the point; how many statements that took."""
    with crashing(point) as crash, projector.connect_projector(url) as conn:
        projector.catch_up(conn, view, 1, step_events=step_events)
    return crash.passed


def boundaries(url: str, view: View, step_events: int) -> dict[Position, Held]:
    """What a run without a crash holds at the beginning and after each step, by its checkpoint."""
    forget(url, view)
    found = [held(url, view)]
    with projector.connect_projector(url) as conn:
        for _ in projector.steps(conn, view, 1, step_events):
            found.append(held(url, view))
    return {each.position: each for each in found}


def held(url: str, view: View, version: int = 1) -> Held:
    schema = f"{view.name}_{version}"
    with as_superuser(url) as conn:
        rows = {}
        for (name,) in conn.execute(_TABLES, (schema,)).fetchall():
            table = sql.Identifier(schema, name)
            query = sql.SQL("select t::text from {} t order by 1").format(table)
            rows[name] = [row[0] for row in conn.execute(query)]
        ((position,),) = conn.execute(
            "select position from read.versions where view = %s and version = %s",
            (view.name, version),
        ).fetchall()
    return Held(position, rows)


def forget(url: str, view: View) -> None:
    """The rows and the checkpoint of version 1."""
    schema = f"{view.name}_1"
    with as_superuser(url) as conn, conn.transaction():
        tables = [row[0] for row in conn.execute(_TABLES, (schema,)).fetchall()]
        names = sql.SQL(", ").join(sql.Identifier(schema, table) for table in tables)
        conn.execute(sql.SQL("truncate {}").format(names))
        conn.execute("update read.versions set position = 0 where view = %s", (view.name,))
