"""GET customers/{id}/: a person with all that they were known by."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows
from tests.read_api.rows import ANA, NUMBER

Inbox = Connection[Any]
USER = f"{NUMBER}/u:BR.ana"


@pytest.fixture
def ana(inbox: Inbox) -> Inbox:
    """Ana had another name and no user id at first, and was merged with Bia, who left no trace."""
    rows.conversation(inbox, 1, contact_name="Ana Souza", user_id="BR.ana")
    rows.insert(inbox, "identities", {"identity": USER, "conversation_id": 1, "own_id": 1})
    rows.insert(inbox, "identities", {"identity": f"{NUMBER}/p:553", "conversation_id": 1})
    rows.insert(
        inbox,
        "links",
        {
            "phone_number_id": NUMBER,
            "wa_id": "554",
            "user_id": "BR.ana",
            "linked_at": rows.at(2),
        },
    )
    rows.message(inbox, 1)
    rows.message(
        inbox, 3, customer_name="Ana Souza", customer_user_id="BR.ana",
        customer_parent_user_id="BR.ENT.a", customer_username="ana_s",
    )  # fmt: skip
    rows.message(inbox, 4, direction="out", customer_name=None)
    side = {"stream": USER, "at": rows.at(3), "identity": USER}
    other = {"other_stream": "b", "other_at": rows.at(1), "other_identity": "b"}
    merged = {"merged_at": rows.at(5), "merged_by": "user:eva"}
    undone = {"undone_position": 8, "undone_at": rows.at(6), "undone_by": "key:1"}
    rows.insert(inbox, "merges", {"id": 7, **side, **other, **merged, **undone})
    return inbox


async def test_a_customer_is_shown_with_all_that_they_were_known_by(
    client: httpx.AsyncClient, ana: Inbox
) -> None:
    content = (await client.get("customers/1/")).json()

    def times(first: int | None, last: int | None) -> dict[str, str | None]:
        at = {1: "2026-11-16T10:00:01Z", 2: "2026-11-16T10:00:02Z", 3: "2026-11-16T10:00:03Z"}
        at[4] = "2026-11-16T10:00:04Z"
        return {
            "first_seen_at": at[first] if first else None,
            "last_seen_at": at[last] if last else None,
        }

    assert [
        {"wa_id": ANA, **times(1, 4)},
        {"wa_id": "554", **times(2, None)},
        {"wa_id": "553", **times(None, None)},
    ] == content["wa_ids"]
    assert [{"user_id": "BR.ana", **times(3, 3)}] == content["user_ids"]
    assert [{"parent_user_id": "BR.ENT.a", **times(3, 3)}] == content["parent_user_ids"]
    assert [{"username": "ana_s", **times(3, 3)}] == content["usernames"]
    assert [{"name": "Ana", **times(1, 1)}, {"name": "Ana Souza", **times(3, 3)}] == content[
        "profile_names"
    ]
    assert ("Ana Souza", 1) == (content["profile_name"], content["outgoing_count"])


async def test_merges_are_shown_with_who_made_and_undid_them(
    client: httpx.AsyncClient, ana: Inbox
) -> None:
    content = (await client.get("customers/1/")).json()

    assert [
        {
            "id": 7,
            "customer_id": 1,
            "other_customer_id": None,
            "merged_at": "2026-11-16T10:00:05Z",
            "merged_by": "user:eva",
            "undone_at": "2026-11-16T10:00:06Z",
            "undone_by": "key:1",
        }
    ] == content["merges"]


async def test_the_id_of_any_of_their_messages_leads_to_a_customer(
    client: httpx.AsyncClient, ana: Inbox
) -> None:
    assert 1 == (await client.get("customers/3/")).json()["id"]


async def test_who_has_the_answer_already_does_not_get_it_again(
    client: httpx.AsyncClient, ana: Inbox
) -> None:
    first = await client.get("customers/1/")
    rows.reach(ana, 20)

    again = await client.get("customers/1/", headers={"If-None-Match": first.headers["ETag"]})

    assert (304, b"", "20") == (again.status_code, again.content, again.headers["X-Log-Position"])
    ana.execute("update conversations set contact_name = 'Ana María'")
    changed = await client.get("customers/1/", headers={"If-None-Match": first.headers["ETag"]})
    assert 200 == changed.status_code
    assert changed.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("id_", ["5", "9", "x", "99999999999999999999"])
async def test_who_is_not_there_or_is_a_group_is_not_found(
    client: httpx.AsyncClient, ana: Inbox, id_: str
) -> None:
    rows.conversation(ana, 9, phone_number=None, group_id="grp")
    rows.message(ana, 9, conversation_id=9, group_id="grp")

    answer = await client.get(f"customers/{id_}/")

    assert (404, "not-found") == (answer.status_code, answer.json()["code"])


class TestWithoutPii:
    """A key that may not know numbers."""

    @pytest.fixture
    def scopes(self) -> list[str]:
        return ["conversations:read"]

    async def test_numbers_are_masked(self, client: httpx.AsyncClient, ana: Inbox) -> None:
        answer = await client.get("customers/1/")

        assert ANA not in answer.text
        assert ["•••4321", "•••", "•••"] == [each["wa_id"] for each in answer.json()["wa_ids"]]
