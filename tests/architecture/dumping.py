"""Databases as text, to compare them."""

import subprocess

from wharf.postgres.binaries import find_pg_bin


def dump(url: str, *options: str) -> str:
    """Everything in the database as SQL."""
    command = [str(find_pg_bin().folder / "pg_dump"), *options, "--dbname", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # Each dump has a password of its own against being cut in two by psql.
    lines = [
        line for line in text.splitlines() if not line.startswith((r"\restrict", r"\unrestrict"))
    ]
    return "\n".join(lines)


def restore(url: str, dumped: str) -> None:
    command = [str(find_pg_bin().folder / "psql"), "--quiet", "--set", "ON_ERROR_STOP=1", url]
    subprocess.run(command, check=True, input=dumped, capture_output=True, text=True)
