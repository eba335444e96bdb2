"""Messages, their status, and the counters of their conversation."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from tests.projections.log import (
    BUSINESS,
    NUMBER,
    Projected,
    as_superuser,
    echo,
    empty,
    history,
    mark_read,
    message,
    post,
    status,
)


@pytest.fixture
def inbox(database: str) -> Iterator[Projected]:
    projected = Projected(database)
    with projected.conn:
        yield projected


@pytest.mark.slow
def test_the_status_of_an_outgoing_message_is_its_furthest_step_in_any_order(
    inbox: Projected,
) -> None:
    steps = [("sent", 1), ("delivered", 2), ("read", 3), ("failed", 4)]
    with as_superuser(inbox.url) as conn:
        for order in permutations(steps):
            empty(conn)
            for step, at in order:
                post(inbox.url, status("out", step, at, phone="551"))
                inbox.catch_up()

            assert "read" == inbox.message("out")["status"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["sent"], "sent"),
        (["sent", "failed"], "failed"),
        (["failed", "sent"], "failed"),
        (["failed", "delivered"], "delivered"),
        (["read", "played"], "played"),
        (["read", "deleted"], "deleted"),
        (["something_new"], "accepted"),
    ],
)
def test_the_status_follows_from_the_steps(
    inbox: Projected, steps: list[str], expected: str
) -> None:
    post(inbox.url, *[status("out", step, at, phone="551") for at, step in enumerate(steps)])
    inbox.catch_up()

    assert expected == inbox.message("out")["status"]


@pytest.mark.parametrize("step_events", [1, 2])
def test_the_error_is_that_of_the_first_failure_in_whatever_batch_it_comes(
    inbox: Projected, step_events: int
) -> None:
    failures = [status("out", "failed", at, phone="551") for at in (2, 1)]
    failures[1]["statuses"][0]["errors"] = [{"code": 131026}]
    post(inbox.url, *failures)
    inbox.catch_up(step_events)

    assert 131026 == inbox.message("out")["error_code"]


def test_a_failure_keeps_its_code(inbox: Projected) -> None:
    post(inbox.url, status("out", "failed", 1, phone="551"))
    inbox.catch_up()

    assert 131047 == inbox.message("out")["error_code"]
    assert 131047 == inbox.rows("statuses")[0]["error_code"]


def test_an_incoming_message_is_replied_when_something_outgoing_is_not_older(
    inbox: Projected,
) -> None:
    post(inbox.url, message("in", 5, phone="551"))
    inbox.catch_up()
    assert "received" == inbox.message("in")["status"]

    post(inbox.url, status("out", "sent", 5, phone="551"))
    inbox.catch_up()

    assert "replied" == inbox.message("in")["status"]


def test_an_answer_that_turns_out_to_be_older_is_no_answer(inbox: Projected) -> None:
    post(inbox.url, message("in", 5, phone="551"), status("out", "delivered", 6, phone="551"))
    inbox.catch_up()
    assert "replied" == inbox.message("in")["status"]

    post(inbox.url, status("out", "sent", 4, phone="551"))
    inbox.catch_up()

    assert "received" == inbox.message("in")["status"]


def test_reading_counts_up_to_a_position_so_a_late_message_is_unread(inbox: Projected) -> None:
    post(inbox.url, message("a", 10, phone="551"), message("b", 11, phone="551"))
    mark_read(inbox.url, "p:551", up_to=2)
    post(inbox.url, message("late", 1, phone="551"))
    inbox.catch_up()

    assert ["read", "read", "received"] == [
        inbox.message(wamid)["status"] for wamid in ("a", "b", "late")
    ]
    (conversation,) = inbox.conversations()
    assert (3, 1) == (conversation["message_count"], conversation["unread_count"])


def test_reading_twice_changes_nothing_more(inbox: Projected) -> None:
    post(inbox.url, message("a", 10, phone="551"))
    inbox.catch_up()
    for up_to in (1, 2):
        mark_read(inbox.url, "p:551", up_to=up_to)
        inbox.catch_up()

        assert 0 == inbox.conversations()[0]["unread_count"]


def test_a_status_before_its_message_waits_in_a_row_of_its_own(inbox: Projected) -> None:
    post(inbox.url, status("out", "read", 3, phone="551"))
    inbox.catch_up()

    row = inbox.message("out")
    assert ("out", None, "read") == (row["direction"], row["message_type"], row["status"])
    assert 0 == inbox.conversations()[0]["message_count"]


def test_a_time_in_the_future_pins_nothing_on_top(inbox: Projected) -> None:
    century = 100 * 365 * 86_400
    post(inbox.url, message("future", century, phone="551"), message("now", 1, phone="551"))
    inbox.catch_up()

    row = inbox.message("future")
    assert row["sorted_at"] == row["received_at"] < row["timestamp"]


def test_one_message_reported_twice_with_other_times_is_one_row(inbox: Projected) -> None:
    post(inbox.url, message("a", 10, phone="551"))
    inbox.catch_up()
    post(inbox.url, message("a", 9, phone="551"))
    inbox.catch_up()

    assert 1 == len(inbox.rows("messages"))
    assert 1 == inbox.conversations()[0]["message_count"]


def test_the_name_is_the_one_of_the_newest_message_that_has_one(inbox: Projected) -> None:
    post(
        inbox.url,
        message("b", 20, phone="551", name="Ana Souza", username="ana.s"),
        message("a", 10, phone="551", name="Ana"),
        message("c", 30, phone="551"),
    )
    inbox.catch_up(step_events=1)

    (conversation,) = inbox.conversations()
    assert ("Ana Souza", "ana.s") == (conversation["contact_name"], conversation["username"])
    assert "15550783881" == conversation["display_phone_number"]
    assert NUMBER == conversation["phone_number_id"]


def test_what_was_sent_from_the_phone_app_is_an_outgoing_message_with_its_text(
    inbox: Projected,
) -> None:
    post(inbox.url, message("in", 1, phone="551"), echo("out", 2, phone="551", text="claro"))
    inbox.catch_up()

    row = inbox.message("out")
    assert ("out", "claro", "accepted") == (row["direction"], row["text_body"], row["status"])
    assert "replied" == inbox.message("in")["status"]
    assert [["in", "out"]] == inbox.together()


def test_statuses_before_their_echo_are_kept_by_it(inbox: Projected) -> None:
    steps = [echo("out", 2, phone="551"), status("out", "read", 4, phone="551")]
    with as_superuser(inbox.url) as conn:
        for order in permutations(steps):
            empty(conn)
            for each in order:
                post(inbox.url, each)
                inbox.catch_up()

            row = inbox.message("out")
            assert ("read", "claro") == (row["status"], row["text_body"])


def test_the_richer_body_replaces_a_placeholder_whichever_comes_first(inbox: Projected) -> None:
    placeholder = history("h", 1, phone="551", sender="551", status="READ")
    richer = history(
        "h", 1, phone="551", sender="551", status="READ",
        type="image", image={"id": "77", "mime_type": "image/png", "caption": "gato"},
    )  # fmt: skip
    with as_superuser(inbox.url) as conn:
        for order in permutations([placeholder, richer]):
            empty(conn)
            for each in order:
                post(inbox.url, each)
                inbox.catch_up()

            row = inbox.message("h")
            assert ("image", "gato", "read") == (
                row["message_type"],
                row["caption"],
                row["status"],
            )
            assert (1, 0) == tuple(
                inbox.conversations()[0][key] for key in ("message_count", "unread_count")
            )


def test_a_message_that_came_live_and_again_through_history_is_one_and_unread(
    inbox: Projected,
) -> None:
    live = message("m", 1, phone="551", text="hola")
    again = history(
        "m", 1, phone="551", sender="551", status="DELIVERED", type="text", text={"body": "hola"}
    )
    with as_superuser(inbox.url) as conn:
        for order in permutations([live, again]):
            empty(conn)
            for each in order:
                post(inbox.url, each)
                inbox.catch_up()

            assert "received" == inbox.message("m")["status"]
            assert (1, 1) == tuple(
                inbox.conversations()[0][key] for key in ("message_count", "unread_count")
            )


def test_what_history_says_of_an_outgoing_message_counts_at_the_message_own_time(
    inbox: Projected,
) -> None:
    post(
        inbox.url,
        history(
            "o", 5, phone="551", sender=BUSINESS, status="READ", type="text", text={"body": "oi"}
        ),
    )
    inbox.catch_up()

    row = inbox.message("o")
    assert ("out", "read", row["timestamp"]) == (row["direction"], row["status"], row["read_at"])
