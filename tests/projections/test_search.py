"""The view of the texts: what can be found in a message, whatever comes first."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from events.append import append
from events.database import connect, connect_async
from events.dedupe import dedupe_key
from events.envelope import NewEvent
from projections import projector
from projections.rebuild import rebuild
from projections.search.view import SEARCH
from projections.verify import verify
from projections.versions import enter
from tests.conftest import new_database

AT = datetime(2026, 11, 22, tzinfo=UTC)
Happened = tuple[str, int, dict[str, Any]]

_MESSAGE = {"phone_number_id": "1", "message_id": "wamid.1"}
TARGET = {"phone_number_id": "1", "target_message_id": "wamid.1"}

MESSAGE: Happened = (
    "MessageReceived",
    1,
    {
        **_MESSAGE,
        "wa_id": "5511987654321",
        "profile_name": "Ana",
        "text": "Olá",
        "media": {"filename": "Á.PDF"},
    },
)
IMPORTED: Happened = ("MessageImported", 1, {**_MESSAGE, "text": "from the phone"})
PLACEHOLDER: Happened = (
    "MessageImported",
    1,
    {**_MESSAGE, "message_type": "media_placeholder"},
)
FIRST: Happened = ("MessageEdited", 2, {**TARGET, "message_id": "e1", "text": "first edit"})
LATEST: Happened = ("MessageEdited", 3, {**TARGET, "message_id": "e2", "text": "latest edit"})
CAPTION: Happened = ("MessageEdited", 4, {**TARGET, "message_id": "e3", "caption": "a roof"})
REVOKED: Happened = ("MessageRevoked", 5, {**TARGET, "message_id": "r1"})


@pytest.fixture(scope="module")
def shared(server: str, template: str) -> Iterator[str]:
    with new_database(server, template) as url:
        yield url


@pytest.fixture
def emptied(shared: str) -> str:
    """A database without events: emptying it takes less than making another."""
    with psycopg.connect(shared, autocommit=True) as conn:
        conn.execute("alter table log.events disable trigger user")
        conn.execute("truncate log.events")
        conn.execute("alter table log.events enable trigger user")
        conn.execute("truncate search_1.texts, search_1.text_edits")
        conn.execute("update read.versions set position = 0")
    return shared


async def log(url: str, *events: Happened) -> None:
    async with await connect_async(url, "wharf_write") as conn:
        made = [
            NewEvent(
                "1/p:5", kind, 1, data, AT + timedelta(seconds=at), dedupe_key(0, kind, repr(data))
            )
            for kind, at, data in events
        ]
        await append(conn, [(None, event) for event in made])


def texts(url: str, step_events: int = 100) -> dict[str, str]:
    """What the view makes of the log, each text without the signs between its parts."""
    with projector.connect_projector(url) as conn:
        projector.catch_up(conn, SEARCH, 1, step_events=step_events)
        with conn.transaction():
            enter(conn, "search_1")
            rows = conn.execute("select message_id, text from texts").fetchall()
    return {id_: " ".join(text.replace("\x1e", "|").split("\x1f")) for id_, text in rows}


@pytest.mark.parametrize("step_events", [1, 100])
@pytest.mark.parametrize("events", list(permutations([MESSAGE, FIRST, LATEST])))
async def test_the_latest_edit_is_found_whatever_comes_first(
    emptied: str, events: tuple[Happened, ...], step_events: int
) -> None:
    await log(emptied, *events)

    assert {"wamid.1": "latest edit a.pdf ana|5511987654321"} == texts(emptied, step_events)


async def test_an_edited_caption_leaves_the_rest_and_a_revocation_leaves_all(emptied: str) -> None:
    await log(emptied, MESSAGE, CAPTION, REVOKED)

    assert {"wamid.1": "ola a roof a.pdf ana|5511987654321"} == texts(emptied, 1)


@pytest.mark.parametrize("step_events", [1, 100])
@pytest.mark.parametrize("events", list(permutations([MESSAGE, IMPORTED, PLACEHOLDER])))
async def test_the_message_itself_says_it_best(
    emptied: str, events: tuple[Happened, ...], step_events: int
) -> None:
    await log(emptied, *events)

    assert {"wamid.1": "ola a.pdf ana|5511987654321"} == texts(emptied, step_events)
    with connect(emptied, "wharf_owner") as conn:
        enter_for_good(conn)
        assert conn.execute("select id, content_rank from texts").fetchall() == [(1, 0)]


async def test_a_rebuild_gives_the_same_and_verify_finds_it_so(database: str) -> None:
    await log(database, LATEST, MESSAGE, FIRST, CAPTION)
    before = texts(database, 1)

    rebuild(database, SEARCH)

    with connect(database, "wharf_owner") as conn:
        conn.execute("set search_path = search_2")
        after = conn.execute("select message_id, content_position from texts").fetchall()
    assert [("wamid.1", 2)] == after
    assert {"wamid.1": "ola a roof a.pdf ana|5511987654321"} == before
    assert [] == verify(database, SEARCH).differences


async def test_a_server_without_trigrams_has_the_texts_and_not_the_index(database: str) -> None:
    await log(database, MESSAGE)
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("drop extension pg_trgm cascade")

    rebuild(database, SEARCH)

    with connect(database, "wharf_owner") as conn:
        assert conn.execute("select to_regclass('search_2.texts_by_trigram')").fetchone() == (None,)
        assert conn.execute("select count(*) from search_2.texts").fetchone() == (1,)


def enter_for_good(conn: Connection[Any]) -> None:
    conn.execute("set search_path = search_1")


@pytest.mark.parametrize(
    ("said", "folded"),
    [
        ("Hola", "hola"),
        ("ÁÉÍ ñ Ü ç", "aei n u c"),
        ("Straße Łódź Ærø ŒUVRE", "strasse lodz aero oeuvre"),
        ("ΑΘΉΝΑ Й", "αθηνα и"),
        ("\uff21\uff22\uff13 ﬁn", "ab3 fin"),
        ("two\n\t lines", "two lines"),
        ("e\u0301", "e"),
        ("👍🏽 日本語", "👍🏽 日本語"),
    ],
)
async def test_case_and_accents_do_not_count(shared: str, said: str, folded: str) -> None:
    with connect(shared, "wharf_read") as conn:
        enter_for_good(conn)
        assert (folded,) == conn.execute("select folded(%s)", (said,)).fetchone()


@pytest.mark.parametrize(
    ("said", "pattern"), [("100%", r"%100\%%"), ("a_b", r"%a\_b%"), ("\uff05\\", r"%\%\\%")]
)
async def test_signs_with_a_meaning_stand_for_themselves(
    shared: str, said: str, pattern: str
) -> None:
    with connect(shared, "wharf_read") as conn:
        enter_for_good(conn)
        assert (pattern,) == conn.execute("select pattern(%s)", (said,)).fetchone()
