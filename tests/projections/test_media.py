"""The view of the files: facts in any order give the same row."""

from datetime import UTC, datetime
from itertools import combinations, pairwise, permutations
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from events.append import append
from events.database import connect_async
from events.dedupe import dedupe_key
from events.envelope import NewEvent, Position
from projections import projector, versions
from projections.media.view import MEDIA

AT = datetime(2026, 11, 22, tzinfo=UTC)
FILE = {"media_id": "7", "phone_number_id": "1"}

OUTCOMES = ("stored_position", "failed_position", "requested_position")

Happened = tuple[str, dict[str, Any]]

MESSAGE: Happened = (
    "MessageReceived",
    {
        "phone_number_id": "1",
        "message_id": "wamid.1",
        "message_type": "image",
        "media": {"media_id": "7", "mime_type": "image/png", "url": "https://x", "filename": "a"},
    },
)
EDIT: Happened = (
    "MessageEdited",
    {
        "phone_number_id": "1",
        "message_id": "wamid.2",
        "target_message_id": "wamid.1",
        "media": {"media_id": "8"},
    },
)
TRIED: Happened = ("MediaFailed", {**FILE, "reason": "http-500", "final": False, "attempts": 1})
FAILED: Happened = ("MediaFailed", {**FILE, "reason": "wrong-hash", "final": True, "attempts": 5})
EXPIRED: Happened = ("MediaFailed", {**FILE, "reason": "expired", "final": True, "attempts": 9})
REQUESTED: Happened = ("MediaRequested", {**FILE, "answers": 3})
STORED: Happened = (
    "MediaStored",
    {**FILE, "sha256": "ab" * 32, "size": 9, "store": "local", "attempts": 1},
)


async def log(url: str, *events: Happened) -> None:
    async with await connect_async(url, "wharf_write") as conn:
        made = [
            NewEvent("1/p:5", kind, 1, data, AT, dedupe_key(0, str(n)), None)
            for n, (kind, data) in enumerate(events)
        ]
        await append(conn, [(None, event) for event in made])


def rows(conn: Connection[Any]) -> list[dict[str, Any]]:
    with conn.transaction():
        versions.enter(conn, "media_1")
        with conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute("select * from media order by media_id").fetchall()


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([MESSAGE], "pending"),
        ([MESSAGE, TRIED], "pending"),
        ([MESSAGE, FAILED], "failed"),
        ([MESSAGE, TRIED, EXPIRED], "expired"),
        ([MESSAGE, FAILED, REQUESTED], "pending"),
        ([MESSAGE, FAILED, REQUESTED, FAILED], "failed"),
        ([MESSAGE, FAILED, REQUESTED, STORED], "stored"),
        ([MESSAGE, STORED, EXPIRED], "stored"),
    ],
)
async def test_the_state_follows_from_what_happened(
    database: str, events: list[Happened], state: str
) -> None:
    await log(database, *events)
    with projector.connect_projector(database) as conn:
        projector.catch_up(conn, MEDIA, 1)
        (row,) = rows(conn)

    assert (state, "wamid.1", "1/p:5", 1) == (
        row["state"],
        row["message_id"],
        row["stream"],
        row["id"],
    )
    assert 7 == (row["expires_at"] - row["received_at"]).days


@pytest.mark.slow
async def test_events_applied_in_any_order_give_the_same_row(database: str) -> None:
    """An event that was put aside comes late, alone."""
    events = [MESSAGE, TRIED, FAILED, REQUESTED, STORED]
    await log(database, *events)
    seen = []
    with projector.connect_projector(database) as conn:
        for order in permutations(range(len(events))):
            with conn.transaction(force_rollback=True):
                versions.enter(conn, "media_1")
                for n in order:
                    MEDIA.apply(conn, Position(n), Position(n + 1))
                with conn.cursor(row_factory=dict_row) as cursor:
                    seen.append(cursor.execute("select * from media").fetchall())

    assert seen == [seen[0]] * 120


async def test_however_events_are_cut_into_batches_the_rows_are_the_same(database: str) -> None:
    again: Happened = ("MessageReceived", {**MESSAGE[1], "message_id": "wamid.9"})
    elsewhere: Happened = ("MediaStored", {**STORED[1], "store": "elsewhere"})
    events = [TRIED, MESSAGE, again, EDIT, FAILED, REQUESTED, EXPIRED, STORED, elsewhere]
    await log(database, *events)
    ends = range(1, len(events))
    seen = []
    with projector.connect_projector(database) as conn:
        for cuts in (cut for n in ends for cut in combinations(ends, n) if n in (1, 2, 8)):
            with conn.transaction(force_rollback=True):
                versions.enter(conn, "media_1")
                for after, to in pairwise((0, *cuts, len(events))):
                    MEDIA.apply(conn, Position(after), Position(to))
                seen.append(conn.execute("select * from media order by media_id").fetchall())
        projector.catch_up(conn, MEDIA, 1)
        whole = rows(conn)

    assert seen == [[tuple(row.values()) for row in whole]] * 37
    assert [("wamid.1", 2, 8, 7, 6), ("wamid.1", 4, None, None, None)] == [
        tuple(row[name] for name in ("message_id", "id", *OUTCOMES)) for row in whole
    ]


async def test_the_file_of_an_edit_belongs_to_the_edited_message(database: str) -> None:
    await log(database, MESSAGE, EDIT)
    with projector.connect_projector(database) as conn:
        projector.catch_up(conn, MEDIA, 1)
        found = [(row["media_id"], row["message_id"]) for row in rows(conn)]

    assert [("7", "wamid.1"), ("8", "wamid.1")] == found


async def test_a_message_without_a_file_makes_no_row(database: str) -> None:
    text: Happened = ("MessageReceived", {"phone_number_id": "1", "message_id": "w", "media": {}})
    await log(database, text, ("MessageReceived", {"phone_number_id": "1", "message_id": "v"}))
    with projector.connect_projector(database) as conn:
        projector.catch_up(conn, MEDIA, 1)
        assert [] == rows(conn)
