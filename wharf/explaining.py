"""Explaining: what a message or a conversation is made of, for the API and the command line."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.explaining import Event, explain
from read_api.conversation_detail import queries
from read_api.conversation_rows import conversation
from read_api.message_explain import fields_of_message
from read_api.message_rows import message
from read_api.pasts import Ask, Cause
from read_api.reading import Query, Rows

# What is of no message in particular and can still change one.
OF_PEOPLE = frozenset(
    {
        "ConversationRead",
        "ConversationsMerged",
        "ConversationsUnmerged",
        "ContactIdentityChanged",
    }
)

# The first event of a message, which its id is the position of, names it.
_NAMES: LiteralString = """
select data ->> 'message_id', data ->> 'phone_number_id' from log.current where position = %s
"""

Explained = tuple[Mapping[str, object], list[Cause]]


def message_causes(
    conn: Connection[Any],
    id_: int,
    to: Position,
    numbers: Collection[str] | None = None,
) -> Explained:
    """A message's fields as of a position, and what made them; none if it was not there."""
    names = conn.execute(_NAMES, (id_,)).fetchone()

    def own(event: Event) -> bool:
        return (event.message_id, event.phone_number_id) == names or event.type in OF_PEOPLE

    fields, causes = explain(
        conn, [id_], to, lambda at: fields_of_message(_asker(at), id_), own, numbers
    )
    return fields, [_cause(cause.event, cause.last_set) for cause in causes]


def conversation_causes(conn: Connection[Any], id_: int, to: Position, at: datetime) -> Explained:
    """A conversation's fields as of a position, and what made them: as a list has it, at a time."""

    def look(conn: Connection[Any]) -> Mapping[str, object]:
        found, last = (rows(conn, query) for query in queries(id_, 0))
        if not found:
            return {}
        return dict(conversation(found[0], [message(row) for row in last], 0, at))

    fields, causes = explain(conn, [id_], to, look, lambda event: True)
    return fields, [_cause(cause.event, cause.last_set) for cause in causes]


def rows(conn: Connection[Any], query: Query) -> Rows:
    """The answer to a question of the read side."""
    with conn.cursor(row_factory=query.row_factory, binary=True) as cursor:
        return cursor.execute(query.statement, query.parameters, prepare=False).fetchall()


def _asker(conn: Connection[Any]) -> Ask:
    return lambda query: rows(conn, query)


def _cause(event: Event, last_set: Sequence[str]) -> Cause:
    return Cause(
        event.position,
        event.type,
        event.version,
        event.occurred_at,
        event.recorded_at,
        event.delivery_id,
        event.pointer,
        event.actor,
        tuple(last_set),
    )
