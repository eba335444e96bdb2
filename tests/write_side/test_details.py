"""What we know of a customer: e-mail, our name for them, their id elsewhere, attributes."""

from typing import Any

import pytest

from tests.projections.log import message
from tests.write_side.desk import PHONE, Desk


@pytest.fixture
async def ana(desk: Desk) -> Desk:
    """Conversation 1 is Ana's."""
    await desk.got(message("m", 1, phone=PHONE, name="Ana"))
    return desk


async def test_an_address_is_set_and_taken_away(ana: Desk) -> None:
    given = await ana.sends("PUT", "conversations/1/email/", {"email": "ana@example.org"})
    again = await ana.sends("PUT", "conversations/1/email/", {"email": "ana@example.org"})
    shown = (await ana.sees("conversations/1/"))["customer_email"]
    gone = await ana.sends("PUT", "conversations/1/email/", {"email": None})

    assert ("ana@example.org", "ana@example.org", None) == (
        given.json()["customer_email"],
        shown,
        gone.json()["customer_email"],
    )
    assert again.json() == given.json()
    assert None is (await ana.sees("conversations/1/"))["customer_email"]
    assert ["CustomerDetailsChanged"] * 2 == ana.said()


@pytest.mark.parametrize(
    "email",
    ["", "ana", "ana@", "@example.org", "ana@example", "a b@example.org", "ana@example..org",
     "ana@exam\nple.org", "<ana@example.org>", "a@b.c, d@e.f", "x" * 65 + "@example.org",
     "a@" + "b" * 260 + ".org", 5],
)  # fmt: skip
async def test_what_is_no_address_is_refused(ana: Desk, email: object) -> None:
    answer = await ana.sends("PUT", "conversations/1/email/", {"email": email})

    assert (422, "/email") == (answer.status_code, answer.json()["errors"][0]["pointer"][:6])


async def test_what_is_not_named_stays_and_null_takes_away(ana: Desk) -> None:
    first = {
        "display_name": "Ana Souza",
        "external_id": "C-1021",
        "attributes": {"plan": "gold", "orders": 3, "wholesale": True},
    }
    await ana.sends("PATCH", "customers/1/", first)
    second = {"external_id": None, "attributes": {"plan": "silver", "orders": None, "since": 2.5}}

    answer = await ana.sends("PATCH", "customers/1/", second)
    shown = await ana.sees("conversations/1/")

    expected = {"plan": "silver", "wholesale": True, "since": 2.5}
    assert ("Ana Souza", None, expected) == tuple(
        answer.json()[key] for key in ("display_name", "external_id", "attributes")
    )
    assert (None, expected) == (shown["external_id"], shown["attributes"])
    assert ("Ana Souza", "Ana") == tuple(
        shown["customer"][key] for key in ("display_name", "profile_name")
    )


async def test_an_event_says_only_what_changed(ana: Desk) -> None:
    await ana.sends("PATCH", "customers/1/", {"display_name": "Ana", "attributes": {"n": 1}})
    await ana.sends("PATCH", "customers/1/", {"display_name": "Ana", "attributes": {"n": True}})
    await ana.sends("PATCH", "customers/1/", {"display_name": "Ana", "attributes": {"n": True}})

    query = """select data - 'streams' - 'conversation_id' from log.events
                where type = 'CustomerDetailsChanged' order by position"""
    assert [
        ({"display_name": "Ana", "attributes": {"n": 1}},),
        ({"attributes": {"n": True}},),
    ] == ana.store.rows(query)


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"profile_name": "Anna"}, ""),
        ({"display_name": ""}, "/display_name"),
        ({"display_name": " Ana"}, "/display_name"),
        ({"display_name": "A\tB"}, "/display_name"),
        ({"display_name": "x" * 201}, "/display_name"),
        ({"external_id": 5}, "/external_id"),
        ({"attributes": {"a b": 1}}, "/attributes/a b"),
        ({"attributes": {"a": [1]}}, "/attributes/a"),
        ({"attributes": {"a": "x" * 1_001}}, "/attributes/a"),
        ({"attributes": {f"a{n}": n for n in range(101)}}, "/attributes"),
        ({"phone_number": "55"}, "/phone_number"),
    ],
)
async def test_what_can_not_be_is_refused_by_name(
    ana: Desk, wish: dict[str, Any], pointer: str
) -> None:
    answer = await ana.sends("PATCH", "customers/1/", wish)

    assert 422 == answer.status_code
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert [] == ana.said()


async def test_attributes_have_an_end(ana: Desk) -> None:
    few, more = ({f"a{n}": n for n in range(start, start + 60)} for start in (0, 60))
    await ana.sends("PATCH", "customers/1/", {"attributes": few})
    answer = await ana.sends("PATCH", "customers/1/", {"attributes": more})

    assert (422, "/attributes") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_the_profile_name_says_that_it_is_read_only(ana: Desk) -> None:
    answer = await ana.sends("PATCH", "customers/1/", {"profile_name": "Anna"})

    assert "read-only" in answer.json()["errors"][0]["message"]


async def test_a_customer_who_is_not_there_is_not_found(ana: Desk) -> None:
    answers = [
        await ana.sends("PATCH", "customers/9/", {"display_name": "x"}),
        await ana.sends("PUT", "conversations/9/email/", {"email": None}),
    ]

    assert [404, 404] == [answer.status_code for answer in answers]
