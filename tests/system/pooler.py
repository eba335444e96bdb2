"""A pgbouncer of a test's own, in transaction mode with few connections to the server."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from tests.system.service import eventually
from wharf.postgres.account import server_account

# Debian puts it where only root's PATH leads.
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

ROLES = ("wharf_write", "wharf_read", "wharf_project")
# More clients than that at once, so that each transaction takes whichever is free.
CONNECTIONS = 3

_CONFIG = """
[databases]
* = host={host}

[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = 6432
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {connections}
query_wait_timeout = 5
server_login_retry = 1
# Takes turns, so that nobody gets the same connection twice in a row.
server_round_robin = 1
admin_users = admin
"""


class Pooler:
    """Its URL for WHARF_POOLER_URL, and what it says of itself."""

    def __init__(self, folder: Path, database: str) -> None:
        self._folder = folder
        name = conninfo_to_dict(database)["dbname"]
        self.url = f"postgresql:///{name}?host={folder}&port=6432"

    def connections(self, role: str) -> int:
        """How many it has to the server as that role."""
        with self._console() as conn:
            cursor = conn.execute("show pools")
            names = [column.name for column in cursor.description or ()]
            pools = [dict(zip(names, row, strict=True)) for row in cursor]
        return sum(
            int(pool["sv_active"]) + int(pool["sv_idle"]) + int(pool["sv_used"])
            for pool in pools
            if pool["user"] == role
        )

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self._console():
            return True
        return False

    def _console(self) -> psycopg.Connection[TupleRow]:
        info = make_conninfo(
            "", host=str(self._folder), port="6432", dbname="pgbouncer", user="admin"
        )
        # It knows the simple protocol alone.
        return psycopg.connect(info, autocommit=True, cursor_factory=psycopg.ClientCursor)


@contextmanager
def pooling(database: str) -> Iterator[Pooler]:
    """Before the server at `database`, whose roles may sign in meanwhile."""
    assert PGBOUNCER is not None
    account = server_account()
    # Not below pytest's folder: the path of a socket has to be short, and this one is its user's.
    folder = Path(tempfile.mkdtemp(prefix="wharf-pooler-"))
    config = _CONFIG.format(
        host=conninfo_to_dict(database)["host"], folder=folder, connections=CONNECTIONS
    )
    (folder / "pgbouncer.ini").write_text(config)
    (folder / "users").write_text("".join(f'"{name}" ""\n' for name in (*ROLES, "admin")))
    if account.switch:
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.uid, account.gid)
    # It refuses to run as root, as the server does.
    user, group = (account.uid, account.gid) if account.switch else (None, None)
    process = subprocess.Popen(
        [PGBOUNCER, "-q", str(folder / "pgbouncer.ini")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        user=user,
        group=group,
        extra_groups=[] if account.switch else None,
    )
    pooler = Pooler(folder, database)
    try:
        with logins(database):
            eventually(pooler.answers, "the pooler")
            yield pooler
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


@contextmanager
def logins(database: str) -> Iterator[None]:
    """The roles may sign in; their server is other tests' too."""
    _alter_roles(database, sql.SQL("login"))
    try:
        yield
    finally:
        _alter_roles(database, sql.SQL("nologin"))


def _alter_roles(database: str, how: sql.SQL) -> None:
    with psycopg.connect(database, autocommit=True) as conn:
        for role in ROLES:
            conn.execute(sql.SQL("alter role {} {}").format(sql.Identifier(role), how))
