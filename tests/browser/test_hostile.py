"""What strangers write, in a real browser: nothing of it runs, and nothing breaks."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.house import House, check, message

pytestmark = [pytest.mark.service, pytest.mark.slow]

PHONE = "5511900000666"
SCRIPT = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>"
    "<hx-partial hx-target='body'>x</hx-partial><iframe src='javascript:alert(4)'></iframe>"
    "{{ 7*7 }} javascript:alert(5) \u202egnp.exe"
)
FILE = {"id": "<b>'\"", "mime_type": SCRIPT, "sha256": SCRIPT, "caption": SCRIPT}
LONG = "W" * 3000
EVERY_TYPE: tuple[dict[str, Any], ...] = (
    {"type_": "text", "text": {"body": SCRIPT}},
    {"type_": "text", "text": {"body": f"https://example.org/{LONG}?<script>"}},
    {"type_": "text", "text": {"body": "ﷺ" * 60 + "👩‍👩‍👧‍👦" * 40 + "Z̷̢̛" * 80}},
    {"type_": "text", "text": {"body": "שלום עולם " * 30}},
    {"type_": "image", "image": FILE},
    {"type_": "video", "video": FILE},
    {"type_": "audio", "audio": {**FILE, "voice": True}},
    {"type_": "document", "document": {**FILE, "filename": f"../../{SCRIPT}{LONG}"}},
    {"type_": "sticker", "sticker": FILE},
    {
        "type_": "location",
        "location": {"latitude": 1e308, "longitude": -0.0, "name": SCRIPT, "address": LONG},
    },
    {
        "type_": "contacts",
        "contacts": [
            {
                "name": {"formatted_name": SCRIPT},
                "phones": [{"phone": SCRIPT}],
                "emails": [{"email": SCRIPT}],
                "org": {"company": SCRIPT},
                "urls": [{"url": "javascript:alert(6)"}],
            }
        ],
    },
    {
        "type_": "order",
        "order": {
            "catalog_id": SCRIPT,
            "text": SCRIPT,
            "product_items": [
                {"product_retailer_id": LONG, "quantity": SCRIPT, "item_price": -1e99}
            ],
        },
    },
    {
        "type_": "interactive",
        "interactive": {
            "type": "list_reply",
            "list_reply": {"id": SCRIPT, "title": SCRIPT, "description": SCRIPT},
        },
    },
    {
        "type_": "interactive",
        "interactive": {
            "type": "nfm_reply",
            "nfm_reply": {"name": SCRIPT, "body": SCRIPT, "response_json": f'{{"a":"{LONG}"}}'},
        },
    },
    {"type_": "button", "button": {"payload": SCRIPT, "text": SCRIPT}},
    {
        "type_": "text",
        "text": {"body": "from an ad"},
        "referral": {"headline": SCRIPT, "body": SCRIPT, "source_url": "javascript:alert(7)"},
    },
    {"type_": "unsupported", "errors": [{"code": 131051, "title": SCRIPT}]},
    {"type_": "hologram<script>", "hologram": {"id": SCRIPT}},
)


def test_hostile_messages_of_every_type_do_nothing(house: House) -> None:
    house.post(*(message(each["type_"], PHONE, **_payload(each)) for each in EVERY_TYPE))
    house.post(
        message("reaction", PHONE, reaction={"message_id": "wamid.browser000001", "emoji": SCRIPT})
    )
    with house.person(viewport={"width": 360, "height": 780}) as ana:
        page = ana.open("/inbox")
        page.locator("#list .row").first.click()
        expect(page.locator(".bubble")).to_have_count(len(EVERY_TYPE))
        page.wait_for_load_state("networkidle")

        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        widths = page.locator(".bubble").evaluate_all("all => all.map(each => each.scrollWidth)")
        assert max(widths) <= 360
        assert 0 == page.locator("iframe, .thread script, .thread svg[onload]").count()
        check(page)
        for link in page.locator(".thread a").all():
            assert re.match(r"https?://|/", link.get_attribute("href") or "/")


def test_hostile_messages_do_nothing_in_the_table_and_on_their_pages(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/messages?columns=who&columns=type&columns=text&columns=id")
        check(page)
        ids = page.locator(".c-id").all_inner_texts()[: len(EVERY_TYPE)]
        for id_ in ids:
            page.goto(f"/messages/{id_}")
            expect(page.locator("h1")).to_be_visible()
        page.get_by_text("The item in Meta's POST").click()
        check(page)


def _payload(each: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in each.items() if name != "type_"}
