"""POST customers/{id}/merge/ and unmerge/: one person by our word, until it is taken back."""

from typing import Any

from tests.projections.log import NUMBER, Row, message, moved_to
from tests.write_side.desk import Desk


async def merges(desk: Desk, one: int, other: int) -> dict[str, Any]:
    return await done(desk, f"customers/{one}/merge/", customer_id=other)


async def unmerges(desk: Desk, one: int, **wish: int) -> dict[str, Any]:
    return await done(desk, f"customers/{one}/unmerge/", **wish)


async def done(desk: Desk, path: str, **wish: int) -> dict[str, Any]:
    answer = await desk.asks(path, **wish)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    assert str(found["position"]) == answer.headers["X-Log-Position"]
    return found


async def refused(desk: Desk, path: str, **wish: object) -> tuple[int, str, Any]:
    answer = await desk.asks(path, **wish)
    problem = answer.json()
    return answer.status_code, problem["code"], problem.get("reason")


def said(desk: Desk) -> list[str]:
    """What commands have appended."""
    query = "select type from log.events where actor is not null order by position"
    return [type_ for (type_,) in desk.store.rows(query)]


async def three_people(desk: Desk) -> None:
    """Their ids are 1, 2 and 3."""
    await desk.got(
        message("a", 1, phone="551", name="Ana"),
        message("b", 2, user="BR.b", name="Bia"),
        message("c", 3, phone="553", user="BR.c"),
    )


async def test_merged_people_have_one_conversation_and_their_old_ids_lead_to_it(
    desk: Desk,
) -> None:
    await three_people(desk)

    answer = await merges(desk, 2, 1)

    assert {"customer_id": 1, "merged": True, "merge": 4, "position": 4} == answer
    assert [["a", "b"], ["c"]] == desk.inbox.together()
    counted = desk.inbox.conversations()[0]
    assert (1, 2, 2, "Bia") == tuple(
        counted[name] for name in ("id", "message_count", "unread_count", "contact_name")
    )
    marked = await desk.marks(conversation_id=2)
    assert (1, 2) == (marked["conversation_id"], marked["marked"])


async def test_who_made_them_one_is_on_record(desk: Desk) -> None:
    await three_people(desk)
    await merges(desk, 1, 2)
    await unmerges(desk, 1, merge=4)

    (merge,) = desk.inbox.rows("merges")
    actor = "select distinct actor from log.events where actor is not null"
    assert [(merge["merged_by"],)] == desk.store.rows(actor)
    assert (4, 5, merge["merged_by"]) == (merge["id"], merge["undone_position"], merge["undone_by"])


async def test_a_repeated_merge_changes_nothing(desk: Desk) -> None:
    await three_people(desk)
    await merges(desk, 1, 2)

    again = await merges(desk, 1, 2)
    other_way = await merges(desk, 2, 1)

    assert {"customer_id": 1, "merged": False, "merge": 4, "position": 4} == again == other_way
    assert ["ConversationsMerged"] == said(desk)


async def test_merging_what_meta_says_is_one_is_answered_without_an_event(desk: Desk) -> None:
    await desk.got(
        message("a", 1, user="BR.a"),
        message("b", 2, user="BR.b"),
        moved_to("sys", 3, user="BR.a", new_user="BR.b"),
    )

    answer = await merges(desk, 1, 2)

    assert {"customer_id": 1, "merged": False, "merge": None, "position": 3} == answer
    assert [] == said(desk)


async def test_unmerged_people_have_their_own_conversations_again(desk: Desk) -> None:
    await three_people(desk)
    before = desk.inbox.conversations()
    await merges(desk, 1, 2)

    answer = await unmerges(desk, 1, merge=4)

    assert {"customer_id": 1, "unmerged": [4], "position": 5} == answer
    assert before == desk.inbox.conversations()


async def test_an_unmerge_may_name_the_other_customer(desk: Desk) -> None:
    await three_people(desk)
    await merges(desk, 1, 2)

    assert [4] == (await unmerges(desk, 2, customer_id=1))["unmerged"]
    assert [["a"], ["b"], ["c"]] == desk.inbox.together()


async def test_a_repeated_unmerge_changes_nothing(desk: Desk) -> None:
    await three_people(desk)
    await merges(desk, 1, 2)
    await unmerges(desk, 1, customer_id=2)

    assert [] == (await unmerges(desk, 1, customer_id=2))["unmerged"]
    assert [] == (await unmerges(desk, 2, merge=4))["unmerged"]
    assert ["ConversationsMerged", "ConversationsUnmerged"] == said(desk)


async def test_who_was_parted_can_be_merged_again(desk: Desk) -> None:
    await three_people(desk)
    await merges(desk, 1, 2)
    await unmerges(desk, 1, customer_id=2)

    answer = await merges(desk, 1, 2)

    assert (True, 6) == (answer["merged"], answer["merge"])
    assert [["a", "b"], ["c"]] == desk.inbox.together()
    await unmerges(desk, 1, merge=6)
    assert [["a"], ["b"], ["c"]] == desk.inbox.together()


async def test_undoing_one_merge_of_a_chain_leaves_the_others(desk: Desk) -> None:
    await three_people(desk)
    await merges(desk, 1, 2)
    await merges(desk, 2, 3)
    assert [["a", "b", "c"]] == desk.inbox.together()

    assert [4] == (await unmerges(desk, 1, customer_id=2))["unmerged"]

    assert [["a"], ["b", "c"]] == desk.inbox.together()


async def test_those_at_the_ends_of_a_chain_were_never_merged_with_each_other(desk: Desk) -> None:
    await three_people(desk)
    await merges(desk, 1, 2)
    await merges(desk, 2, 3)

    answer = await desk.asks("customers/1/unmerge/", customer_id=3)

    assert (404, "merge-not-found") == (answer.status_code, answer.json()["code"])
    assert [5, 4] == answer.json()["merges"]


async def test_an_unmerge_undoes_nothing_that_meta_says(desk: Desk) -> None:
    await desk.got(message("a", 1, user="BR.a"), message("b", 2, user="BR.b"))
    await merges(desk, 1, 2)
    await desk.got(moved_to("sys", 3, user="BR.a", new_user="BR.b"))

    await unmerges(desk, 1, merge=3)

    assert [["a", "b"]] == desk.inbox.together()


async def test_a_merge_is_of_the_person_that_the_phone_turns_out_to_be(desk: Desk) -> None:
    await desk.got(message("a", 1, phone="551"), message("b", 2, user="BR.b"))
    await merges(desk, 1, 2)
    await desk.got(message("c", 4, phone="551", user="BR.c"), message("d", 5, user="BR.c"))
    assert [["a", "b", "c", "d"]] == desk.inbox.together()

    assert [3] == (await unmerges(desk, 1, customer_id=2))["unmerged"]

    assert [["a", "c", "d"], ["b"]] == desk.inbox.together()


async def test_messages_go_where_the_merges_of_their_day_say(desk: Desk) -> None:
    await three_people(desk)
    await merges(desk, 1, 2)
    await desk.got(message("d", 4, user="BR.b"))
    assert [["a", "b", "d"], ["c"]] == desk.inbox.together()

    await unmerges(desk, 1, merge=4)
    await desk.got(message("e", 5, user="BR.b"), message("f", 6, phone="551"))

    assert [["a", "f"], ["b", "d", "e"], ["c"]] == desk.inbox.together()
    assert [(1, 2), (2, 3), (3, 1)] == [
        (row["id"], row["message_count"]) for row in desk.inbox.conversations()
    ]


def in_group(wamid: str, at: int) -> Row:
    value = message(wamid, at, phone="551")
    value["messages"][0]["group_id"] = "grp"
    return value


def elsewhere(wamid: str, at: int) -> Row:
    value = message(wamid, at, phone="551")
    value["metadata"]["phone_number_id"] = "999"
    return value


async def test_each_refusal_says_why(desk: Desk) -> None:
    await three_people(desk)
    await desk.got(in_group("g", 4), elsewhere("x", 5))

    path = "customers/1/merge/"
    assert (409, "merge-refused", "same-customer") == await refused(desk, path, customer_id=1)
    assert (409, "merge-refused", "group") == await refused(desk, path, customer_id=4)
    assert (409, "merge-refused", "other-number") == await refused(desk, path, customer_id=5)
    assert (404, "not-found", None) == await refused(desk, path, customer_id=99)
    assert (404, "not-found", None) == await refused(desk, "customers/99/merge/", customer_id=1)
    assert (404, "not-found", None) == await refused(desk, "customers/x/merge/", customer_id=1)
    path = "customers/1/unmerge/"
    assert (404, "merge-not-found", None) == await refused(desk, path, merge=1)
    assert (404, "merge-not-found", None) == await refused(desk, path, customer_id=2)
    assert (404, "not-found", None) == await refused(desk, path, customer_id=99)
    assert [] == said(desk)


async def test_a_wish_that_is_not_clear_is_refused(desk: Desk) -> None:
    wishes: list[tuple[str, dict[str, object]]] = [
        ("merge", {}),
        ("merge", {"customer_id": "2"}),
        ("merge", {"customer_id": 0}),
        ("merge", {"customer_id": 2, "because": "I say so"}),
        ("unmerge", {}),
        ("unmerge", {"merge": 4, "customer_id": 2}),
        ("unmerge", {"merge": 1 << 63}),
    ]
    for path, wish in wishes:
        assert (422, "validation", None) == await refused(desk, f"customers/1/{path}/", **wish)


async def test_two_who_merge_the_same_people_at_once_make_one_merge(desk: Desk) -> None:
    await three_people(desk)
    asked = await desk.together(
        ("customers/1/merge/", {"customer_id": 2}), ("customers/2/merge/", {"customer_id": 1})
    )

    assert [200, 200] == [answer.status_code for answer in asked]
    assert ["ConversationsMerged"] == said(desk)


async def test_a_number_of_another_business_number_stays_apart(desk: Desk) -> None:
    await desk.got(message("a", 1, phone="551"), elsewhere("x", 2), message("b", 3, user="BR.b"))
    await merges(desk, 1, 3)

    assert [["a", "b"], ["x"]] == desk.inbox.together()
    assert [NUMBER, "999"] == [row["phone_number_id"] for row in desk.inbox.conversations()]
