"""Restore: a backup into an empty database, all of it or nothing."""

import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, LiteralString

import psycopg

from events.checking import Checked, check
from events.database import connect, to_primary
from projections.forgetting import forget
from wharf.backup import server_major
from wharf.postgres.binaries import Binaries
from wharf.postgres.clients import find_clients, reached_by
from wharf.schema import LOCK, SCHEMA_VERSION, apply_sql, has_schema
from wharf.seal import is_whole

_FOREIGN: LiteralString = """
select nspname from pg_namespace where nspname in ('log', 'ops', 'read') limit 1
"""
# What the schema step has just made gives way to the backup's own, which that step then brings to
# this release. `commit` is sent when everything else was: whoever dies before leaves nothing.
_BEGIN = f"""
begin;
select pg_advisory_xact_lock({LOCK});
set role wharf_owner;
lock table log.append_lock in exclusive mode;
do $$
begin
    if exists (select from log.events) or exists (select from log.deliveries)
       or exists (select from ops.users) or exists (select from ops.api_keys) then
        raise exception 'the database is not empty, and a backup goes into an empty one';
    end if;
end
$$;
set client_min_messages = warning;
drop schema log, ops cascade;
"""
_COMMIT = f"""
do $$
declare
    v_schema constant integer := (select max(version) from ops.schema_version);
begin
    if v_schema > {SCHEMA_VERSION} then
        raise exception 'the backup has schema %, this program knows up to {SCHEMA_VERSION}:'
            ' restore it by the newer release', v_schema;
    end if;
end
$$;
-- They are about versions of views that are not here.
delete from ops.poison;
commit;
"""
# pg_restore of 17 and newer sets what an older server does not know.
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
_HEAD_ENDS = b"SET client_encoding"
CHUNK = 1024 * 1024
# What psql says first is for its own readers: "psql:<stdin>:12: ERROR:  …".
_SEVERITY = re.compile(r"^(psql:\S+ )?(ERROR|FATAL):\s+")


class RestoreFailed(Exception):
    """Nothing was restored; says why."""


def restore(url: str, archive: Path) -> Checked:
    """Put a backup into an empty database; what `wharf events check` says of the log then.

    The views are not there yet: rebuild them. Raises RestoreFailed, and ClientsMissing.
    """
    clients = find_clients(server_major(url))
    _check_archive(clients, archive)
    if not has_schema(url):
        with psycopg.connect(to_primary(url)) as conn:
            foreign = conn.execute(_FOREIGN).fetchone()
        if foreign is not None:
            raise RestoreFailed(f"the database has a schema {foreign[0]} that is not Wharf's")
    apply_sql(url)
    _load(url, clients, archive)
    apply_sql(url)
    with connect(url, "wharf_owner") as owner:
        # They are of the empty log; a rebuild makes them quicker than a projector.
        for (view,) in owner.execute("select distinct view from read.versions").fetchall():
            forget(owner, view)
        owner.execute("analyze")
    with connect(url, "wharf_write") as conn:
        return check(conn)


def _check_archive(clients: Binaries, archive: Path) -> None:
    if not is_whole(archive):
        raise RestoreFailed(
            f"{archive} is not what `wharf backup` wrote: it was cut off, or changed, or is"
            " another program's"
        )
    listed = subprocess.run(
        [str(clients.folder / "pg_restore"), "--list", str(archive)],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        raise RestoreFailed(
            f"pg_restore {clients.version} can not read {archive}: {listed.stderr.strip()}"
        )


def _load(url: str, clients: Binaries, archive: Path) -> None:
    info, environment = reached_by(url)
    reading_it = [str(clients.folder / "pg_restore"), "--no-owner", "--file=-", str(archive)]
    loading_it = [str(clients.folder / "psql"), "--no-psqlrc", "--quiet", "--no-password"]
    loading_it += ["--set=ON_ERROR_STOP=1", f"--dbname={info}"]
    with (
        TemporaryFile() as read_said,
        TemporaryFile() as load_said,
        subprocess.Popen(reading_it, stdout=subprocess.PIPE, stderr=read_said) as reading,
        subprocess.Popen(
            loading_it,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=load_said,
            env=environment,
        ) as loading,
    ):
        assert reading.stdout is not None  # both are pipes
        assert loading.stdin is not None
        try:
            loading.stdin.write(_BEGIN.encode())
            _pass_on(reading.stdout, loading.stdin)
            if reading.wait() != 0:
                raise RestoreFailed(f"{archive} can not be read whole: {_told(read_said)}")
            loading.stdin.write(_COMMIT.encode())
            loading.stdin.flush()
        except BrokenPipeError:
            # psql has said why it went.
            reading.kill()
        except BaseException:
            reading.kill()
            loading.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                loading.stdin.close()
        if loading.wait() != 0:
            raise RestoreFailed(f"nothing was restored: {_told(load_said)}")


def _pass_on(script: IO[bytes], to: IO[bytes]) -> None:
    for line in script:
        if line != _UNKNOWN_BEFORE_17:
            to.write(line)
        if line.startswith(_HEAD_ENDS):
            break
    shutil.copyfileobj(script, to, CHUNK)


def _told(said: IO[bytes]) -> str:
    """The first line of an error; those behind it may quote what customers wrote."""
    said.seek(0)
    first = next(iter(said.read().decode(errors="replace").splitlines()), "no reason was given")
    return _SEVERITY.sub("", first)
