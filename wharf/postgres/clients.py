"""pg_dump, pg_restore and psql: which of those on this machine fit a server."""

import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from events.database import to_primary
from wharf.postgres.binaries import Binaries, from_debian, from_the_wheel, version_of
from wharf.postgres.errors import ClientsMissing

PROGRAMS = ("pg_dump", "pg_restore", "psql")


def find_clients(server_major: int) -> Binaries:
    """The programs of the server's own major version, else the next newer ones.

    An older pg_dump does not read a newer server, and what a newer one writes may not be
    understood by an older server. Raises ClientsMissing.
    """
    found = sorted(_everywhere(), key=lambda each: each.major)
    for each in found:
        if each.major >= server_major:
            return each
    versions = ", ".join(each.version for each in found) or "none"
    raise ClientsMissing(
        f"the server is PostgreSQL {server_major}, and no pg_dump here is of that version or newer"
        f" (found: {versions}): install its client programs (on Debian postgresql-client-"
        f"{server_major})"
    )


def _everywhere() -> list[Binaries]:
    on_path = shutil.which("pg_dump")
    # What PATH has may be a script that chooses a version; it stands beside nothing else then.
    places = [*from_the_wheel(), *from_debian(), *([Path(on_path).parent] if on_path else [])]
    found = []
    for folder in places:
        if all((folder / program).exists() for program in PROGRAMS):
            try:
                found.append(Binaries(folder, version_of(folder / "pg_dump")))
            except (OSError, subprocess.SubprocessError, ValueError):
                continue
    return found


def reached_by(url: str) -> tuple[str, dict[str, str]]:
    """Conninfo for an argument, which everybody on the machine can read, and the environment that
    has the password.
    """
    parameters = conninfo_to_dict(to_primary(url))
    password = parameters.pop("password", None)
    environment = {**os.environ, "PGAPPNAME": "wharf"}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    return make_conninfo("", **parameters), environment
