"""What is written and done in a conversation, as HTML: what it says, and where its forms go."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from psycopg import Connection

from read_api.pages.conversation import laters, our_name
from read_api.pages.viewing import view_of
from tests.read_api import rows
from tests.read_api.pages.seeing import nothing_acts, seen
from tests.read_api.rows import at

Inbox = Connection[Any]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}</textarea>"
MADRID = ZoneInfo("Europe/Madrid")


def note(inbox: Inbox, id_: int, body: str) -> None:
    written = {"body": body, "author": "user:ana"}
    rows.insert(
        inbox,
        "notes",
        {
            "id": id_,
            "conversation_id": 1,
            "created_at": at(id_),
            "changed_id": id_,
            **written,
            "filed_under": 1,
            "stream": "106540352242922/p:5511987654321",
        },
    )
    rows.insert(
        inbox, "note_versions", {"id": id_, "note_id": id_, "written_at": at(id_), **written}
    )


async def test_notes_stand_where_they_were_written_and_in_the_panel(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1, notes_count=1)
    rows.message(inbox, 1)
    rows.message(inbox, 9)
    note(inbox, 5, HOSTILE)

    page = await seen(browser, "/inbox/1")

    ids = [attrs["id"] for tag, attrs in page.tags if tag == "li" and attrs.get("id")]
    assert ["m1", "n5", "m9"] == [id_ for id_ in ids if id_ and id_[0] in "mn"]
    assert 2 == page.text.count("Note by ana")
    nothing_acts(page)


async def test_who_has_no_session_gets_no_forms(browser: httpx.AsyncClient, inbox: Inbox) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)

    page = await seen(browser, "/inbox/1?show=customer")

    assert [] == [attrs for _, attrs in page.tags if attrs.get("method") == "post"]


@pytest.mark.parametrize("show", ["customer", "files"])
async def test_the_panel_keeps_the_filters_and_leads_back(
    browser: httpx.AsyncClient, inbox: Inbox, show: str
) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)
    media = {"media_id": "95", "mime_type": HOSTILE, "filename": HOSTILE}
    rows.message(inbox, 2, message_type="document", text_body=None, media=media)

    page = await seen(browser, f"/inbox/1?unread=true&show={show}")

    assert page.having("data-refresh", f"/inbox/1?unread=true&show={show}")
    assert page.having("href", "/inbox/1?unread=true")
    nothing_acts(page)


async def test_who_may_be_the_same_is_found_on_the_same_business_number(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)

    page = await seen(browser, "/inbox/1?show=customer")

    assert "+5511987654321" in page.text
    assert "Known by" in page.text


def test_a_name_of_whatsapp_is_none_of_ours() -> None:
    theirs = {"profile_name": "Ana", "username": "ana.s", "phone_e164": "+55", "wa_id": "55"}

    assert our_name({**theirs, "user_id": "BR.1", "display_name": "Ana"}) is None
    assert our_name({**theirs, "user_id": "BR.1", "display_name": "+55"}) is None
    assert "Ana Souza" == our_name({**theirs, "user_id": "BR.1", "display_name": "Ana Souza"})


@pytest.mark.parametrize(
    ("now", "untils"),
    [
        ("2026-11-20T15:30:00", ["2026-11-20T16:30", "2026-11-21T09:00", "2026-11-23T09:00"]),
        ("2026-11-22T23:30:00", ["2026-11-23T00:30", "2026-11-23T09:00"]),
        # The clocks went forward that night.
        ("2026-03-28T23:30:00", ["2026-03-29T00:30", "2026-03-29T09:00", "2026-03-30T09:00"]),
    ],
)
def test_later_is_by_the_clock_of_who_asks(now: str, untils: list[str]) -> None:
    found = laters(datetime.fromisoformat(now).replace(tzinfo=MADRID))

    assert untils == [later.until[:16] for later in found]
    assert all(datetime.fromisoformat(later.until).tzinfo for later in found)


@pytest.mark.parametrize(
    ("kind", "mime_type", "view"),
    [
        ("image", None, "image"),
        ("sticker", "image/webp", "image"),
        ("audio", "audio/ogg; codecs=opus", "audio"),
        ("video", "video/mp4", "video"),
        ("document", "application/pdf", "pdf"),
        ("document", "Image/PNG", "image"),
        ("document", "text/html", None),
        ("document", "image/svg+xml", None),
        ("document", None, None),
    ],
)
def test_what_the_viewer_shows(kind: str, mime_type: str | None, view: str | None) -> None:
    media = {} if mime_type is None else {"mime_type": mime_type}

    assert view == view_of({"message_type": kind, "media": media})
