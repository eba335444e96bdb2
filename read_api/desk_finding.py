"""Finding a conversation, or a note, for a command that changes it."""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg.rows import DictRow

from read_api.conversation_lookup import CONVERSATION
from read_api.finding import STREAMS, WAIT_S
from read_api.missed import MISSED, MISSED_MAX, PHONES, kin
from read_api.reading import Freshness, Query, Reading

_COLUMNS: LiteralString = f"""
       c.id, c.assignee, c.state, c.snoozed_until, c.labels, c.unread, c.unread_count,
       c.customer_email, c.display_name, c.external_id, c.attributes, c.said_id, {STREAMS},
       {PHONES},
       {MISSED}
"""

BY_ID: LiteralString = f"select {_COLUMNS} from conversations c where c.id in ({CONVERSATION})"

BY_NOTE: LiteralString = f"""
select {_COLUMNS}, o.id as note_id, o.body, o.author, o.created_at, o.edited_at, o.edited_by,
       o.changed_id
  from notes o
  join conversations c on c.id = o.conversation_id
 where o.id = %(id)s and o.deleted_at is null
"""


class DeskNote(NamedTuple):
    """A note that was not deleted; `changed_id` is the position of its last version."""

    id: int
    body: str
    author: str | None
    created_at: datetime
    edited_at: datetime | None
    edited_by: str | None
    changed_id: int


class DeskConversation(NamedTuple):
    """A conversation with what our people have said of it, as far as the view knows.

    `streams` make it up, `kin` are these and what else it may hear from. `missed` is what came
    after the position that was asked about, `note` the one by which it was found.
    """

    id: int
    streams: list[str]
    kin: list[str]
    missed: list[dict[str, Any]]
    assignee: str | None
    state: str
    snoozed_until: datetime | None
    labels: list[str]
    unread: bool
    unread_count: int
    customer_email: str | None
    display_name: str | None
    external_id: str | None
    attributes: dict[str, str | int | float | bool]
    said_id: int
    note: DeskNote | None = None


async def find_conversation(
    reading: Reading, id_: int, *, min_position: int, since: int | None
) -> DeskConversation | None:
    """By its id, or one from before a merge. Raises ProjectionBehind after 2 s."""
    row = await _one(reading, BY_ID, id_, min_position, since)
    return None if row is None else _conversation(row)


async def find_note(
    reading: Reading, id_: int, *, min_position: int, since: int | None
) -> DeskConversation | None:
    """The conversation of a note, with the note. Raises ProjectionBehind after 2 s."""
    row = await _one(reading, BY_NOTE, id_, min_position, since)
    if row is None:
        return None
    note = {name: row[name] for name in DeskNote._fields if name != "id"}
    return _conversation(row)._replace(note=DeskNote(id=row["note_id"], **note))


async def _one(
    reading: Reading, statement: LiteralString, id_: int, min_position: int, since: int | None
) -> DictRow | None:
    values = {"id": id_, "since": since, "missed_max": MISSED_MAX}
    answers = await reading.read([Query(statement, values)], Freshness(min_position, WAIT_S))
    return answers.rows[0][0] if answers.rows[0] else None


def _conversation(row: DictRow) -> DeskConversation:
    names = set(DeskConversation._fields) - {"kin", "note"}
    return DeskConversation(kin=kin(row), **{name: row[name] for name in names})
