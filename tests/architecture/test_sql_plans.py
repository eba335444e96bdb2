"""The statements of the read API use the indexes that were made for them.

The real statements are explained, not copies, on tables that are large enough for a plan through
an index to be the cheaper one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from read_api import (
    conversation_detail,
    conversation_list,
    customer_finding,
    finding,
    media_list,
    media_rows,
    message_detail,
    status_list,
)
from read_api.conversation_lookup import conversations_of
from read_api.cursor import Place
from read_api.live import changes
from read_api.message_pages import Question
from read_api.paging import Page
from read_api.pending_media import PENDING
from read_api.phones import Phone
from read_api.reading import Query

PHONE = "5511900000007"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

SEED: LiteralString = """
insert into messages (id, phone_number_id, message_id, conversation_id, filed_by, direction,
                      message_type, customer_wa_id, "timestamp", received_at, sorted_at, read,
                      replied, sent_at)
select i, '1065', 'wamid.' || i, 1 + i % 20000, '01065/p:' || 5511900000000 + i % 20000,
       case when i % 3 = 0 then 'out' else 'in' end,
       case when i % 1000 = 0 then 'order' else 'text' end,
       5511900000000 + i % 20000, t, t, t, i % 50 <> 0, i % 40 <> 0, t
  from generate_series(1, 40000) i
 cross join lateral (select timestamptz '2026-01-01' + i * interval '1 second' as t) at;

insert into conversations (id, phone_number_id, phone_number, message_count, unread_count,
                           last_message_at, last_message_id, last_incoming_at, waiting_since,
                           failed_count, assignee, state_said, labels)
select m.conversation_id, '1065', min(m.customer_wa_id), count(*),
       case when m.conversation_id % 100 = 0 then 1 else 0 end, max(m.sorted_at), max(m.id),
       max(m.sorted_at), max(m.sorted_at), case when m.conversation_id % 100 = 0 then 1 else 0 end,
       case when m.conversation_id % 100 = 0 then 'luis' end,
       case m.conversation_id % 100 when 0 then 'done' when 1 then 'snoozed' else 'open' end,
       case when m.conversation_id % 100 = 0 then '{vip}'::text[] else '{}' end
  from messages m
 group by m.conversation_id;

insert into identities (identity, conversation_id)
select '1065/p:' || c.phone_number, c.id from conversations c;

insert into links (phone_number_id, wa_id, user_id, linked_at)
select '1065', c.phone_number, 'BR.' || c.id, c.last_message_at from conversations c;

insert into merges (id, stream, at, identity, other_stream, other_at, other_identity)
select c.id, i.stream, c.last_message_at, i.stream, i.stream, c.last_message_at, i.stream
  from conversations c
 cross join lateral (select '1065/p:' || c.phone_number as stream) i;

insert into statuses (id, phone_number_id, message_id, status, participant, recipient_number,
                      "timestamp", received_at, sorted_at)
select m.id, '1065', m.message_id, 'sent', '', m.customer_wa_id, m.sorted_at, m.sorted_at,
       m.sorted_at
  from messages m;

insert into reactions (phone_number_id, message_id, reactor, emoji, reacted_at, id)
select '1065', m.message_id, 'x', 'x', m.sorted_at, m.id from messages m where m.id % 3 = 1;

insert into revisions (id, phone_number_id, message_id, kind, revised_at)
select m.id, '1065', m.message_id, 'edited', m.sorted_at from messages m where m.id % 3 = 2;

insert into notes (id, filed_under, conversation_id, stream, body, created_at, changed_id)
select m.id, m.id, m.conversation_id, 's', 'x', m.sorted_at, m.id from messages m;

insert into details (filed_under, name, key, conversation_id, value, id, stream)
select m.id, 'assignee', '', m.conversation_id, '"luis"', m.id, 's' from messages m;

insert into note_versions (id, note_id, body, written_at)
select m.id, m.id, 'x', m.sorted_at from messages m;

insert into media (media_id, phone_number_id, id, stream, received_at, expires_at, stored_position)
select m.id::text, '1065', m.id, 's', m.sorted_at, m.sorted_at,
       case when m.id % 100 <> 0 then m.id end
  from messages m;
"""


@pytest.fixture(scope="module")
def seeded(server: str, template: str) -> Iterator[Connection[Any]]:
    """A connection that acts as the reader does, on tables that are not small."""
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(SQL("create database plans template {}").format(Identifier(template)))
    with psycopg.connect(server, dbname="plans", autocommit=True) as conn:
        conn.execute(
            "select set_config('search_path', string_agg(quote_ident(schema_name), ','), false)"
            "  from read.active join read.versions using (view, version)"
        )
        conn.execute(SEED)
        conn.execute("vacuum analyze")
        conn.execute("set role wharf_read")
        yield conn


def messages(
    filters: dict[str, Any], few: list[int] | None = None, place: Place | None = None
) -> Query:
    return Question(Page("messages", "-timestamp", filters, place, 50), None, few).page_query()


def conversations(
    sort: str = "-last_message_at", place: Place | None = None, **filters: Any
) -> list[Query]:
    return conversation_list.queries(
        Page("conversations", sort, filters, place, 50), 10, None, NOON
    )


def of_a_time() -> list[Query]:
    asked = Page("conversations", "-last_message_at", {"from": NOON, "to": NOON}, None, 50)
    return conversation_list.queries(asked, 10, None, NOON)


def statuses(phone: Phone | None = None, **filters: Any) -> Query:
    return status_list.query(Page("statuses", "-timestamp", filters, None, 50), phone)


def files(**filters: Any) -> Query:
    return media_list.query(Page("media", "-received_at", filters, None, 50))


FOLDED = {
    "messages_pkey",
    "messages_one_row_per_message",
    "reactions_pkey",
    "revisions_by_message",
    "media_pkey",
}
NEXT, PREVIOUS = (Place(way, (NOON, 9)) for way in ("next", "prev"))

STATEMENTS: dict[str, tuple[Query, set[str]]] = {
    "messages": (messages({}), {"messages_by_time", *FOLDED}),
    "the next page": (messages({}, place=NEXT), {"messages_by_time", *FOLDED}),
    "the page before": (messages({}, place=PREVIOUS), {"messages_by_time", *FOLDED}),
    "messages of a time": (messages({"from": NOON}), {"messages_by_time"}),
    "messages of a type": (messages({"type": "order"}), {"messages_by_type", *FOLDED}),
    "messages of conversations": (messages({}, few=[8, 9]), {"messages_by_conversation", *FOLDED}),
    "a page of a conversation": (messages({}, few=[8], place=NEXT), {"messages_by_conversation"}),
    "a message": (Query(message_detail.BY_ID, {"id": 9}), FOLDED),
    "a message by wamid": (Query(message_detail.BY_WAMID, {"id": "wamid.9"}), FOLDED),
    "a timeline": (
        Query(message_detail.TIMELINE, {"message_id": "wamid.9", "phone_number_id": "1065"}),
        {"statuses_pkey"},
    ),
    "versions": (
        Query(message_detail.REVISIONS, {"message_id": "wamid.9", "phone_number_id": "1065"}),
        {"revisions_by_message"},
    ),
    "the conversations of a phone": (
        conversations_of(Phone(PHONE, "variants")),
        {"conversations_by_phone", "identities_pkey", "links_by_phone"},
    ),
    "conversations": (
        conversations()[0],
        {"conversations_by_time", "notes_by_conversation"},
    ),
    "unread conversations": (conversations(unread=True)[0], {"conversations_by_unread"}),
    **{
        f"conversations by {sort}": (conversations(sort, place)[0], {index})
        for sort, place, index in (
            ("unread", None, "conversations_by_unread"),
            ("-unread", Place("next", (True, NOON, 9)), "conversations_by_unread"),
            ("name", None, "conversations_by_name"),
            ("-name", Place("next", ("ana", 9)), "conversations_by_name"),
            ("window_expires_at", None, "conversations_by_window"),
            ("-window_expires_at", Place("prev", (NOON, 9)), "conversations_by_window"),
            ("waiting_since", None, "conversations_by_waiting"),
            ("-waiting_since", Place("next", (NOON, 9)), "conversations_by_waiting"),
        )
    },
    "conversations of an assignee": (
        conversations(assignee="luis")[0],
        {"conversations_assigned"},
    ),
    "conversations that are done": (conversations(state="done")[0], {"conversations_not_open"}),
    "conversations put off": (conversations(state="snoozed")[0], {"conversations_not_open"}),
    "conversations with a label": (conversations(label="vip")[0], {"conversations_labelled"}),
    "conversations with a failure": (conversations(has_failed=True)[0], {"conversations_failed"}),
    "conversations of a time": (
        of_a_time()[0],
        {"conversations_by_time"},
    ),
    "conversations that close soon": (
        conversations("window_expires_at", window="closing")[0],
        {"conversations_by_window"},
    ),
    "conversations that wait longest": (
        conversations("waiting_since", unanswered=True)[0],
        {"conversations_by_waiting"},
    ),
    "a conversation": (
        conversation_detail.queries(9, 10)[0],
        {"messages_pkey", "conversations_pkey", "notes_by_conversation"},
    ),
    "its last messages": (
        conversation_detail.queries(9, 10)[1],
        {"conversations_pkey", "messages_by_conversation", *FOLDED},
    ),
    "last messages": (conversations()[1], {"messages_by_conversation", *FOLDED}),
    "statuses": (statuses(), {"statuses_by_time"}),
    "statuses of a message": (statuses(message_id="wamid.9"), {"statuses_pkey"}),
    "statuses of a phone": (statuses(Phone(PHONE, "variants")), {"statuses_by_recipient"}),
    "files": (files(), {"media_by_time"}),
    "files of a state": (files(state="failed"), {"media_by_state"}),
    "a file": (Query(media_rows.BY_MEDIA_ID, {"media_id": "9"}), {"media_pkey"}),
    "pending files": (Query(PENDING, {"after": 9, "limit": 500}), {"media_pending"}),
    "a command by phone": (
        Query(finding.BY_PHONE, {"numbers": [PHONE]}),
        {"conversations_by_phone", "identities_by_conversation"},
    ),
    "where changes belong": (
        Query(
            changes.PLACES,
            {
                "positions": [8, 9],
                "message_ids": ["wamid.8", None],
                "numbers": ["1065", "1065"],
                "conversations": [None, 9],
                "streams": [f"1065/p:{PHONE}"] * 2,
                "times": [NOON] * 2,
                "other_streams": [None, f"1065/p:{PHONE}"],
                "other_times": [None, NOON],
            },
        ),
        {"messages_one_row_per_message", "messages_pkey", "identities_pkey", "conversations_pkey"},
    ),
    "where conversations are now": (
        Query(changes.CONVERSATIONS, {"ids": [8, 9]}),
        {"messages_pkey"},
    ),
    "a command by id": (Query(finding.BY_ID, {"id": 9}), {"messages_pkey", "conversations_pkey"}),
    "customers by id": (
        Query(customer_finding.CUSTOMERS, {"ids": [9, 10]}),
        {"messages_pkey", "conversations_pkey", "identities_pkey", "identities_by_conversation"},
    ),
    "merges of customers": (
        Query(customer_finding.MERGES, {"ids": [9, 10]}),
        {"merges_by_identity", "merges_by_other_identity", "merges_pkey"},
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_uses_its_indexes(seeded: Connection[Any], name: str) -> None:
    (statement, parameters), indexes = STATEMENTS[name]
    explain = SQL("explain ") + (SQL(statement) if isinstance(statement, str) else statement)
    rows = seeded.execute(explain, parameters).fetchall()
    plan = "\n".join(row[0] for row in rows)

    assert set() == {index for index in indexes if index not in plan}, plan
    assert "Seq Scan" not in plan, plan
