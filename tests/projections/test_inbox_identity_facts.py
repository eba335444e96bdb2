"""What Meta does with people's ids, told by deliveries as they come."""

from collections.abc import Iterator

import pytest

from tests.projections.log import NOON, Projected, Row, message, moved_to, post


@pytest.fixture
def inbox(database: str) -> Iterator[Projected]:
    projected = Projected(database)
    with projected.conn:
        yield projected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5511987654321", "551187654321"),
        ("5215512345678", "525512345678"),
        ("5491123456789", "541123456789"),
    ],
    ids=["Brazil", "Mexico", "Argentina"],
)
def test_numbers_that_are_only_written_alike_are_two_people(
    inbox: Projected, one: str, other: str
) -> None:
    post(inbox.url, message("a", 1, phone=one), message("b", 2, phone=other))
    inbox.catch_up()

    assert [["a"], ["b"]] == inbox.together()
    assert [one, other] == [row["phone_number"] for row in inbox.conversations()]


def test_contacts_are_matched_by_their_ids_and_never_by_their_place(inbox: Projected) -> None:
    together = message("a", 1, phone="551", user="BR.a", name="Ana")
    bia = message("b", 2, phone="552", user="BR.b", name="Bia")
    together["messages"] += bia["messages"]
    together["contacts"] = bia["contacts"] + together["contacts"]
    post(inbox.url, together)
    inbox.catch_up()

    assert [("551", "BR.a", "Ana"), ("552", "BR.b", "Bia")] == [
        (row["phone_number"], row["user_id"], row["contact_name"]) for row in inbox.conversations()
    ]


def test_a_new_number_with_a_new_user_id_continues_the_conversation(inbox: Projected) -> None:
    post(
        inbox.url,
        message("old", 1, phone="551", user="BR.a"),
        moved_to("sys", 5, phone="551", user="BR.a", new_phone="552", new_user="BR.b"),
        message("new", 6, phone="552", user="BR.b"),
        message("hidden", 7, user="BR.b"),
        message("stranger", 8, phone="551", user="BR.z"),
    )
    inbox.catch_up()

    assert [["hidden", "new", "old"], ["stranger"]] == inbox.together()


def test_an_update_of_a_user_id_without_a_message_continues_the_conversation(
    inbox: Projected,
) -> None:
    update: Row = message("x", 1)
    del update["messages"]
    del update["contacts"]
    update["user_id_update"] = [
        {"user_id": {"previous": "BR.a", "current": "BR.b"}, "timestamp": str(NOON + 5)}
    ]
    post(inbox.url, message("old", 1, user="BR.a"), update, message("new", 6, user="BR.b"))
    inbox.catch_up()

    assert [["new", "old"]] == inbox.together()


def test_a_person_who_hides_the_phone_keeps_the_conversation_and_the_number(
    inbox: Projected,
) -> None:
    post(
        inbox.url,
        message("a", 1, phone="551", user="BR.a", name="Ana"),
        message("b", 2, user="BR.a", name="Ana S", username="ana"),
    )
    inbox.catch_up()

    (row,) = inbox.conversations()
    assert ("551", "BR.a", "ana", "Ana S") == tuple(
        row[name] for name in ("phone_number", "user_id", "username", "contact_name")
    )


def test_the_profile_name_is_the_latest_by_the_senders_time(inbox: Projected) -> None:
    post(
        inbox.url,
        message("b", 5, phone="551", name="Ana Souza"),
        message("a", 1, phone="551", name="Ana"),
    )
    inbox.catch_up(step_events=1)

    assert ["Ana Souza"] == [row["contact_name"] for row in inbox.conversations()]
