"""The embedded PostgreSQL on a good day."""

from __future__ import annotations

from pathlib import Path

import psycopg

from wharf.postgres.supervisor import EmbeddedPostgres


def test_rows_are_still_there_after_a_restart(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as conninfo, psycopg.connect(conninfo) as database:
        database.execute("create table kept (n int)")
        database.execute("insert into kept values (7)")

    with EmbeddedPostgres(tmp_path / "postgres") as conninfo, psycopg.connect(conninfo) as database:
        assert database.execute("select n from kept").fetchall() == [(7,)]
