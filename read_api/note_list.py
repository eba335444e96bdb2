"""GET conversations/{id}/notes/: what colleagues wrote of a conversation, oldest first."""

from functools import lru_cache

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import ends, listed
from read_api.conversation_detail import asked_conversation
from read_api.conversation_lookup import CONVERSATION
from read_api.errors import NotFound
from read_api.fields import fields_of, selected
from read_api.message_rows import milliseconds
from read_api.models.note import Note, NoteList
from read_api.paging import Order, Page, cut, links, page
from read_api.reading import Query, Reading, Rows
from read_api.totals import CAPPED, counting, rows_max, total

PARAMETERS: dict[str, parameters.Parser] = {
    "sort": parameters.one_of("created_at", "-created_at"),
    "limit": parameters.limit,
    "total": CAPPED,
    "fields": fields_of(Note),
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
}

# The id is the position of the event that added the note, so it is the order of writing too.
ORDER = Order((), SQL("n.id"))

NOTES = SQL("""
select n.id, n.conversation_id, n.body, n.author, n.created_at, n.edited_at, n.edited_by,
       written.bodies, written.authors, written.times, written.ids
  from notes n
 cross join lateral (
       select array_agg(v.body order by v.id) as bodies,
              array_agg(v.author order by v.id) as authors,
              array_agg(v.written_at order by v.id) as times,
              array_agg(v.id order by v.id) as ids
         from note_versions v
        where v.note_id = n.id and v.body is not null) written
 where n.conversation_id = %(conversation)s and n.deleted_at is null and {after}
 {by}
 limit %(rows)s
""")


@lru_cache(maxsize=4)
def statement(descending: bool, placed: bool) -> Composed:
    after = ORDER.after(descending) if placed else SQL("true")
    return NOTES.format(after=after, by=ORDER.by(descending))


def query(asked: Page, conversation_id: int) -> Query:
    text = statement(asked.descending, asked.place is not None)
    return Query(text, {**asked.parameters(), "conversation": conversation_id})


def total_query(conversation_id: int) -> Query:
    return Query(counting(statement(True, False)), rows_max({"conversation": conversation_id}))


async def list_notes(reading: Reading, request: Request) -> Response:
    """A page of notes. Raises NotFound where there is no such conversation."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    id_ = asked_conversation(request)
    asked = page("notes", {**values, "id": id_}, ("id",), reading.cursor_key, "created_at")

    def then(found: list[Rows]) -> list[Query]:
        if not found[0]:
            raise NotFound("conversation")
        there = found[0][0]["id"]
        return [query(asked, there), *([total_query(there)] if "total" in values else ())]

    answers = await reading.read(
        [Query(CONVERSATION, {"id": id_})], parameters.freshness(request, values), then
    )
    _, found, *counted = answers.rows
    shown = cut(asked, found, ORDER.key, reading.cursor_key)
    notes = [note(row) for row in shown.rows]
    content: NoteList = {
        "count": len(notes),
        "notes": selected(notes, values.get("fields")),
        **ends(shown, answers),
        **total(counted[0] if counted else None),
    }
    return listed(request, content, answers, links(request, shown))


def note(row: DictRow) -> Note:
    """The note as it is, with what it said before it was edited."""
    versions = zip(row["bodies"], row["authors"], row["times"], row["ids"], strict=True)
    return {
        "id": row["id"],
        "conversation_id": row["conversation_id"],
        "body": row["body"],
        "author": who(row["author"]),
        "created_at": milliseconds(row["created_at"]),
        "edited_at": None if row["edited_at"] is None else milliseconds(row["edited_at"]),
        "edited_by": who(row["edited_by"]),
        "versions": [
            {"body": body, "author": who(author), "at": milliseconds(at), "position": position}
            for body, author, at, position in versions
        ],
    }


def who(actor: str | None) -> str | None:
    """As people are shown: a user by name, a key as `key:<id>`."""
    return None if actor is None else actor.removeprefix("user:")
