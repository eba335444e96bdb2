"""Verify: replay the log beside the live tables and compare, changing nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import dict_row

from events.database import connect
from events.envelope import Position
from projections import poison, projector, replay, verifications, versions
from projections.versions import Version
from projections.view import View

BUCKETS = 1_024

# Hashes add up to the same whatever the order of the rows.
_BUCKETS: LiteralString = """
select abs(mod(hashtextextended({key}::text, 0), {buckets})) as bucket,
       count(*) || ':' || sum(hashtextextended(t::text, 1)::numeric)
  from {table} t
 group by 1
"""
_ROWS: LiteralString = """
select t.*
  from {table} t
 where abs(mod(hashtextextended({key}::text, 0), {buckets})) = any (%s)
"""

Rows = dict[tuple[Any, ...], dict[str, Any]]


class Difference(NamedTuple):
    """A row that is not what the log says; `columns` are (live, replayed) by name.

    A row that only one side has differs in no column: `missing` names the side.
    """

    table: str
    key: tuple[Any, ...]
    missing: str | None
    columns: dict[str, tuple[Any, Any]]


class OtherRelease(Exception):
    """The active version was made by another release, so this one's replay says nothing of it."""


class Verified(NamedTuple):
    position: Position
    differences: list[Difference]


def verify(url: str, view: View) -> Verified:
    """Compare the active version with a fresh replay up to its checkpoint.

    Events that were put aside are left out of both. Safe under live traffic: one snapshot holds
    checkpoint and tables together while the replay runs beside it in a schema of its own, which is
    dropped at the end. How it came out is kept for whoever asks (verifications). Raises
    OtherRelease.
    """
    with connect(url, "wharf_owner") as live, connect(url, "wharf_owner") as fresh:
        scratch = f"{view.name}_verify_{live.info.backend_pid}"
        began_at = verifications.begin(live, view.name)
        _clear_away(fresh, view)
        live.execute("begin isolation level repeatable read read only")
        version = answering(live, view)
        versions.enter(live, version.schema_name)
        try:
            projector.prepare(fresh)
            without = poison.positions(live, view.name, version.version)
            replay.replay(fresh, view, scratch, version.position, without)
            fresh.execute("begin")
            versions.enter(fresh, scratch)
            verified = Verified(version.position, _compare(live, fresh, view))
        finally:
            fresh.rollback()
            fresh.execute(
                sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(scratch))
            )
            live.rollback()
        verifications.keep(
            fresh,
            view.name,
            version.version,
            version.position,
            began_at,
            _counted(verified.differences),
        )
        return verified


def answering(live: Connection[Any], view: View) -> Version:
    """The version that answers. Raises OtherRelease."""
    version = versions.active(live, view.name)
    if version is None:
        raise LookupError(f"no version of {view.name} is active")
    if version.definition != view.definition:
        raise OtherRelease(
            f"{view.name} version {version.version} was made by another release: rebuild it first"
        )
    return version


def _counted(differences: list[Difference]) -> verifications.Tables:
    """How many rows differ, by table, and in which columns: nothing of what they say."""
    found: verifications.Tables = {}
    for each in differences:
        counts = found.setdefault(
            each.table, {"rows": 0, "missing_live": 0, "missing_replay": 0, "columns": {}}
        )
        counts["rows"] += 1
        counts["missing_live"] += each.missing == "live"
        counts["missing_replay"] += each.missing == "replay"
        for column in sorted(each.columns):
            counts["columns"][column] = counts["columns"].get(column, 0) + 1
    return found


def _clear_away(conn: Connection[Any], view: View) -> None:
    """Drop what killed runs left behind; the name says which session a schema is of."""
    for (name,) in conn.execute(
        "select nspname from pg_namespace"
        " where starts_with(nspname, %s)"
        "   and not exists (select from pg_stat_activity a"
        "                    where right(nspname, -length(%s)) = a.pid::text)",
        [f"{view.name}_verify_"] * 2,
    ).fetchall():
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))


def _compare(live: Connection[Any], fresh: Connection[Any], view: View) -> list[Difference]:
    found: list[Difference] = []
    for table, key in view.keys.items():
        parts = {
            "table": sql.Identifier(table),
            "key": sql.SQL("row({})").format(sql.SQL(", ").join(map(sql.Identifier, key))),
            "buckets": sql.Literal(BUCKETS),
        }
        summary = sql.SQL(_BUCKETS).format(**parts)
        ours, theirs = dict(live.execute(summary)), dict(fresh.execute(summary))
        differing = [b for b in {*ours, *theirs} if ours.get(b) != theirs.get(b)]
        if differing:
            rows = sql.SQL(_ROWS).format(**parts)
            found += differences_of(
                table, by_key(live, rows, [differing], key), by_key(fresh, rows, [differing], key)
            )
    return found


def by_key(
    conn: Connection[Any],
    query: sql.Composed,
    parameters: Sequence[Any] | Mapping[str, Any],
    key: tuple[str, ...],
) -> Rows:
    """What the query finds, by the columns of the key."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, parameters).fetchall()
    return {tuple(row[name] for name in key): row for row in rows}


def differences_of(table: str, live: Rows, fresh: Rows) -> list[Difference]:
    """The rows of a table, by their keys, that are not the same on both sides."""
    found = []
    for key in sorted({*live, *fresh}, key=str):
        ours, theirs = live.get(key), fresh.get(key)
        if ours is None or theirs is None:
            found.append(Difference(table, key, "live" if ours is None else "replay", {}))
        elif ours != theirs:
            columns = {n: (ours[n], theirs[n]) for n in ours if ours[n] != theirs[n]}
            found.append(Difference(table, key, None, columns))
    return found
