"""What our people say of conversations: notes, details, labels, assignee, state, unread."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.projections.log import Projected, Row, mark_read, message, post, say, status


@pytest.fixture
def inbox(database: str) -> Iterator[Projected]:
    projected = Projected(database)
    with projected.conn:
        yield projected


@pytest.fixture
def two(inbox: Projected) -> Projected:
    """A phone and a user id who are not known to be one person yet: conversations 1 and 2."""
    post(inbox.url, message("a", 1, phone="551"), message("b", 2, user="BR.a"))
    inbox.catch_up()
    return inbox


def conversation(inbox: Projected, *columns: str) -> tuple[Any, ...]:
    """The columns of the first conversation, brought up to date."""
    inbox.catch_up()
    row = inbox.conversations()[0]
    return tuple(row[column] for column in columns)


def linked(inbox: Projected) -> None:
    """It turns out that they are one person."""
    post(inbox.url, status("out", "sent", 3, phone="551", user="BR.a"))


def test_what_was_said_last_of_each_thing_counts(two: Projected) -> None:
    say(two.url, "ConversationAssigned", 1, assignee="luis")
    say(two.url, "CustomerDetailsChanged", 1, email="a@b.c", attributes={"plan": "gold", "n": 3})
    say(two.url, "CustomerDetailsChanged", 1, display_name="Ana", external_id="C-1")
    say(two.url, "CustomerDetailsChanged", 1, email="", removed_attributes=["plan"])
    last = say(two.url, "ConversationAssigned", 1, assignee="eva")

    assert ("eva", None, "Ana", "C-1", {"n": 3}, "ana", last) == conversation(
        two, "assignee", "customer_email", "display_name", "external_id", "attributes", "name",
        "said_id",
    )  # fmt: skip
    assert None is two.conversations()[1]["assignee"]


def test_labels_are_put_on_and_taken_off_one_by_one(two: Projected) -> None:
    say(two.url, "LabelsChanged", 1, added=["vip", "new"], removed=[])
    say(two.url, "LabelsChanged", 1, added=["late"], removed=["new"])

    assert (["late", "vip"],) == conversation(two, "labels")


def test_two_who_turn_out_to_be_one_have_what_was_said_of_both(two: Projected) -> None:
    say(two.url, "LabelsChanged", 1, added=["vip"], removed=[])
    say(two.url, "ConversationAssigned", 1, assignee="luis")
    say(two.url, "LabelsChanged", 2, added=["new"], removed=[])
    say(two.url, "ConversationAssigned", 2, assignee="eva")
    say(two.url, "NoteAdded", 1, body="one")
    say(two.url, "NoteAdded", 2, body="two")
    assert (["vip"], "luis", 1) == conversation(two, "labels", "assignee", "notes_count")

    linked(two)

    assert (["new", "vip"], "eva", 2) == conversation(two, "labels", "assignee", "notes_count")
    assert [1, 1] == [row["conversation_id"] for row in two.rows("notes")]
    assert 1 == len(two.conversations())


def test_what_is_said_under_an_id_from_before_is_said_of_the_conversation_it_became(
    two: Projected,
) -> None:
    linked(two)
    say(two.url, "ConversationAssigned", 2, assignee="luis")

    assert ("luis",) == conversation(two, "assignee")


def test_a_note_says_what_its_last_version_says_and_keeps_the_others(two: Projected) -> None:
    note = say(two.url, "NoteAdded", 1, body="calls")
    say(two.url, "NoteEdited", 1, note_id=note, body="never calls", actor="user:eva")

    assert (1,) == conversation(two, "notes_count")
    (row,) = two.rows("notes")
    assert ("never calls", "user:luis", "user:eva") == (
        row["body"],
        row["author"],
        row["edited_by"],
    )
    assert ["calls", "never calls"] == [version["body"] for version in two.rows("note_versions")]


def test_a_deleted_note_is_counted_no_more(two: Projected) -> None:
    note = say(two.url, "NoteAdded", 1, body="calls")
    say(two.url, "NoteAdded", 1, body="vegetarian")
    last = say(two.url, "NoteDeleted", 1, note_id=note)

    assert (1, last) == conversation(two, "notes_count", "said_id")


@pytest.mark.parametrize("state", ["done", "snoozed"])
def test_an_incoming_message_opens_what_was_done_or_put_off(two: Projected, state: str) -> None:
    say(two.url, "ConversationStateChanged", 1, state=state)
    assert (state,) == conversation(two, "state")

    post(two.url, status("out", "sent", 5, phone="551"))
    assert (state,) == conversation(two, "state")

    post(two.url, message("again", 6, phone="551"))
    assert ("open",) == conversation(two, "state")

    say(two.url, "ConversationStateChanged", 1, state=state)
    assert (state,) == conversation(two, "state")


def test_a_message_that_comes_late_opens_it_though_its_time_is_old(two: Projected) -> None:
    """Nobody has seen it when the conversation was done with."""
    say(two.url, "ConversationStateChanged", 1, state="done")
    post(two.url, message("late", 0, phone="551"))

    assert ("open",) == conversation(two, "state")


def test_who_merges_with_somebody_that_wrote_later_is_open_again(two: Projected) -> None:
    say(two.url, "ConversationStateChanged", 1, state="done")
    post(two.url, message("news", 5, user="BR.a"))
    linked(two)

    assert ("open",) == conversation(two, "state")


def test_marked_unread_lasts_until_it_is_read_so_far(two: Projected) -> None:
    mark_read(two.url, "p:551", up_to=1)
    marked = say(two.url, "ConversationMarkedUnread", 1)
    assert (0, True, True) == conversation(two, "unread_count", "marked_unread", "unread")

    say(two.url, "ConversationRead", 1, up_to=marked - 1)
    assert (True,) == conversation(two, "unread")

    say(two.url, "ConversationRead", 1, up_to=marked)
    assert (False, False) == conversation(two, "marked_unread", "unread")


def waiting(inbox: Projected) -> int | None:
    """Since which second."""
    inbox.catch_up()
    row: Row = inbox.conversations()[0]
    since = row["waiting_since"]
    return None if since is None else int(since.timestamp()) % 1_000


def test_who_waits_has_waited_since_the_oldest_message_without_an_answer(inbox: Projected) -> None:
    steps: list[tuple[Row, int | None]] = [
        (message("a", 10, phone="551"), 10),
        (message("b", 20, phone="551"), 10),
        (message("c", 5, phone="551"), 5),
        (status("one", "sent", 12, phone="551"), 20),
        (status("two", "sent", 30, phone="551"), None),
        (message("late", 25, phone="551"), None),
        (message("d", 40, phone="551"), 40),
        (message("e", 35, phone="551"), 35),
    ]
    for value, expected in steps:
        post(inbox.url, value)

        assert expected == waiting(inbox)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["sent", "failed"], 1),
        (["failed", "sent", "failed"], 1),
        (["failed", "delivered"], 0),
        (["delivered", "failed"], 0),
        (["failed", "deleted"], 0),
    ],
)
def test_failed_messages_are_counted_once_and_not_if_they_arrived(
    inbox: Projected, steps: list[str], expected: int
) -> None:
    for at, step in enumerate(steps):
        post(inbox.url, status("out", step, at, phone="551"))
        inbox.catch_up()

    assert (expected,) == conversation(inbox, "failed_count")
