"""Marking read, merging and unmerging: who has missed something is told, as with other commands."""

import pytest

from tests.projections.log import message
from tests.write_side.desk import PHONE, Desk

KEY = "5b0d1c2e-9f3a"


@pytest.fixture
async def two(desk: Desk) -> Desk:
    """Conversations 1 and 2 are Ana's and Bia's, of one business number."""
    await desk.got(message("a", 10, phone=PHONE), message("b", 10, phone="551"))
    return desk


async def tag(desk: Desk, id_: int) -> str:
    return str((await desk.sends("GET", f"conversations/{id_}/")).headers["ETag"])


@pytest.mark.parametrize("wish", [{"conversation_id": 1}, {"phone_number": PHONE}])
async def test_nothing_is_marked_read_that_its_caller_has_not_seen(
    two: Desk, wish: dict[str, object]
) -> None:
    seen = await tag(two, 1)
    await two.got(message("news", 11, phone=PHONE))

    answers = [
        await two.sends("POST", "mark-read/", wish, If_Match=seen),
        await two.sends("POST", "mark-read/", {**wish, "last_seen_position": 2}),
    ]

    for answer in answers:
        assert (409, "conversation-moved") == (answer.status_code, answer.json()["code"])
        assert [{"position": 3, "kind": "message", "direction": "in"}] == answer.json()["missed"]
    assert [] == two.said()
    done = await two.sends("POST", "mark-read/", wish, If_Match=await tag(two, 1))
    assert (200, 2, 0) == (done.status_code, done.json()["marked"], done.json()["unread_count"])


async def test_what_others_wrote_elsewhere_holds_nobody_up(two: Desk) -> None:
    seen = await tag(two, 1)
    await two.got(message("elsewhere", 11, phone="551"))

    answer = await two.sends("POST", "mark-read/", {"conversation_id": 1}, If_Match=seen)

    assert (200, 1) == (answer.status_code, answer.json()["marked"])


async def test_a_retry_after_a_death_marks_no_more_than_the_first_try(two: Desk) -> None:
    wish = {"conversation_id": 1}
    await two.sends("POST", "mark-read/", wish, Idempotency_Key=KEY)
    two.store.execute(
        "update ops.idempotency_keys set status = null, leased_until = now() - interval '1 second'"
    )
    await two.got(message("news", 11, phone=PHONE))

    again = (await two.sends("POST", "mark-read/", wish, Idempotency_Key=KEY)).json()

    assert (0, 1) == (again["marked"], again["unread_count"])
    assert ["ConversationRead"] == two.said()
    assert {PHONE: 1, "551": 1} == two.unread()


async def test_the_etag_of_a_merge_is_that_of_the_customer_of_the_address(two: Desk) -> None:
    """It says nothing of the other one; a position speaks of both."""
    seen = (await two.sends("GET", "customers/1/")).headers["ETag"]
    await two.got(message("of the other", 11, phone="551"))

    wish = {"customer_id": 2}
    both = await two.sends("POST", "customers/1/merge/", {**wish, "last_seen_position": 2})
    own = await two.sends("POST", "customers/2/merge/", {"customer_id": 1}, If_Match=seen)
    merged = await two.sends("POST", "customers/1/merge/", wish, If_Match=seen)

    assert [409, 409, 200] == [each.status_code for each in (both, own, merged)]
    assert [3] == [item["position"] for item in both.json()["missed"]]
    assert ["ConversationsMerged"] == two.said()


async def test_who_was_merged_is_not_parted_by_who_has_missed_something(two: Desk) -> None:
    merge = (await two.sends("POST", "customers/1/merge/", {"customer_id": 2})).json()["merge"]
    seen = await tag(two, 1)
    await two.got(message("news", 11, phone="551"))

    wish = {"merge": merge}
    stale = await two.sends("POST", "customers/1/unmerge/", wish, If_Match=seen)
    fresh = await two.sends("POST", "customers/1/unmerge/", wish, If_Match=await tag(two, 1))

    assert (409, "conversation-moved") == (stale.status_code, stale.json()["code"])
    assert [merge] == fresh.json()["unmerged"]


async def test_a_merge_that_was_undone_is_not_made_again_by_a_retry(two: Desk) -> None:
    wish = {"customer_id": 2}
    first = await two.sends("POST", "customers/1/merge/", wish, Idempotency_Key=KEY)
    await two.sends("POST", "customers/1/unmerge/", {"merge": first.json()["merge"]})
    two.store.execute(
        "update ops.idempotency_keys set status = null, leased_until = now() - interval '1 second'"
    )

    again = await two.sends("POST", "customers/1/merge/", wish, Idempotency_Key=KEY)

    assert (200, first.json()["merge"]) == (again.status_code, again.json()["merge"])
    assert ["ConversationsMerged", "ConversationsUnmerged"] == two.said()
