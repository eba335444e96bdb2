"""GET messages/: what is in an answer, and which messages a question finds."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from read_api import message_list, message_pages
from tests.read_api import rows
from tests.read_api.rows import ANA, NUMBER, at

Inbox = Connection[Any]


async def found(client: httpx.AsyncClient, **query: Any) -> list[int]:
    """The ids that a question finds, in the answer's order."""
    answer = await client.get("messages/", params=query)
    assert answer.status_code == 200, answer.text
    return [message["id"] for message in answer.json()["messages"]]


async def refused(client: httpx.AsyncClient, query: str) -> str:
    """The parameter that a refusal names."""
    answer = await client.get(f"messages/?{query}")
    assert answer.status_code == 400, answer.text
    assert "invalid-parameter" == answer.json()["code"]
    return str(answer.json()["errors"][0]["parameter"])


async def test_an_empty_inbox_answers_an_empty_list(client: httpx.AsyncClient) -> None:
    answer = await client.get("messages/")

    assert answer.json() == {
        "count": 0,
        "messages": [],
        "next_cursor": None,
        "prev_cursor": None,
        "has_more": False,
        "position": 0,
        "total": None,
        "total_is_capped": None,
        "phone_candidates": None,
    }
    assert "0" == answer.headers["X-Log-Position"]
    assert "no-store" == answer.headers["Cache-Control"]


async def test_a_message_has_all_keys_of_the_contract(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox)
    rows.message(inbox, 1)
    rows.reach(inbox, 5)

    answer = (await client.get("messages/")).json()

    assert 5 == answer["position"]
    assert [
        {
            "id": 1,
            "message_id": "wamid.1",
            "from_number": ANA,
            "from_name": "Ana",
            "message_type": "text",
            "text_body": "hola 1",
            "timestamp": "2026-11-16T10:00:01Z",
            "status": "received",
            "media_id": None,
            "media_url": None,
            "caption": None,
            "latitude": None,
            "longitude": None,
            "name": None,
            "address": None,
            "direction": "in",
            "conversation_id": 1,
            "customer": {
                "id": 1,
                "wa_id": ANA,
                "phone_e164": f"+{ANA}",
                "user_id": None,
                "username": None,
                "profile_name": "Ana",
                "display_name": "Ana",
            },
            "phone_number_id": NUMBER,
            "group_id": None,
            "received_at": "2026-11-16T10:00:01.204Z",
            "position": 1,
            "media": None,
            "content": None,
            "reply_to": None,
            "reactions": [],
            "edited": False,
            "deleted": False,
            "error": None,
            "late": False,
        }
    ] == answer["messages"]


async def test_media_and_places_have_their_flat_keys(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    media = {"media_id": "77", "mime_type": "image/jpeg", "url": "https://lookaside/77"}
    rows.message(inbox, 1, message_type="image", text_body=None, media=media, caption="the roof")
    rows.message(
        inbox, 2, message_type="location", latitude=-23.5, longitude=-46.6, name="Sé", address="SP"
    )

    place, image = (await client.get("messages/")).json()["messages"]

    assert ("77", "the roof", None) == (image["media_id"], image["caption"], image["media_url"])
    # Meta's address wants our access token, so it is nobody else's business.
    expected = {"media_id": "77", "mime_type": "image/jpeg", "state": "pending"}
    assert expected == image["media"]
    assert (-23.5, -46.6, "Sé", "SP") == tuple(
        place[key] for key in ("latitude", "longitude", "name", "address")
    )


async def test_an_outgoing_message_comes_from_the_business_number(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox)
    rows.message(
        inbox, 2, direction="out", message_type=None, text_body=None, customer_name=None,
        delivered_at=at(3), failed_at=at(2), error_code=131047, error_title="Re-engagement",
    )  # fmt: skip

    (message,) = (await client.get("messages/")).json()["messages"]

    assert ("15550783881", None) == (message["from_number"], message["from_name"])
    assert (None, "delivered") == (message["message_type"], message["status"])
    assert {"code": 131047, "title": "Re-engagement", "details": None} == message["error"]
    assert "Ana" == message["customer"]["display_name"]


async def test_a_person_without_a_phone_has_a_user_id(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(
        inbox, phone_number=None, user_id="BR.8f", username="ana.s", contact_name=None
    )
    rows.message(
        inbox, 1, customer_wa_id=None, customer_user_id="BR.8f", customer_name=None,
        filed_by=f"0{NUMBER}/u:BR.8f",
    )  # fmt: skip

    (message,) = (await client.get("messages/")).json()["messages"]

    assert (None, None) == (message["from_number"], message["from_name"])
    assert (None, None, "BR.8f", "ana.s", "ana.s") == tuple(
        message["customer"][key]
        for key in ("wa_id", "phone_e164", "user_id", "username", "display_name")
    )


async def test_in_a_group_the_customer_is_who_wrote(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, phone_number=None, group_id="g1", contact_name=None)
    rows.message(inbox, 1, group_id="g1", customer_wa_id="4915112345678", customer_name="Bo")

    (message,) = (await client.get("messages/")).json()["messages"]

    assert ("g1", "Bo") == (message["group_id"], message["customer"]["profile_name"])


async def test_reactions_edits_and_revocations_are_folded_onto_their_message(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.message(inbox, 1, text_body="helo")
    rows.message(inbox, 2)
    rows.revision(inbox, 3, "wamid.1", "edited", "hello")
    rows.revision(inbox, 4, "wamid.1", "edited", "hello!")
    rows.revision(inbox, 5, "wamid.2", "deleted")
    rows.reaction(inbox, 6, "wamid.1", "👍")
    rows.reaction(inbox, 7, "wamid.1", None)
    rows.reaction(inbox, 8, "wamid.1", "❤️")

    revoked, edited = (await client.get("messages/")).json()["messages"]

    assert ("hello!", True, False) == (edited["text_body"], edited["edited"], edited["deleted"])
    assert [
        {"emoji": "👍", "by": "customer", "at": "2026-11-16T10:00:06Z"},
        {"emoji": "❤️", "by": "customer", "at": "2026-11-16T10:00:08Z"},
    ] == edited["reactions"]
    assert ("hola 2", False, True) == (revoked["text_body"], revoked["edited"], revoked["deleted"])


async def test_a_reply_shows_what_it_answers_also_when_that_was_never_seen(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.message(inbox, 1, text_body="which colour?")
    rows.message(inbox, 2, context={"message_id": "wamid.1"})
    rows.message(inbox, 3, context={"message_id": "wamid.never"})

    never, reply, _ = (await client.get("messages/")).json()["messages"]

    assert {"message_id": "wamid.1", "id": 1, "preview": "which colour?"} == reply["reply_to"]
    assert {"message_id": "wamid.never", "id": None, "preview": None} == never["reply_to"]


async def test_what_arrived_long_after_it_was_sent_is_late(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.message(inbox, 1, received_at=at(3600))

    assert (await client.get("messages/")).json()["messages"][0]["late"]


async def test_a_time_in_the_future_pins_nothing_on_top(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.message(inbox, 1, timestamp=at(10**8), received_at=at(1))
    rows.message(inbox, 2)

    assert [2, 1] == await found(client)


@pytest.fixture
def mixed(inbox: Inbox) -> Inbox:
    """Seven messages of two conversations that differ in everything one can ask for."""
    rows.conversation(inbox, 1)
    rows.conversation(inbox, 2, phone_number="551187654321", phone_number_id="777")
    rows.message(inbox, 1, read=True)
    rows.message(inbox, 2, conversation_id=2, phone_number_id="777", customer_wa_id="551187654321")
    rows.message(inbox, 3, message_type="image", media={"media_id": "1"}, replied=True)
    rows.message(inbox, 4, direction="out", read_at=at(9))
    rows.message(inbox, 5, direction="out", failed_at=at(9), error_code=131047)
    rows.message(inbox, 6, received_at=at(7200))
    rows.message(
        inbox, 7, conversation_id=None, direction="out", sent_at=at(9), customer_wa_id=None
    )
    rows.insert(inbox, "media", {
        "media_id": "1", "phone_number_id": NUMBER, "id": 3, "received_at": at(3),
        "expires_at": at(99)
    })  # fmt: skip
    rows.reaction(inbox, 8, "wamid.4", "👍")
    rows.reaction(inbox, 9, "wamid.5", None)
    return inbox


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [7, 6, 5, 4, 3, 2, 1]),
        ({"limit": 2}, [7, 6]),
        ({"sort": "-timestamp"}, [7, 6, 5, 4, 3, 2, 1]),
        ({"sort": "timestamp", "limit": 3}, [1, 2, 3]),
        ({"sort": "-received_at", "limit": 3}, [6, 7, 5]),
        ({"sort": "received_at", "limit": 3}, [1, 2, 3]),
        ({"sort": "type", "limit": 2}, [3, 1]),
        ({"sort": "-type", "limit": 3}, [7, 6, 5]),
        ({"sort": "status"}, [5, 1, 4, 2, 6, 3, 7]),
        ({"sort": "from_name"}, [1, 2, 3, 6, 4, 5, 7]),
        ({"sort": "-from_number", "limit": 4}, [6, 3, 1, 2]),
        ({"sort": "from_name", "conversation": 1, "limit": 5}, [1, 3, 6, 4, 5]),
        ({"sort": "-received_at", "phone": ANA, "limit": 2}, [6, 5]),
        ({"type": "image"}, [3]),
        ({"type": "nothing"}, []),
        ({"conversation": 2}, [2]),
        ({"conversation": 99}, []),
        ({"customer": 2}, [2]),
        ({"customer": 2, "conversation": 1}, []),
        ({"media_state": "pending"}, [3]),
        ({"media_state": "stored"}, []),
        ({"reaction_to": "wamid.4"}, [4]),
        ({"reaction_to": 4}, [4]),
        ({"reaction_to": 5}, []),
        ({"reaction_to": 4, "type": "image"}, []),
        ({"phone_number_id": "777"}, [2]),
        ({"direction": "in"}, [6, 3, 2, 1]),
        ({"direction": "out"}, [7, 5, 4]),
        ({"status": "received"}, [6, 2]),
        ({"status": "failed"}, [5]),
        ({"status": ["deleted", "deleted"]}, []),
        ({"status": "played"}, []),
        ({"status": ["read", "replied"]}, [4, 3, 1]),
        ({"status": ["failed", "sent"]}, [7, 5]),
        ({"error_code": 131047}, [5]),
        ({"from": "2026-11-16T10:00:03Z"}, [7, 6, 5, 4, 3]),
        ({"from": "2026-11-16T10:00:03Z", "to": "2026-11-16T10:00:05Z"}, [4, 3]),
        ({"from": "2026-11-16"}, [7, 6, 5, 4, 3, 2, 1]),
        ({"to": "2026-11-16"}, []),
        ({"from": "2026-11-17", "tz": "Pacific/Kiritimati"}, [7, 6, 5, 4, 3, 2, 1]),
        ({"from": "2026-11-17", "tz": "UTC"}, []),
        ({"received_from": "2026-11-16T11:00:00Z"}, [6]),
        ({"received_to": "2026-11-16T10:00:03Z"}, [2, 1]),
        ({"unread": "true"}, [6, 3, 2]),
        ({"unread": "false"}, [7, 5, 4, 1]),
        ({"has_media": "true"}, [3]),
        ({"has_media": "false", "limit": 2}, [7, 6]),
        ({"phone": ANA}, [6, 5, 4, 3, 2, 1]),
        ({"phone": f"+{ANA}"}, [6, 5, 4, 3, 2, 1]),
        ({"phone": ANA, "phone_match": "exact"}, [6, 5, 4, 3, 1]),
        ({"phone": "7654321", "phone_match": "suffix"}, [6, 5, 4, 3, 2, 1]),
        ({"phone": "87654321", "phone_match": "suffix", "direction": "out"}, [5, 4]),
        ({"phone": ANA, "type": "image"}, [3]),
        ({"phone": ANA, "conversation": 2}, [2]),
        ({"phone": "4915112345678"}, []),
        ({"phone": ANA, "phone_match": "exact", "sort": "timestamp", "limit": 2}, [1, 3]),
    ],
)
async def test_each_parameter_narrows_the_list(
    client: httpx.AsyncClient, mixed: Inbox, query: dict[str, Any], expected: list[int]
) -> None:
    assert expected == await found(client, **query)


@pytest.mark.parametrize("typed", ["+5511987654321", "%2B5511987654321", "5511987654321"])
async def test_a_plus_may_be_encoded_or_not(
    client: httpx.AsyncClient, mixed: Inbox, typed: str
) -> None:
    answer = (await client.get(f"messages/?phone={typed}")).json()

    assert 6 == answer["count"]
    assert [ANA, "551187654321"] == answer["phone_candidates"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("q=", "q"),
        ("q_mode=all", "q_mode"),
        ("fields=id,nothing", "fields"),
        ("fields=", "fields"),
        ("customer=x", "customer"),
        ("api_key=wharf_0_0", "api_key"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=5&limit=6", "limit"),
        ("phone=Ana", "phone"),
        ("phone=", "phone"),
        ("phone_match=exact", "phone_match"),
        ("phone=5511&phone_match=fuzzy", "phone_match"),
        ("phone=321&phone_match=suffix", "phone"),
        ("type=", "type"),
        ("conversation=ana", "conversation"),
        ("conversation=99999999999999999999", "conversation"),
        ("phone_number_id=%00", "phone_number_id"),
        ("direction=both", "direction"),
        ("status=unknown", "status"),
        ("error_code=E5", "error_code"),
        ("from=yesterday", "from"),
        ("to=2026-11-16T10:00:00", "to"),
        ("tz=Mars", "tz"),
        ("from=2026-11-17&to=2026-11-16", "to"),
        ("received_from=1", "received_from"),
        ("received_to=1", "received_to"),
        ("unread=yes", "unread"),
        ("has_media=1", "has_media"),
        ("sort=-id", "sort"),
        ("cursor=abc", "cursor"),
        ("total=exact", "total"),
        ("min_position=-1", "min_position"),
        ("stale=yes", "stale"),
    ],
)
async def test_what_is_not_understood_is_refused_by_name(
    client: httpx.AsyncClient, query: str, parameter: str
) -> None:
    assert parameter == await refused(client, query)


async def test_a_phone_finds_whoever_wrote_from_it_once(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    """By a link to a user id, by an earlier number of the same person, by a number handed on."""
    rows.conversation(inbox, 1, phone_number=None, user_id="BR.8f")
    rows.insert(inbox, "identities", {"identity": f"{NUMBER}/u:BR.8f", "conversation_id": 1})
    link = {"phone_number_id": NUMBER, "wa_id": ANA, "user_id": "BR.8f", "linked_at": at(1)}
    rows.insert(inbox, "links", link)
    rows.conversation(inbox, 2, phone_number="4915100000000")
    rows.insert(inbox, "identities", {"identity": f"{NUMBER}/p:{ANA}", "conversation_id": 2})
    rows.conversation(inbox, 3, phone_number=None)
    rows.insert(inbox, "identities", {"identity": f"9/p:{ANA}#1763287200", "conversation_id": 3})
    rows.conversation(inbox, 4, phone_number=f"{ANA}0")
    for id_ in (1, 2, 3, 4):
        rows.message(inbox, id_, conversation_id=id_)

    assert [3, 2, 1] == await found(client, phone=ANA)


async def test_an_old_conversation_id_leads_to_where_its_messages_are(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)
    rows.message(inbox, 5)

    assert [5, 1] == await found(client, conversation=5)


async def test_a_total_is_counted_when_it_is_asked_for(
    client: httpx.AsyncClient, mixed: Inbox
) -> None:
    answer = (await client.get("messages/?total=capped&limit=2&direction=in")).json()
    of_phone = (await client.get(f"messages/?total=capped&limit=1&phone={ANA}&type=image")).json()

    assert (2, 4, False) == (answer["count"], answer["total"], answer["total_is_capped"])
    assert (1, 1) == (of_phone["count"], of_phone["total"])


async def test_of_each_message_one_may_want_some_fields_alone(
    client: httpx.AsyncClient, mixed: Inbox
) -> None:
    answer = (await client.get("messages/?fields=text_body,id&limit=2")).json()

    assert [{"text_body": "hola 7", "id": 7}, {"text_body": "hola 6", "id": 6}] == answer[
        "messages"
    ]
    assert answer["next_cursor"]


@pytest.mark.parametrize("query", ["", "conversation=1", "q=hola", "q=hola&conversation=1"])
async def test_more_than_can_be_sorted_asks_to_be_narrowed(
    client: httpx.AsyncClient, mixed: Inbox, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    rows.find(mixed)
    for module in (message_list, message_pages):
        monkeypatch.setattr(module, "ROWS_MAX", 4)

    assert "sort" == await refused(client, f"sort=from_name&{query}")
    assert 200 == (await client.get(f"messages/?sort=from_name&type=image&{query}")).status_code
    assert 200 == (await client.get(f"messages/?sort=timestamp&{query}")).status_code


async def test_both_spellings_of_the_path_answer(client: httpx.AsyncClient) -> None:
    assert 200 == (await client.get("messages")).status_code
    assert 200 == (await client.get("messages/")).status_code


async def test_a_number_of_any_size_in_a_message_takes_nobody_s_list_away(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    huge = -(10**99)
    rows.message(inbox, 1, content={"order": {"product_items": [{"item_price": huge}]}})

    answer = await client.get("messages/")

    (found,) = answer.json()["messages"]
    assert huge == found["content"]["order"]["product_items"][0]["item_price"]
