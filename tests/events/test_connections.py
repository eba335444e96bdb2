"""Connections act as their role from the first statement, within its limits."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from events.database import Role, as_role, connect, reading_pool, writing_pool
from events.read import head

ROLES: list[Role] = ["wharf_owner", "wharf_write", "wharf_project", "wharf_read"]


@pytest.mark.parametrize("role", ROLES)
def test_a_connection_acts_as_its_role_and_says_so(database: str, role: Role) -> None:
    with connect(database, role) as conn:
        found = conn.execute("select current_user::text, current_setting('application_name')")

        assert (role, role.replace("_", "-")) == found.fetchone()
        assert conn.autocommit


def test_what_is_put_into_the_session_is_cleared_back_to_the_role(database: str) -> None:
    """A pool that resets its sessions doesn't give them back the login's rights."""
    with connect(database, "wharf_read") as conn:
        conn.execute("set role wharf_write")
        conn.execute("reset role")

        assert ("wharf_read",) == conn.execute("select current_user::text").fetchone()


def test_limits_are_set_on_the_server(database: str) -> None:
    limits = {"statement_timeout_ms": 7, "lock_timeout_ms": 8, "idle_in_transaction_timeout_ms": 9}
    with connect(database, "wharf_read", **limits) as conn:
        found = conn.execute(
            "select current_setting('statement_timeout'), current_setting('lock_timeout'),"
            "       current_setting('idle_in_transaction_session_timeout')"
        )

        assert ("7ms", "8ms", "9ms") == found.fetchone()


def test_options_of_the_url_are_kept(database: str) -> None:
    url = make_conninfo(database, options="-c work_mem=5MB", connect_timeout=77)

    given = conninfo_to_dict(as_role(url, "wharf_read"))

    assert str(given["options"]).startswith("-c work_mem=5MB -c role=wharf_read")
    assert "77" == str(given["connect_timeout"])


async def test_the_writing_pool_reads_the_log_and_the_reading_pool_does_not(database: str) -> None:
    async with (
        writing_pool(database, size_max=1) as writers,
        writers.connection() as writer,
        reading_pool(database, size_max=1) as readers,
        readers.connection() as reader,
    ):
        assert 0 == await head(writer)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await head(reader)


SEVERAL = "postgresql://wharf@a,b/wharf"


@pytest.mark.parametrize("role", ROLES)
def test_of_several_hosts_the_one_that_takes_writes_is_wanted(role: Role) -> None:
    wanted = "primary" if role == "wharf_read" else "read-write"
    assert wanted == conninfo_to_dict(as_role(SEVERAL, role))["target_session_attrs"]


@pytest.mark.parametrize("role", ROLES)
def test_only_readers_go_to_a_standby_and_only_if_they_are_told_to(role: Role) -> None:
    given = conninfo_to_dict(as_role(f"{SEVERAL}?target_session_attrs=prefer-standby", role))

    wanted = "prefer-standby" if role == "wharf_read" else "read-write"
    assert ("a,b", wanted) == (given["host"], given["target_session_attrs"])


def test_a_single_host_is_taken_as_it_is() -> None:
    """A primary that was demoted says so itself."""
    given = conninfo_to_dict(as_role("postgresql://wharf@a/wharf", "wharf_write"))

    assert "target_session_attrs" not in given
