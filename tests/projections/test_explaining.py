"""Explain names the event after which a field has its value, and before which it has not."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from psycopg import Connection
from psycopg.rows import TupleRow

from events.envelope import Position
from events.read import head_of
from projections.inbox.view import INBOX
from projections.past import past
from read_api.conversation_detail import queries
from read_api.conversation_rows import conversation
from read_api.message_explain import fields_of_message
from read_api.message_rows import message as message_of
from tests.projections.log import Projected, as_superuser, empty, message, post, say, status
from tests.projections.merging import Step, record
from tests.projections.test_inbox_merges_properties import days
from tests.projections.test_past import SPOKEN, Said, speak
from wharf.cli_events import events
from wharf.explaining import conversation_causes, message_causes, rows
from wharf.settings import Settings

QUICK, DEEP = 2, 40
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTHING: Mapping[str, object] = {}


@pytest.fixture
def inbox(database: str) -> Iterator[Projected]:
    projected = Projected(database)
    with projected.conn:
        yield projected


def message_as_of(conn: Connection[TupleRow], id_: int, position: int) -> Mapping[str, object]:
    with past(conn, [id_], Position(position)) as then:
        return fields_of_message(lambda query: rows(then, query), id_)


def conversation_as_of(conn: Connection[TupleRow], id_: int, position: int) -> Mapping[str, object]:
    with past(conn, [id_], Position(position)) as then:
        found, last = (rows(then, query) for query in queries(id_, 0))
        if not found:
            return NOTHING
        return dict(conversation(found[0], [message_of(row) for row in last], 0, NOON))


@pytest.mark.parametrize(
    "examples",
    [
        pytest.param(QUICK, marks=pytest.mark.slow, id="quick"),
        pytest.param(DEEP, marks=pytest.mark.deep, id="deep"),
    ],
)
def test_after_the_event_a_field_has_its_value_and_before_it_has_not(
    inbox: Projected, examples: int
) -> None:
    @settings(
        deadline=None,
        max_examples=examples,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(day=days(), said=SPOKEN)
    def check(day: list[Step], said: list[Said]) -> None:
        with as_superuser(inbox.url) as conn:
            empty(conn)
            record(inbox.url, day)
            inbox.catch_up()
            for of, (type_, data) in said:
                speak(inbox, of, type_, data)
            inbox.catch_up()
            head = head_of(conn)
        for row in inbox.rows("messages")[:2]:
            every_field(inbox.conn, row["id"], head)
        for row in inbox.conversations()[:1]:
            fields, causes = conversation_causes(inbox.conn, row["id"], head, NOON)
            setters = {name: cause.position for cause in causes for name in cause.last_set}
            assert fields == conversation_as_of(inbox.conn, row["id"], head)
            assert sorted(fields) == sorted(setters)

    check()


def every_field(conn: Connection[TupleRow], id_: int, head: Position) -> None:
    fields, causes = message_causes(conn, id_, head)
    setters = {name: cause.position for cause in causes for name in cause.last_set}
    assert fields == message_as_of(conn, id_, head)
    assert sorted(fields) == sorted(setters)
    for position in sorted(set(setters.values())):
        before, after = (message_as_of(conn, id_, each) for each in (position - 1, position))
        for name in [name for name, setter in setters.items() if setter == position]:
            assert (name, fields[name]) == (name, after[name])
            assert (name, fields[name]) != (name, before.get(name, NOTHING))


def setters_of(conn: Connection[TupleRow], id_: int) -> dict[str, tuple[int, str]]:
    _, causes = message_causes(conn, id_, head_of(conn))
    return {name: (cause.position, cause.type) for cause in causes for name in cause.last_set}


@pytest.fixture
def told(inbox: Projected) -> Projected:
    post(
        inbox.url,
        message("in1", 1, phone="551", name="Ana"),
        status("out1", "sent", 2, phone="551"),
        status("out1", "read", 3, phone="551"),
        status("out1", "delivered", 4, phone="551"),
        message("in2", 5, phone="551", user="BR.a", name="Ana Souza"),
    )
    inbox.catch_up()
    say(inbox.url, "ConversationRead", 1, stream="p:551", up_to=5)
    say(inbox.url, "LabelsChanged", 1, stream="p:551", added=["vip"], removed=[])
    inbox.catch_up()
    return inbox


def test_a_status_is_set_by_the_step_that_counts(told: Projected) -> None:
    """A step that comes late, and says less than is known, sets nothing."""
    setters = setters_of(told.conn, 2)

    assert (3, "StatusChanged") == setters["status"]
    assert (2, "StatusChanged") == setters["message_id"]
    assert (5, "MessageReceived") == setters["customer"]


def test_a_message_from_before_is_set_by_what_is_not_about_it(told: Projected) -> None:
    setters = setters_of(told.conn, 1)

    assert (1, "MessageReceived") == setters["text_body"]
    assert (2, "StatusChanged") == setters["status"]  # an answer outranks being read
    assert (5, "MessageReceived") == setters["customer"]


def test_a_conversation_is_set_by_what_our_people_say_too(told: Projected) -> None:
    _, causes = conversation_causes(told.conn, 1, Position(7), NOON)
    setters = {name: (cause.position, cause.type) for cause in causes for name in cause.last_set}

    assert (7, "LabelsChanged") == setters["labels"]
    assert (6, "ConversationRead") == setters["unread_count"]
    assert (5, "MessageReceived") == setters["contact_name"]
    assert INBOX.apply_only is not None


def test_the_command_tells_people_and_programs(told: Projected) -> None:
    def run(*arguments: str) -> str:
        obj = Settings(database_url=told.url)
        return CliRunner().invoke(events, ["explain", *arguments], obj=obj).output

    assert "message 2 at position 7" in run("out1")
    assert '3  status = "read"' in run("2")
    assert "conversation 1 at position 7" in run("1", "--conversation")
    assert '7  labels = ["vip"]' in run("1", "--conversation")
    assert '"last_set"' in run("1", "--json")
    assert "there is no such message: 99" in run("99")
