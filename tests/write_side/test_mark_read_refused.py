"""What can not be marked read, and how that is said."""

import json

from tests.projections.log import message
from tests.write_side.desk import PATH, PHONE, Desk


async def problem(desk: Desk, wish: object) -> tuple[int, str]:
    answer = await desk.client.post(PATH, json=wish)
    assert "application/problem+json" == answer.headers["Content-Type"]
    return answer.status_code, answer.json()["code"]


async def test_who_is_not_there_can_not_be_read(desk: Desk) -> None:
    await desk.got(message("m", 1, phone=PHONE))

    for wish in ({"phone_number": "4915200000000"}, {"conversation_id": 99}):
        assert (404, "conversation-not-found") == await problem(desk, wish)
    for up_to in ("unheard of", 99):
        unknown = {"phone_number": PHONE, "up_to_message_id": up_to}
        assert (404, "not-found") == await problem(desk, unknown)
    assert 0 == desk.reads()


async def test_a_number_that_is_only_similar_is_not_guessed(desk: Desk) -> None:
    """Brazil's mobile numbers are written with and without a nine."""
    await desk.got(message("m", 1, phone="551187654321"))

    answer = await desk.client.post(PATH, json={"phone_number": PHONE})

    assert (409, "ambiguous-phone") == (answer.status_code, answer.json()["code"])
    assert ["551187654321"] == answer.json()["candidates"]
    assert 0 == desk.reads()


NOT_RIGHT: list[object] = [
    {},
    {"phone_number": PHONE, "conversation_id": 1},
    {"phone_number": ""},
    {"phone_number": 5511987654321},
    {"conversation_id": "1"},
    {"conversation_id": 0},
    {"conversation_id": 1 << 63},
    {"conversation_id": True},
    {"phone_number": PHONE, "up_to_message_id": True},
    {"phone_number": PHONE, "up_to_message_id": "x" * 513},
    {"phone_number": PHONE, "up_to_message_id": "wamid.\0"},
    {"phone_number": PHONE, "notify_customer": True},
    {"phone_number": PHONE, "read_up_to": 7},
    [],
]
NOT_JSON = [b"", b"{", b"\xff", b"[" * 100_000, b'{"phone_number":"\\ud800"}']


async def test_a_wish_that_is_not_right_is_refused_and_says_where(desk: Desk) -> None:
    for body in [json.dumps(wish).encode() for wish in NOT_RIGHT] + NOT_JSON:
        answer = await desk.client.post(PATH, content=body)

        assert (422, "validation") == (answer.status_code, answer.json()["code"]), body[:80]
        assert {"pointer", "code", "message"} == set(answer.json()["errors"][0])
    assert 0 == desk.reads()


async def test_odd_text_is_nobodys_number_and_nobodys_message(desk: Desk) -> None:
    await desk.got(message("m", 1, phone=PHONE))
    for odd in ("\0", f"{PHONE}\0", "'; drop table log.events; --", "%", "' or true --"):
        for wish in ({"phone_number": odd}, {"phone_number": PHONE, "up_to_message_id": odd}):
            answer = await desk.client.post(PATH, json=wish)

            assert answer.status_code in (400, 404, 422), answer.text
    assert 0 == desk.reads()


async def test_an_id_beyond_all_ids_is_nobodys(desk: Desk) -> None:
    await desk.got(message("m", 1, phone=PHONE))

    wish = {"phone_number": PHONE, "up_to_message_id": 1 << 70}
    assert (404, "not-found") == await problem(desk, wish)
    wish = {"phone_number": PHONE, "up_to_message_id": -(1 << 70)}
    assert (404, "not-found") == await problem(desk, wish)
