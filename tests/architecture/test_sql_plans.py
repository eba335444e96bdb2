"""The statements of the read API use the indexes that were made for them.

The real statements are explained, not copies, on tables that are large enough for a plan through
an index to be the cheaper one.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection
from psycopg.sql import SQL

from read_api import (
    business_numbers,
    conversation_detail,
    conversation_list,
    customer_detail,
    customer_finding,
    customer_list,
    desk_finding,
    finding,
    history,
    media_list,
    media_rows,
    message_detail,
    note_list,
    status_list,
    thread,
)
from read_api.conversation_lookup import conversations_of, numbers_of
from read_api.conversation_search import Wanted
from read_api.cursor import Place
from read_api.customer_names import conversations_named
from read_api.entering import ENTER_NUMBERED, FOR_VALUES
from read_api.exports import sources
from read_api.live import changes, joined
from read_api.message_pages import Question
from read_api.paging import Page
from read_api.pending_media import PENDING
from read_api.phones import Phone
from read_api.reading import Query

pytestmark = pytest.mark.slow

PHONE = "5511900000007"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


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


def statuses(numbers: list[str] | None = None, **filters: Any) -> Query:
    return status_list.query(Page("statuses", "-timestamp", filters, None, 50), numbers)


def customers(few: list[int] | None = None, **filters: Any) -> Query:
    return customer_list.query(Page("customers", "-last_message_at", filters, None, 50), few)


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

CONVERSATIONS = Page("conversations", "-last_message_at", {}, None, 50)
WORDS = Wanted(("59999",), in_numbers=True)

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
    "the conversations of the end of a phone": (
        conversations_of(Phone("00007", "suffix")),
        {"links_by_phone_end", "identities_by_phone_end", "identities_pkey"},
    ),
    "the numbers with an end": (
        numbers_of(Phone("00007", "suffix")),
        {"links_by_phone_end", "identities_by_phone_end"},
    ),
    "a place in a thread": (Query(thread.PLACE_OF_ID, {"around": 9}), {"messages_pkey"}),
    "a place by wamid": (
        Query(thread.PLACE_OF_WAMID, {"around": "wamid.9"}),
        {"messages_one_row_per_message"},
    ),
    "statuses of an error": (statuses(error_code=131047), {"statuses_of_error"}),
    "unusual statuses": (statuses(status=["a new word"]), {"statuses_unusual"}),
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
    "conversations with words, near": (
        conversation_list.search(CONVERSATIONS, WORDS, NOON)[0],
        {"conversations_by_time", "messages_by_conversation", "texts_pkey"},
    ),
    "conversations with words": (
        conversation_list.search(CONVERSATIONS, WORDS, NOON)[1],
        {"texts_by_trigram", "messages_one_row_per_message", "conversations_with_email"},
    ),
    "statuses": (statuses(), {"statuses_by_time"}),
    "statuses of a message": (statuses(message_id="wamid.9"), {"statuses_pkey"}),
    "statuses of a phone": (statuses([PHONE]), {"statuses_by_recipient"}),
    "files": (files(), {"media_by_time"}),
    "files of a state": (files(state="failed"), {"media_by_state"}),
    "a file": (Query(media_rows.BY_MEDIA_ID, {"media_id": "9"}), {"media_pkey"}),
    "pending files": (Query(PENDING, {"after": 9, "limit": 500}), {"media_pending"}),
    "a command by phone": (
        Query(finding.BY_PHONE, {"numbers": [PHONE], "since": 5, "missed_max": 20}),
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
    "what became one": (
        Query(
            joined.JOINED,
            {
                "positions": [9, 9],
                "ids": [7, 8],
                "numbers": ["1065", "1065"],
                "wa_ids": [PHONE, PHONE],
                "user_ids": ["BR.9", "BR.9"],
                "times": [NOON] * 2,
            },
        ),
        {"messages_pkey", "conversations_pkey"},
    ),
    "the statuses of a page of messages": (
        Query(sources.STATUSES, {"ids": [8, 9]}),
        {"messages_pkey", "statuses_pkey"},
    ),
    "the notes of a conversation": (
        Query(sources.NOTES, {"conversation": 9}),
        {"notes_by_conversation"},
    ),
    "where conversations are now": (
        Query(changes.CONVERSATIONS, {"ids": [8, 9]}),
        {"messages_pkey"},
    ),
    "a command at the desk": (
        Query(desk_finding.BY_ID, {"id": 9, "since": 5, "missed_max": 20}),
        {"messages_pkey", "conversations_pkey", "notes_by_conversation", "details_by_conversation"},
    ),
    "a command on a note": (
        Query(desk_finding.BY_NOTE, {"id": 9, "since": 5, "missed_max": 20}),
        {"notes_pkey", "conversations_pkey", "links_by_user"},
    ),
    "the streams of a history": (
        Query(history.STREAMS, {"id": 9}),
        {"conversations_pkey", "links_by_user", "details_by_conversation"},
    ),
    "notes": (
        note_list.query(Page("notes", "created_at", {}, Place("next", (9,)), 50), 9),
        {"notes_by_conversation", "note_versions_by_note"},
    ),
    "business numbers": (Query(business_numbers.NUMBERS, {}), {"conversations_by_number"}),
    "a command by id": (
        Query(finding.BY_ID, {"id": 9, "since": 5, "missed_max": 20}),
        {"messages_pkey", "conversations_pkey"},
    ),
    "customers by id": (
        Query(customer_finding.CUSTOMERS, {"ids": [9, 10], "since": 5, "missed_max": 20}),
        {"messages_pkey", "conversations_pkey", "identities_pkey", "identities_by_conversation"},
    ),
    "customers": (customers(), {"conversations_by_time", "messages_by_conversation"}),
    "customers of another database": (customers(external_id="8"), {"conversations_by_external_id"}),
    "customers found before": (customers([8, 9]), {"conversations_pkey"}),
    "customers by name": (
        conversations_named("59999", True),
        {"texts_by_trigram", "messages_one_row_per_message"},
    ),
    "all customers": (
        customer_list.total_query(Page("customers", "-last_message_at", {}, None, 50), None),
        {"conversations_by_time"},
    ),
    "all unread conversations": (
        conversation_list.total_query(
            Page("conversations", "-unread", {"unread": True}, None, 50), None, NOON
        ),
        {"conversations_by_unread"},
    ),
    "all statuses of an error": (
        status_list.total_query(
            Page("statuses", "-timestamp", {"error_code": 131047}, None, 50), None
        ),
        {"statuses_of_error"},
    ),
    "a customer": (
        Query(customer_detail.BY_ID, {"id": 9}),
        {"messages_pkey", "conversations_pkey", "messages_by_conversation"},
    ),
    "what a customer was known by": (
        Query(customer_detail.KNOWN_BY, {"id": 9}),
        {"messages_by_conversation", "identities_by_conversation", "links_by_user"},
    ),
    "a customer's outgoing messages": (
        Query(customer_detail.OUTGOING, {"id": 9}),
        {"messages_by_conversation"},
    ),
    "merges of customers": (
        Query(customer_finding.MERGES, {"ids": [9, 10]}),
        {"merges_by_identity", "merges_by_other_identity", "merges_pkey"},
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_uses_its_indexes(seeded: Connection[Any], name: str) -> None:
    (statement, parameters, *_), indexes = STATEMENTS[name]
    explain = SQL("explain ") + (SQL(statement) if isinstance(statement, str) else statement)
    rows = seeded.execute(explain, parameters).fetchall()
    plan = "\n".join(row[0] for row in rows)

    assert set() == {index for index in indexes if index not in plan}, plan
    assert "Seq Scan" not in plan, plan


# What the view does itself, with its own tables.
OF_NO_CALLER = {"pending files"}


@pytest.mark.parametrize("numbers", ["1065", "a new one"])
@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - OF_NO_CALLER))
def test_a_statement_for_some_numbers_alone_reads_no_table_through(
    seeded: Connection[Any], name: str, numbers: str
) -> None:
    """A number that has nothing is found to have nothing without looking through the others."""
    (statement, parameters, *_), _ = STATEMENTS[name]
    explain = SQL("explain ") + (SQL(statement) if isinstance(statement, str) else statement)
    with seeded.transaction(force_rollback=True):
        seeded.execute(ENTER_NUMBERED, {"view": "inbox", "numbers": [numbers], "plans": FOR_VALUES})
        rows = seeded.execute(explain, parameters).fetchall()
    plan = "\n".join(row[0] for row in rows)

    assert "wharf.numbers" in plan
    assert "Seq Scan" not in plan, plan
    if numbers == "a new one" and name in ("messages", "statuses"):
        assert f"{name}_by_number" in plan, plan


def test_failed_statuses_are_read_in_the_order_of_their_index(seeded: Connection[Any]) -> None:
    """Of a list of statuses, one long, either all would be sorted or the time walked through."""
    query = statuses(status=["failed"])
    assert not isinstance(query.statement, str)
    rows = seeded.execute(SQL("explain ") + query.statement, query.parameters).fetchall()
    plan = "\n".join(row[0] for row in rows)

    assert "Index Scan Backward using statuses_unusual" in plan
    assert "Sort" not in plan
