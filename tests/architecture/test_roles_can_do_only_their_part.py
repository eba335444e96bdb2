"""The dependency rule once more, as PostgreSQL sees it: each role can do its part, and no more."""

from typing import LiteralString

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from events.database import Role, connect
from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.search.view import SEARCH
from projections.stats.view import STATS

SELECT = {"SELECT"}
WRITE_ROWS = {"SELECT", "INSERT", "UPDATE", "DELETE"}

# Every privilege on every table, and nothing that is not here. The projector's right to move a
# checkpoint is on that one column, so no table's.
TABLES: dict[Role, dict[str, set[str]]] = {
    "wharf_write": {
        "log.current": SELECT,
        "log.deliveries": SELECT,
        "log.delivery_items": SELECT,
        "log.events": SELECT,
        # What may be updated of these four is a column or two, so no table's privilege.
        "ops.api_keys": {"SELECT", "INSERT"},
        "ops.users": {"SELECT", "INSERT"},
        "ops.sign_in_links": {"SELECT", "INSERT", "DELETE"},
        "ops.sessions": {"SELECT", "INSERT", "DELETE"},
        "ops.idempotency_keys": WRITE_ROWS,
        "ops.attempts": {"SELECT", "INSERT", "DELETE"},
        "ops.attempt_counts": WRITE_ROWS,
        "ops.media_jobs": {"SELECT", "INSERT", "UPDATE"},
        "ops.poison": SELECT,
        "ops.exports": WRITE_ROWS,
    },
    "wharf_project": {
        "log.current": SELECT,
        "log.events": SELECT,
        "ops.poison": WRITE_ROWS,
        "ops.held_up": {"SELECT", "INSERT", "UPDATE"},
        "ops.verifications": SELECT,
        "read.active": SELECT,
        "read.versions": SELECT,
        **{f"inbox_1.{table}": WRITE_ROWS for table in INBOX.keys},
        "media_1.media": WRITE_ROWS,
        **{f"search_1.{table}": WRITE_ROWS for table in SEARCH.keys},
        **{f"stats_1.{table}": WRITE_ROWS for table in STATS.keys},
    },
    "wharf_read": {
        "read.active": SELECT,
        "read.versions": SELECT,
        **{f"read.{view}": SELECT for view in INBOX.plain_views},
        **{f"inbox_1.{table}": SELECT for table in INBOX.keys},
        "read.media": SELECT,
        "media_1.media": SELECT,
        **{f"search_1.{table}": SELECT for table in SEARCH.keys},
        **{f"read.{view}": SELECT for view in STATS.plain_views},
        **{f"stats_1.{table}": SELECT for table in STATS.keys},
        # The same tables for who may see some business numbers alone.
        **{
            f"{view.name}_1_numbered.{table}": SELECT
            for view in (INBOX, MEDIA, SEARCH, STATS)
            for table in view.keys
        },
    },
}
FOLDING = {f"search_1.{name}" for name in ("folded", "with_numbers", "pattern", "findable")}
FUNCTIONS: dict[Role, set[str]] = {
    "wharf_write": {"log.append_v1", "log.latest_version", "log.lift", "log.upcast"},
    "wharf_project": {"log.latest_version", "log.lift", "log.upcast", "inbox_1.owner_of", *FOLDING},
    "wharf_read": {"inbox_1.owner_of", *FOLDING},
}

NUMBERED = ["inbox_1_numbered", "media_1_numbered", "search_1_numbered", "stats_1_numbered"]
SCHEMAS = [*NUMBERED, "log", "ops", "read", "inbox_1", "media_1", "search_1", "stats_1", "public"]

PRIVILEGES_ON_TABLES = """
select t.oid::regclass::text, p.name
  from pg_class t
 cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
                         'TRIGGER', 'MAINTAIN']) as p(name)
 where t.relnamespace::regnamespace::text = any (%(schemas)s)
   and t.relkind in ('r', 'v', 'm', 'p', 'f', 'S')
   and has_schema_privilege(%(role)s, t.relnamespace, 'usage')
   and case when p.name <> 'MAINTAIN' or current_setting('server_version_num')::int >= 170000
            then has_table_privilege(%(role)s, t.oid, p.name) end
"""
PRIVILEGES_ON_FUNCTIONS = """
select p.pronamespace::regnamespace::text || '.' || p.proname
  from pg_proc p
 where p.pronamespace::regnamespace::text = any (%(schemas)s)
   and has_schema_privilege(%(role)s, p.pronamespace, 'usage')
   and has_function_privilege(%(role)s, p.oid, 'execute')
   and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""

AN_EVENT: LiteralString = (
    "insert into log.events (position, stream, type, version, data, occurred_at, recorded_at,"
    " dedupe) values (1, 's', 'T', 1, '{}', now(), now(), gen_random_uuid())"
)
AN_APPEND: LiteralString = "select log.append_v1('[]', '{}', '[]')"
A_KEY: LiteralString = (
    "insert into ops.api_keys (id, name, secret_hash, scopes) values ('', '', '', '{all}')"
)
FOR_NOBODY: list[LiteralString] = [
    AN_EVENT,
    "insert into log.delivery_items (delivery_id, pointer, outcome) values (1, '', 'ignored')",
    "insert into log.deliveries (id) values (1)",
    "copy log.events from stdin",
    "lock table log.append_lock in exclusive mode",
    "lock table log.events in exclusive mode",
    "alter table log.events disable trigger all",
    "drop trigger events_are_append_only on log.events",
    "alter table log.events owner to current_user",
    "drop table log.events",
    "create or replace function log.refuse_change() returns trigger language plpgsql as"
    " 'begin return new; end'",
    "create table log.mine ()",
    "create table read.mine ()",
    "create table inbox_1.mine ()",
    "create table public.mine ()",
    "create schema mine",
    "drop schema inbox_1 cascade",
    "truncate inbox_1.messages",
    "update ops.schema_version set version = 0",
    "update ops.api_keys set scopes = '{all}'",
    "update ops.api_keys set secret_hash = ''",
    "delete from ops.api_keys",
    "update read.active set version = 1",
    "update read.versions set state = 'ready'",
    "delete from read.versions",
    "insert into read.versions (view, version, schema_name, state) values ('', 1, '', 'ready')",
    "set session_replication_role = replica",
    "create role mine",
]
NOT_FOR: dict[Role, list[LiteralString]] = {
    "wharf_write": [
        "select from read.active",
        "select from inbox_1.messages",
        "insert into inbox_1.messages default values",
        "select from ops.schema_version",
        "update ops.users set name = 'somebody'",
        "delete from ops.users",
        "update ops.sign_in_links set user_name = 'admin'",
        "update ops.sessions set user_name = 'admin'",
        "update ops.sessions set expires_at = 'infinity'",
        "update read.versions set position = 0",
        "select from ops.held_up",
        "select from ops.verifications",
    ],
    "wharf_project": [
        AN_APPEND,
        "select from log.deliveries",
        "select from log.delivery_items",
        "select from ops.api_keys",
        A_KEY,
        "select from ops.users",
        "select from ops.sessions",
        "select from ops.media_jobs",
        "select from ops.exports",
        "delete from ops.verifications",
    ],
    "wharf_read": [
        AN_APPEND,
        "select from log.events",
        "select from log.current",
        "select from log.deliveries",
        "select from log.delivery_items",
        "select from ops.api_keys",
        A_KEY,
        "select from ops.users",
        "select from ops.sign_in_links",
        "select from ops.sessions",
        "select from ops.idempotency_keys",
        "select from ops.attempts",
        "select from ops.attempt_counts",
        "select from ops.media_jobs",
        "select from ops.exports",
        "select from ops.held_up",
        "select from ops.verifications",
        "insert into inbox_1.messages default values",
        "update inbox_1.messages set read = true",
        "delete from inbox_1.messages",
        "select from inbox_1.messages for update",
        "update read.messages set id = 0",
        "update read.versions set position = 0",
    ],
}


@pytest.mark.parametrize("role", TABLES)
def test_a_role_has_these_privileges_and_no_others(database: str, role: Role) -> None:
    asked = {"role": role, "schemas": SCHEMAS}
    with psycopg.connect(database) as conn:
        granted: dict[str, set[str]] = {}
        for table, privilege in conn.execute(PRIVILEGES_ON_TABLES, asked):
            granted.setdefault(table, set()).add(privilege)
        functions = {name for (name,) in conn.execute(PRIVILEGES_ON_FUNCTIONS, asked)}

    assert TABLES[role] == granted
    assert FUNCTIONS[role] == functions


@pytest.mark.parametrize("role", TABLES)
def test_a_role_is_refused_what_is_not_its_part(database: str, role: Role) -> None:
    with connect(database, role) as conn:
        let_through = [
            statement for statement in FOR_NOBODY + NOT_FOR[role] if not refused(conn, statement)
        ]

    assert [] == let_through


def refused(conn: Connection[TupleRow], statement: LiteralString) -> bool:
    try:
        with conn.transaction():
            conn.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


@pytest.mark.parametrize("role", [*TABLES, "wharf_owner"])
def test_nobody_can_sign_in_as_a_role_or_act_as_more_than_it(database: str, role: Role) -> None:
    """One login acts as all four; a login that got one of them for itself gets nothing else."""
    with psycopg.connect(database) as conn:
        (row,) = conn.execute(
            "select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication"
            " from pg_roles where rolname = %s",
            (role,),
        )
        member_of = conn.execute(
            "select from pg_auth_members where member = %s::regrole", (role,)
        ).fetchall()

    assert {False} == set(row)
    assert [] == member_of


def test_what_runs_as_its_owner_looks_no_names_up_where_its_caller_says(database: str) -> None:
    """A table or function of the caller's must not get in by its name."""
    with psycopg.connect(database) as conn:
        definers = conn.execute(
            "select proname, proconfig from pg_proc"
            " where prosecdef and pronamespace <> 'pg_catalog'::regnamespace"
        ).fetchall()

    assert ["append_v1"] == [name for name, _ in definers]
    assert "search_path=pg_catalog, pg_temp" in definers[0][1]
