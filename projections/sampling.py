"""Verify by a sample: the events of some conversations, replayed alone, and their rows compared."""

from typing import Any, LiteralString

from psycopg import Connection, sql

from events.database import connect
from projections import poison, projector, versions
from projections.inbox.story import story
from projections.inbox.view import INBOX
from projections.past import fill, make_tables
from projections.verify import Difference, Verified, answering, by_key, differences_of
from projections.view import View

SAMPLE_MAX = 10_000

_CHOSEN: LiteralString = "select id from conversations order by random() limit %s"
_MESSAGES: LiteralString = """
select message_id, phone_number_id from messages where conversation_id = any(%s)
"""
_ROWS = sql.SQL("select t.* from {table} t where {condition}")


class NoSample(Exception):
    """The view's rows are not of conversations, so a sample of these says nothing of them."""


def verify_sample(url: str, view: View, conversations: int) -> Verified:
    """Compare the rows of so many conversations, by chance, with a replay of their events alone.

    Safe under live traffic: one snapshot holds checkpoint and tables together, and the replay is in
    temporary tables. Events that were put aside are left out. Raises OtherRelease and NoSample.
    """
    if not view.samples:
        raise NoSample(f"{view.name} can be verified as a whole alone")
    with connect(url, "wharf_owner") as live, connect(url, "wharf_owner") as fresh:
        projector.prepare(fresh)
        live.execute("begin isolation level repeatable read read only")
        version = answering(live, view)
        versions.enter(live, answering(live, INBOX).schema_name)
        ids = [id_ for (id_,) in live.execute(_CHOSEN, (conversations,))]
        names = set(live.execute(_MESSAGES, (ids,)).fetchall())
        without = set(poison.positions(live, view.name, version.version))
        positions = [each for each in story(live, ids, version.position) if each not in without]
        with fresh.transaction(force_rollback=True):
            views = [INBOX] if view is INBOX else [INBOX, view]
            make_tables(fresh, views)
            fill(fresh, views, positions)
            names |= set(fresh.execute(_MESSAGES, (ids,)).fetchall())
            versions.enter(live, version.schema_name)
            found = _compare(live, fresh, view, ids, sorted(names))
        live.rollback()
    return Verified(version.position, found)


def _compare(
    live: Connection[Any],
    fresh: Connection[Any],
    view: View,
    ids: list[int],
    names: list[tuple[Any, ...]],
) -> list[Difference]:
    values = {
        "ids": ids,
        "message_ids": [message_id for message_id, _ in names],
        "numbers": [number for _, number in names],
    }
    found: list[Difference] = []
    for table, condition in view.samples.items():
        query = _ROWS.format(table=sql.Identifier(table), condition=sql.SQL(condition))
        key = view.keys[table]
        found += differences_of(
            table, by_key(live, query, values, key), by_key(fresh, query, values, key)
        )
    return found
