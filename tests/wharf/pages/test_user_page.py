"""Users by the page: added, given links and roles, shut out and let in again."""

import re

import pytest

from tests.read_api.pages.seeing import nothing_acts
from tests.wharf.pages.conftest import HOSTILE, Admin
from tests.wharf.test_sign_in import browser, enter, link_for


async def test_somebody_is_added_and_their_link_is_shown_once_and_opens(
    boss: Admin, access_database: str
) -> None:
    page = await boss.send("/users", name="ana", role="agent")

    (link,) = re.findall(r"http://test/sign-in\?token=(\S+)", page.text)
    assert link not in (await boss.see("/users")).text
    async with browser(access_database) as ana:
        assert 303 == (await enter(ana, link)).status_code


async def test_roles_change_and_people_go_and_come_back(boss: Admin, access_database: str) -> None:
    await link_for(access_database, "ana")
    await boss.send("/users/ana/role", 303, role="admin")
    rows = (await boss.client.get("/users")).text
    assert ["admin"] == re.findall(r"<option selected>(\w+)</option>", rows)

    await boss.send("/users/ana/remove", 303)
    assert "disabled" in (await boss.see("/users")).text
    again = await boss.send("/users", name="ana", role="agent")
    assert "A sign-in link for ana" in again.text
    other = await boss.send("/users/ana/link")
    assert "A sign-in link for ana" in other.text
    await boss.send("/users/nobody/link", 404)


@pytest.mark.parametrize(
    ("name", "status"), [("Ana Souza", 422), ("", 422), ("boss", 409), (HOSTILE, 422)]
)
async def test_a_name_that_can_not_be_is_refused_beside_its_field(
    boss: Admin, name: str, status: int
) -> None:
    page = await boss.send("/users", status, name=name, role="agent")

    (field,) = page.having("aria-invalid", "true")
    assert name == field["value"]
    assert page.having("role", "alert")
    nothing_acts(page)


async def test_nobody_shuts_themselves_out(boss: Admin) -> None:
    page = await boss.see("/users")
    actions = [str(attrs.get("action")) for tag, attrs in page.tags if tag == "form"]
    assert ["/users/boss/link"] == [each for each in actions if "boss" in each]

    for command in ("role", "remove"):
        refused = await boss.send(f"/users/boss/{command}", 409, role="agent")
        assert "not yours to take" in refused.text
    await boss.send("/users/boss/role", 422, role="king")


async def test_only_who_looks_after_it_may_and_only_from_our_page(
    boss: Admin, access_database: str
) -> None:
    boss.csrf_token = "somebody else's"
    await boss.send("/users", 403, name="eve", role="admin")
    async with browser(access_database) as client:
        await enter(client, await link_for(access_database, "ana"))
        csrf = (await client.get("/api/whatsapp/session/")).json()["csrf_token"]
        ana = Admin(client, csrf)
        for path in ("/users", "/keys"):
            await ana.see(path, 403)
        await ana.send("/users", 403, name="eve", role="admin")
        links = (await ana.see("/inbox")).links()

    assert {"/inbox", "/messages", "/stats", "/exports"} <= set(links)
    assert not {"/users", "/keys"} & set(links)
