"""What stands between Meta and the inbox, and whether the app secret is the right one."""

from typing import Any

import pytest

from tests.read_api.pages.seeing import nothing_acts
from tests.wharf.pages.conftest import HOSTILE, Admin
from tests.write_side.posting import PATH, SECRET, TOKEN, delivery, eventually, post
from wharf.pages.checks import Received, checks
from wharf.settings import Settings

AT = "2026-11-22T10:00:00.000Z"
NOTHING = Received([], 0, None, None, None)
SET = Settings(
    app_secrets=("one",), verify_token="v", access_token="a", public_url="https://wharf.example.org"
)
GOOD = {"verified": True, "reason": "verified", "at": AT}
BAD = {"verified": False, "reason": "hub.mode is missing", "at": AT}
DELIVERY = {"signature": {"secret": "abcd1234"}, "received_at": AT}


def states(settings: Settings, received: Received, origin: str = "https://x") -> list[str]:
    return [check.state for check in checks(settings, origin, received)]


def says(received: Received) -> str:
    return " ".join(check.says for check in checks(SET, "https://x", received))


def test_at_the_beginning_everything_is_still_to_be_done() -> None:
    assert ["todo"] * 6 + ["yes", "todo"] == states(Settings(), NOTHING)


def test_in_the_end_everything_is_well() -> None:
    all_well = Received([GOOD], 0, None, DELIVERY, {"timestamp": AT})

    assert ["yes"] * 8 == states(SET, all_well)


def test_an_address_without_https_is_wrong() -> None:
    assert "no" == states(SET, NOTHING, "http://x")[0]


def test_verified_but_no_messages_says_why() -> None:
    verified = NOTHING._replace(handshakes=[GOOD])

    assert "no" == states(SET, verified)[4]
    assert "not subscribed" in says(verified)


@pytest.mark.parametrize(
    ("handshakes", "state"), [([BAD], "no"), ([BAD, GOOD], "yes"), ([GOOD, BAD], "yes")]
)
def test_a_handshake_counts_though_a_later_one_was_refused(
    handshakes: list[dict[str, Any]], state: str
) -> None:
    received = NOTHING._replace(handshakes=handshakes)

    assert state == states(SET, received)[3]
    assert (handshakes[0] is GOOD) == ("hub.mode is missing" not in says(received))


def test_refused_posts_are_wrong_while_none_was_right() -> None:
    refused = {"reason": "there is no X-Hub-Signature-256", "at": AT}
    received = NOTHING._replace(refused_last_day=2, refused=refused)

    assert "no" == states(SET, received)[6]
    assert "todo" == states(SET, received._replace(delivery=DELIVERY))[6]
    assert "2 POSTs refused in a day" in says(received)


async def test_what_came_is_shown_with_its_reason_and_without_what_was_said(boss: Admin) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": HOSTILE, "hub.challenge": "1"}
    assert 403 == (await boss.client.get(PATH, params=query)).status_code
    assert 401 == (await post(boss.client, delivery(), "another secret")).status_code
    assert 200 == (await post(boss.client, delivery())).status_code

    async def is_noted() -> bool:
        text = (await boss.see("/setup")).text
        return "no secret that is set here signs" in text and "hub.verify_token is not" in text

    await eventually(is_noted)
    page = await boss.see("/setup")
    assert "http://test/api/whatsapp/webhook/" in page.text
    assert "stored: 1 stored" in page.text
    assert HOSTILE not in page.text
    nothing_acts(page)


async def test_the_app_secret_is_compared_and_never_shown(boss: Admin) -> None:
    right = await boss.send("/setup/secret", secret=f" {SECRET} ")
    wrong = await boss.send("/setup/secret", secret=HOSTILE)
    plain = await boss.see("/setup")

    assert "That is a secret that is set here." in right.text
    assert "That is not a secret that is set here." in wrong.text
    for page in (right, wrong, plain):
        raw = str(page.tags) + page.text
        assert SECRET not in raw
        assert TOKEN not in raw
        assert HOSTILE not in raw
    await boss.see("/setup/secret", 303)


async def test_the_comparison_takes_a_form_of_our_page(boss: Admin) -> None:
    boss.csrf_token = "somebody else's"

    await boss.send("/setup/secret", 403, secret=SECRET)
