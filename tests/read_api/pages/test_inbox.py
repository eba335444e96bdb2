"""The inbox as HTML: what it says, where it leads, and that nothing of a stranger acts in it."""

import re
from typing import Any

import httpx
import pytest
from psycopg import Connection

from read_api.pages.rendering import POLICY
from tests.read_api import rows
from tests.read_api.pages.seeing import nothing_acts, seen
from tests.read_api.rows import at

Inbox = Connection[Any]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}\u202e<hx-partial>"


def a_conversation(inbox: Inbox, **more: Any) -> None:
    rows.conversation(inbox, 1, **{"message_count": 2, "unread_count": 1, **more})


async def test_the_list_says_who_wrote_what_and_what_is_unread(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    a_conversation(inbox)
    rows.message(inbox, 1, text_body="is it ready?")

    page = await seen(browser, "/inbox")

    assert re.search(r"Ana\s.*is it ready\?\s.*1 unread", page.text, re.DOTALL)
    assert page.having("href", "/inbox/1")


async def test_tabs_say_how_many_there_are_to_look_after(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1, unread_count=2)
    rows.conversation(inbox, 2, phone_number="5511900000002", unread_count=0, failed_count=1)
    rows.conversation(inbox, 3, phone_number="5511900000003", unread_count=1)

    page = await seen(browser, "/inbox?assignee=me")

    assert re.search(r"All\s+Unread 2\s+Waiting\s+Mine\s+Failed 1\s+Done", page.text)


async def test_opening_a_conversation_shows_its_messages_and_keeps_the_filter(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    a_conversation(inbox)
    rows.message(inbox, 1, text_body="first")
    rows.message(inbox, 2, text_body="second")

    page = await seen(browser, "/inbox/1?unread=true")

    ids = [attrs["id"] for tag, attrs in page.tags if tag == "li" and "data-id" in attrs]
    assert ["m1", "m2"] == ids
    assert page.having("aria-current", "page")[-1]["href"] == "/inbox/1?unread=true"
    assert page.having("id", "unread")


async def test_looking_changes_nothing(browser: httpx.AsyncClient, inbox: Inbox) -> None:
    a_conversation(inbox)
    rows.message(inbox, 1)

    await seen(browser, "/inbox/1")

    assert [(1,)] == inbox.execute("select unread_count from conversations").fetchall()


async def test_older_messages_are_a_link_away(browser: httpx.AsyncClient, inbox: Inbox) -> None:
    a_conversation(inbox)
    for id_ in range(1, 61):
        rows.message(inbox, id_)

    newest = await seen(browser, "/inbox/1")
    (older,) = [attrs["href"] for _, attrs in newest.tags if "data-older" in attrs]
    assert older is not None
    oldest = await seen(browser, older)

    assert newest.having("id", "m60")
    assert not newest.having("id", "m10")
    assert oldest.having("id", "m10")
    assert oldest.having("id", "newer")


TYPES: dict[str, dict[str, Any]] = {
    "text": {"text_body": HOSTILE},
    "image": {"caption": HOSTILE, "media": {"media_id": "9", "mime_type": HOSTILE}},
    "document": {"media": {"media_id": "9", "filename": HOSTILE}},
    "audio": {"media": {"media_id": "9", "voice": True}},
    "video": {"media": {"media_id": HOSTILE}},
    "sticker": {"media": {}},
    "location": {"latitude": 1.5, "longitude": 2.5, "name": HOSTILE, "address": HOSTILE},
    "contacts": {
        "content": {
            "contacts": [
                {
                    "name": {"formatted_name": HOSTILE},
                    "phones": [{"phone": HOSTILE}, HOSTILE],
                    "emails": [{"email": HOSTILE}],
                    "org": {"company": HOSTILE},
                    "urls": [{"url": "javascript:alert(1)"}],
                },
                HOSTILE,
            ]
        }
    },
    "order": {
        "content": {
            "order": {"text": HOSTILE, "product_items": [{"product_retailer_id": HOSTILE}, 7]}
        }
    },
    "interactive": {
        "content": {"reply": {"kind": "list_reply", "title": HOSTILE, "description": HOSTILE}}
    },
    "interactive form": {
        "content": {
            "reply": {"kind": "nfm_reply", "name": HOSTILE, "response_json": f'["{HOSTILE}"'}
        }
    },
    "interactive of another kind": {"content": {"reply": {"kind": HOSTILE, "response": HOSTILE}}},
    "button": {"content": {"reply": {"kind": "button", "title": HOSTILE}}},
    "unsupported": {"error_code": 131051, "error_title": HOSTILE, "error_details": HOSTILE},
    HOSTILE: {},
    "text from an advertisement": {
        "text_body": "hi",
        "content": {
            "referral": {"headline": HOSTILE, "body": HOSTILE, "source_url": "javascript:alert(1)"}
        },
    },
    "of no shape": {"content": {"contacts": HOSTILE, "order": [HOSTILE], "reply": HOSTILE}},
}


@pytest.mark.parametrize("name", TYPES)
async def test_nothing_that_a_customer_wrote_acts(
    browser: httpx.AsyncClient, inbox: Inbox, name: str
) -> None:
    rows.conversation(inbox, 1, contact_name=HOSTILE, username=HOSTILE)
    message_type = name if name == HOSTILE else name.partition(" ")[0]
    rows.message(
        inbox, 1, **{"text_body": None, "message_type": message_type, "customer_name": HOSTILE}
        | TYPES[name]
    )  # fmt: skip
    rows.message(inbox, 2, direction="out", failed_at=at(3), error_title=HOSTILE)

    page = await seen(browser, "/inbox/1")

    nothing_acts(page)
    assert "alert(1)" in page.text


async def test_states_of_a_message_are_said_in_words(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    a_conversation(inbox)
    rows.message(inbox, 1, direction="out", read_at=at(3))
    rows.message(
        inbox, 2, direction="out", failed_at=at(3), error_code=131047, error_title="Re-engagement"
    )
    rows.message(inbox, 3, received_at=at(9000))

    page = await seen(browser, "/inbox/1")

    assert page.having("title", "Read")
    assert "Not delivered: 131047 Re-engagement" in page.text
    assert "sent 10:00, arrived 12:30" in page.text


async def test_an_empty_inbox_says_how_to_connect(browser: httpx.AsyncClient, inbox: Inbox) -> None:
    assert "/api/whatsapp/webhook/" in (await seen(browser, "/inbox")).text


async def test_an_empty_list_says_what_was_asked_for(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    page = await seen(browser, "/inbox?unread=true&phone=%2B5511")

    assert "unread: true, phone: +5511" in page.text
    assert page.having("aria-label", "Remove the filter phone: +5511")


async def test_what_was_searched_stays_in_the_box(browser: httpx.AsyncClient, inbox: Inbox) -> None:
    page = await seen(browser, '/inbox?q=a "cake"')
    without = await seen(browser, "/inbox")

    assert ['a "cake"'] == [each["value"] for each in page.having("name", "q")]
    assert page.having("aria-label", 'Remove the filter Search: a "cake"')
    assert [""] == [each["value"] for each in without.having("name", "q")]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/inbox/7", 404), ("/inbox/x", 404), ("/inbox?nonsense=1", 400), ("/inbox?cursor=x", 400)],
)
async def test_what_is_wrong_is_a_page_too(
    browser: httpx.AsyncClient, inbox: Inbox, path: str, status: int
) -> None:
    page = await seen(browser, path, status)

    assert "Request" in page.text


@pytest.mark.parametrize("path", ["/inbox", "/inbox/7"])
async def test_every_page_has_the_policy(
    browser: httpx.AsyncClient, inbox: Inbox, path: str
) -> None:
    headers = (await browser.get(path)).headers

    assert POLICY == headers["Content-Security-Policy"]
    assert "same-origin" == headers["Referrer-Policy"]
    assert "same-origin" == headers["Cross-Origin-Opener-Policy"]
    assert "nosniff" == headers["X-Content-Type-Options"]
    assert "no-store" == headers["Cache-Control"]


async def test_a_program_gets_its_problem_as_json(browser: httpx.AsyncClient, inbox: Inbox) -> None:
    answer = await browser.get("/inbox/7", headers={"Accept": "*/*"})

    assert "application/problem+json" == answer.headers["Content-Type"]


class TestWithoutPersonalData:
    """Whose scopes do not say `pii:read`."""

    @pytest.fixture
    def scopes(self) -> list[str]:
        return ["conversations:read", "messages:read"]

    async def test_numbers_are_masked_as_in_the_api(
        self, browser: httpx.AsyncClient, inbox: Inbox
    ) -> None:
        a_conversation(inbox, contact_name=None)
        rows.message(inbox, 1, message_type="contacts", text_body=None, content={"contacts": []})

        page = await seen(browser, "/inbox/1")

        assert "5511987654321" not in page.text
        assert "•••4321" in page.text
        assert "hidden from you" in page.text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("pending", "not downloaded yet"),
        ("failed", "the download failed"),
        ("expired", "Meta deleted it before it could be fetched"),
    ],
)
async def test_a_file_that_is_not_there_says_why(
    browser: httpx.AsyncClient, inbox: Inbox, state: str, said: str
) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1, message_type="image", text_body=None, media={"media_id": "71"})
    rows.file(inbox, "71", state)

    assert said in (await seen(browser, "/inbox/1")).text
