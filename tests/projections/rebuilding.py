"""Something to rebuild, and two versions to compare."""

import psycopg

from projections import versions
from projections.inbox.view import INBOX
from tests.projections.log import message, moved_to, post, status


def a_life(url: str, begin: int = 0, deliveries: int = 12) -> None:
    """Messages, statuses, people who get linked and one who moves."""
    values = []
    for n in range(begin, begin + deliveries):
        phone, user = f"55{n % 4}", f"US.{n % 4}"
        values.append(message(f"in{n}", n, phone=phone, user=user if n % 3 == 0 else None))
        values.append(status(f"out{n // 2}", "read" if n % 2 else "sent", n, phone=phone))
    values.append(moved_to(f"moved{begin}", begin, phone="551", new_phone=f"66{begin}"))
    post(url, *values)


def dump(url: str, version: int) -> dict[str, list[str]]:
    """Every row of a version as text, byte for byte."""
    with psycopg.connect(url) as conn:
        versions.enter(conn, f"inbox_{version}")
        return {
            table: [row[0] for row in conn.execute(every_row(table)).fetchall()]
            for table in INBOX.keys
        }


def every_row(table: str) -> bytes:
    return f"select t::text from {table} t order by 1".encode()


def active(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("select version from read.active where view = 'inbox'").fetchone()
    assert row is not None
    return int(row[0])
