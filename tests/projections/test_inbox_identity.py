"""Which items form a conversation."""

from collections.abc import Iterator

import pytest

from tests.projections.log import (
    NUMBER,
    Projected,
    message,
    moved_to,
    post,
    reacted,
    status,
)


@pytest.fixture
def inbox(database: str) -> Iterator[Projected]:
    projected = Projected(database)
    with projected.conn:
        yield projected


def test_a_user_id_and_a_phone_that_came_together_are_one_person(inbox: Projected) -> None:
    post(inbox.url, message("a", 1, phone="551", user="BR.a"), message("b", 2, phone="551"))
    post(inbox.url, message("c", 3, user="BR.a"))
    inbox.catch_up()

    assert [["a", "b", "c"]] == inbox.together()


def test_a_link_that_comes_late_refiles_what_the_phone_sent_before(inbox: Projected) -> None:
    post(inbox.url, message("a", 1, phone="551"), message("b", 2, user="BR.a"))
    inbox.catch_up()
    assert [["a"], ["b"]] == inbox.together()

    post(inbox.url, message("c", 3, phone="551", user="BR.a", name="Ana"))
    inbox.catch_up()

    assert [["a", "b", "c"]] == inbox.together()
    (conversation,) = inbox.conversations()
    assert (1, 3, 3) == tuple(conversation[k] for k in ("id", "message_count", "unread_count"))
    assert ("551", "BR.a", "Ana") == (
        conversation["phone_number"],
        conversation["user_id"],
        conversation["contact_name"],
    )


def test_a_phone_that_changed_hands_belongs_to_each_owner_in_turn(inbox: Projected) -> None:
    post(
        inbox.url,
        message("a1", 10, phone="551", user="BR.a"),
        message("b1", 20, phone="551", user="BR.b"),
        message("alone0", 5, phone="551"),
        message("alone1", 15, phone="551"),
        message("alone2", 25, phone="551"),
    )
    inbox.catch_up()

    assert [["a1", "alone0", "alone1"], ["alone2", "b1"]] == inbox.together()


def test_a_coincidence_of_phones_never_joins_two_people(inbox: Projected) -> None:
    post(
        inbox.url,
        message("a1", 10, phone="551", user="BR.a"),
        message("b1", 20, phone="551", user="BR.b"),
        message("a2", 30, user="BR.a"),
    )
    inbox.catch_up()

    assert [["a1", "a2"], ["b1"]] == inbox.together()


def test_a_changed_number_continues_the_conversation(inbox: Projected) -> None:
    post(
        inbox.url,
        message("old", 1, phone="551"),
        moved_to("sys", 2, phone="551", new_phone="552"),
        message("new", 3, phone="552"),
    )
    inbox.catch_up()

    assert [["new", "old"]] == inbox.together()
    assert "552" == inbox.conversations()[0]["phone_number"]


def test_whoever_gets_a_number_that_was_left_is_somebody_else(inbox: Projected) -> None:
    post(
        inbox.url,
        message("old", 1, phone="551"),
        moved_to("sys", 2, phone="551", new_phone="552"),
        message("new", 3, phone="552"),
        message("stranger", 4, phone="551"),
    )
    inbox.catch_up()

    assert [["new", "old"], ["stranger"]] == inbox.together()


def test_a_change_that_is_told_twice_happened_once(inbox: Projected) -> None:
    post(
        inbox.url,
        message("old", 1, phone="551"),
        moved_to("sys1", 2, phone="551", new_phone="552"),
        message("new1", 3, phone="552"),
        moved_to("sys2", 5, phone="551", new_phone="552"),
        message("new2", 6, phone="552"),
    )
    inbox.catch_up(step_events=1)

    assert [["new1", "new2", "old"]] == inbox.together()


def test_what_came_from_the_new_number_before_was_somebody_else(inbox: Projected) -> None:
    post(
        inbox.url,
        message("stranger", 1, phone="552"),
        message("old", 2, phone="551"),
        moved_to("sys", 5, phone="551", new_phone="552"),
        message("new", 6, phone="552"),
    )
    inbox.catch_up()

    assert [["new", "old"], ["stranger"]] == inbox.together()


def test_a_changed_user_id_continues_the_conversation(inbox: Projected) -> None:
    post(inbox.url, message("old", 1, user="BR.a"), message("new", 3, user="BR.b"))
    inbox.catch_up()
    assert [["new"], ["old"]] == inbox.together()

    post(inbox.url, moved_to("sys", 2, user="BR.a", new_user="BR.b"))
    inbox.catch_up()

    assert [["new", "old"]] == inbox.together()
    assert [1] == [row["id"] for row in inbox.conversations()]


def test_a_status_without_any_recipient_has_no_conversation_until_one_names_it(
    inbox: Projected,
) -> None:
    post(inbox.url, status("out", "sent", 1))
    inbox.catch_up()
    assert [] == inbox.together()

    post(inbox.url, status("out", "delivered", 2, user="BR.a"))
    inbox.catch_up()

    assert [["out"]] == inbox.together()
    assert "delivered" == inbox.message("out")["status"]


def test_the_same_person_on_another_business_number_is_another_conversation(
    inbox: Projected,
) -> None:
    other = message("b", 2, phone="551", user="BR.a")
    other["metadata"]["phone_number_id"] = "999"
    post(inbox.url, message("a", 1, phone="551", user="BR.a"), other)
    inbox.catch_up()

    assert [["a"], ["b"]] == inbox.together()


def test_who_owned_a_phone_only_until_more_was_known_leaves_no_trace(inbox: Projected) -> None:
    """A rebuild learns all at once, and never takes the later owner for the phone's."""
    post(
        inbox.url,
        message("a", 4, phone="551"),
        reacted("re1", 5, "a", "👍", phone="551", user="BR.b"),
        reacted("re2", 3, "a", "👎", phone="551", user="BR.c"),
    )
    inbox.catch_up(step_events=1)
    one_by_one = inbox.rows("identities")
    assert [f"{NUMBER}/p:551", f"{NUMBER}/u:BR.b", f"{NUMBER}/u:BR.c"] == [
        row["identity"] for row in one_by_one
    ]

    assert one_by_one == inbox.anew(1_000)["identities"]
