"""Keys by the page: made, shown once, and revoked."""

import re
from typing import Any

import pytest

from tests.read_api.pages.seeing import nothing_acts
from tests.wharf.pages.conftest import HOSTILE, Admin
from wharf.pages.key_page import SCOPE_WORDS
from wharf.scopes import SCOPES

WISH: dict[str, Any] = {
    "name": "warehouse",
    "scopes": ["messages:read", "stats:read"],
    "days": "90",
}


def test_every_scope_is_explained() -> None:
    assert set(SCOPE_WORDS) == SCOPES


async def test_a_key_is_shown_once_is_good_and_is_revoked(boss: Admin) -> None:
    page = await boss.send("/keys", **{**WISH, "networks": "127.0.0.0/8 2001:db8::/32"})
    (key,) = re.findall(r"wharf_[0-9a-f]{12}_\S+", page.text)

    listed = await boss.see("/keys")
    assert key not in listed.text
    assert "messages:read, stats:read" in listed.text
    assert "from 127.0.0.0/8, 2001:db8::/32" in listed.text
    headers = {"X-Api-Key": key}
    asked = await boss.client.get("/api/whatsapp/messages/", headers=headers)
    assert 200 == asked.status_code

    await boss.send(f"/keys/{key.split('_')[1]}/revoke", 303)
    assert "Revoked and expired (1)" in (await boss.see("/keys")).text
    await boss.send(f"/keys/{key.split('_')[1]}/revoke", 404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 201},
        {"scopes": []},
        {"scopes": ["messages:reed"]},
        {"days": "7"},
        {"networks": "everywhere"},
        {"scopes": ["raw:read"], "phone_number_ids": ["1"]},
    ],
)
async def test_what_can_not_be_is_refused_and_what_was_filled_in_stays(
    boss: Admin, wrong: dict[str, Any]
) -> None:
    page = await boss.send("/keys", 422, **{**WISH, "name": HOSTILE[:9], **wrong})

    assert 1 == len(page.having("role", "alert"))
    (name,) = page.having("name", "name")
    assert wrong.get("name", HOSTILE[:9]).strip() == str(name["value"]).strip()
    nothing_acts(page)


async def test_a_name_of_a_key_is_text(boss: Admin) -> None:
    page = await boss.send("/keys", **{**WISH, "name": HOSTILE})

    assert HOSTILE in page.text
    nothing_acts(page)
