"""Verify: says what differs from the log, and changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from projections import replay as replaying
from projections import verify as verifying
from projections.inbox.view import INBOX
from projections.verify import Difference, verify
from tests.projections.log import NUMBER, as_superuser, message, post, status
from tests.projections.waking import projecting


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
