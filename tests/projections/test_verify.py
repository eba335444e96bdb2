"""Verify: says what differs from the log, and changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from psycopg import Connection

from projections import replay as replaying
from projections import verify as verifying
from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.sampling import NoSample, verify_sample
from projections.stats.view import STATS
from projections.verify import Difference, verify
from tests.projections.log import NUMBER, as_superuser, message, post, status
from tests.projections.waking import projecting
from wharf.cli_projections import projections
from wharf.settings import Settings


@pytest.fixture
def live(database: str) -> Iterator[Connection[Any]]:
    """Five conversations, projected; a superuser's connection to do damage with."""
    for n in range(5):
        post(
            database, message(f"in{n}", n, phone=f"55{n}"), status(f"o{n}", "sent", n, phone="559")
        )
    with projecting(database) as working:
        working.catch_up("inbox")
    with as_superuser(database) as conn:
        conn.execute("set search_path = inbox_1")
        yield conn


def found(url: str) -> list[Difference]:
    return verify(url, INBOX).differences


def test_what_is_right_has_no_differences(database: str, live: Connection[Any]) -> None:
    assert (10, []) == verify(database, INBOX)


def test_a_phantom_row_is_missing_in_the_replay(database: str, live: Connection[Any]) -> None:
    live.execute("insert into reactions values (%s, 'in1', 'somebody', '👍', now(), 77)", (NUMBER,))

    assert [Difference("reactions", ("in1", "somebody", NUMBER), "replay", {})] == found(database)


def test_a_lost_row_is_missing_live(database: str, live: Connection[Any]) -> None:
    live.execute("delete from messages where message_id = 'in2'")

    assert [Difference("messages", (5,), "live", {})] == found(database)


def test_an_edited_text_is_named_by_key_and_column(database: str, live: Connection[Any]) -> None:
    live.execute("update messages set text_body = 'adios' where message_id = 'in2'")

    assert [Difference("messages", (5,), None, {"text_body": ("adios", "hola")})] == found(database)


DAMAGE = (
    ("conversations", "unread_count", "unread_count + 1", "id = 1"),
    ("messages", "replied", "not replied", "id = 1"),
    ("messages", "read", "true", "id = 3"),
    ("messages", "name", "''", "id = 5"),
    ("messages", "sorted_at", "sorted_at + interval '1 microsecond'", "id = 7"),
    ("statuses", "error_code", "1", "message_id = 'o3'"),
    ("identities", "read_up_to", "3", "identity like '%/p:553'"),
)


def test_a_changed_column_is_found_wherever_it_is(database: str, live: Connection[Any]) -> None:
    for table, column, value, where in DAMAGE:
        live.execute(f"update {table} set {column} = {value} where {where}".encode())

    differences = found(database)

    assert len(DAMAGE) == len(differences)
    for table, column, _, _ in DAMAGE:
        assert [each for each in differences if each.table == table and column in each.columns]


def test_values_that_changed_places_are_found(database: str, live: Connection[Any]) -> None:
    """Sums over the whole table would not see it."""
    live.execute(
        "update messages set text_body = case id when 1 then 'one' else 'two' end"
        " where id in (1, 3)"
    )
    assert [(1,), (3,)] == [difference.key for difference in found(database)]


def schemas(conn: Connection[Any]) -> list[str]:
    rows = conn.execute(
        "select nspname from pg_namespace where nspname like 'inbox%' order by 1"
    ).fetchall()
    return [row[0] for row in rows]


def test_verify_sees_one_position_and_leaves_nothing_behind(
    database: str, live: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is projected during the replay is not compared with a replay that lacks it."""
    replay = replaying.replay

    def slow(*facts: Any) -> None:
        post(database, message("meanwhile", 9, phone="550"))
        with projecting(database) as working:
            working.catch_up("inbox")
        replay(*facts)

    monkeypatch.setattr(replaying, "replay", slow)

    assert (10, []) == verify(database, INBOX)
    assert ["inbox_1", "inbox_1_numbered"] == schemas(live)


def test_a_verify_that_fails_leaves_nothing_behind(
    database: str, live: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[Difference]:
        raise ZeroDivisionError

    monkeypatch.setattr(verifying, "_compare", broken)

    with pytest.raises(ZeroDivisionError):
        verify(database, INBOX)
    assert ["inbox_1", "inbox_1_numbered"] == schemas(live)


def test_a_sample_of_everybody_finds_what_is_wrong_with_rows(
    database: str, live: Connection[Any]
) -> None:
    assert (10, []) == verify_sample(database, INBOX, 100)
    assert [] == verify_sample(database, MEDIA, 100).differences
    for table, column, value, where in DAMAGE:
        live.execute(f"update {table} set {column} = {value} where {where}".encode())
    live.execute("delete from messages where message_id = 'in4'")

    differences = verify_sample(database, INBOX, 100).differences

    for table, column, _, _ in DAMAGE:
        assert [each for each in differences if each.table == table and column in each.columns]
    assert Difference("messages", (9,), "live", {}) in differences
    assert found(database) == sorted(differences, key=found(database).index)


def test_a_sample_replays_no_more_than_it_compares(database: str, live: Connection[Any]) -> None:
    """What is wrong with others is not seen, and what is right is not called wrong."""
    live.execute("update messages set text_body = 'adios' where id in (1, 3, 5, 7, 9)")

    differences = verify_sample(database, INBOX, 2).differences

    # The sixth has no text, and may be one of the two.
    assert len(differences) in (1, 2)
    assert {("adios", "hola")} == {each.columns["text_body"] for each in differences}
    assert ["inbox_1", "inbox_1_numbered"] == schemas(live)


def test_what_is_not_of_conversations_has_no_sample(database: str) -> None:
    with pytest.raises(NoSample):
        verify_sample(database, STATS, 1)


def test_the_command_verifies_a_sample_and_shows_each_column(
    database: str, live: Connection[Any]
) -> None:
    def run(*arguments: str) -> Result:
        obj = Settings(database_url=database)
        return CliRunner().invoke(projections, ["verify", *arguments], obj=obj)

    assert "the sample of inbox is what the log says" in run("inbox", "--sample", "9").output
    live.execute("update messages set text_body = 'adios' where id = 3")

    wrong = run("inbox", "--sample", "9")

    assert 1 == wrong.exit_code
    assert "messages (3,):\n  text_body: live 'adios', replay 'hola'\n" in wrong.output
    assert "can be verified as a whole alone" in run("stats", "--sample", "9").output
