"""The statistics of a test's log, and random logs to count."""

from typing import Any

from hypothesis import strategies as st
from psycopg import Connection, sql

from projections import projector, versions
from projections.stats.view import STATS
from projections.view import View
from tests.projections.log import BUSINESS, Row, echo, history, message, moved_to, status
from tests.projections.recount import Counted

HOUR = 3_600

MESSAGE_COUNTS = """
select bucket_at, phone_number_id, direction, message_type, status, error_code, media_state,
       messages from message_counts where width = 15
"""
WAIT_COUNTS = """
select bucket_at, phone_number_id, slot, late, waits from wait_counts where width = 15
"""
# What stands there, and what ought to: of each width, sums of the quarters of an hour.
WIDE_COUNTS = """
select width, bucket_at, phone_number_id, direction, message_type, status, error_code, media_state,
       messages from message_counts
"""
WIDE_SUMS = """
select s.width, date_bin(make_interval(mins => s.width), bucket_at, 'epoch'), phone_number_id,
       direction, message_type, status, error_code, media_state, sum(messages)::bigint
  from message_counts cross join (values (15), (60), (360)) s(width)
 where message_counts.width = 15 group by 1, 2, 3, 4, 5, 6, 7, 8
"""
WIDE_WAITS = "select width, bucket_at, phone_number_id, slot, late, waits from wait_counts"
WIDE_WAIT_SUMS = """
select s.width, date_bin(make_interval(mins => s.width), bucket_at, 'epoch'), phone_number_id, slot,
       late, sum(waits)::bigint
  from wait_counts cross join (values (15), (60), (360)) s(width)
 where wait_counts.width = 15 group by 1, 2, 3, 4, 5
"""


class Projected:
    """The statistics in a database, brought up to date in steps of a given size."""

    def __init__(self, url: str) -> None:
        self.conn = projector.connect_projector(url)
        self.url = url

    def __enter__(self) -> "Projected":
        return self

    def __exit__(self, *error: object) -> None:
        self.conn.close()

    def catch_up(self, step_events: int = projector.STEP_EVENTS, view: View = STATS) -> None:
        projector.catch_up(self.conn, view, 1, step_events=step_events)

    def query(self, query: str, schema_name: str = "stats_1") -> list[Any]:
        with self.conn.transaction():
            versions.enter(self.conn, schema_name)
            return self.conn.execute(query.encode()).fetchall()

    def counted(self) -> Counted:
        """The quarters of an hour; the wider rows have to be their sums."""
        for found, sums in ((WIDE_COUNTS, WIDE_SUMS), (WIDE_WAITS, WIDE_WAIT_SUMS)):
            assert sorted(self.query(sums)) == sorted(self.query(found))
        return Counted(set(self.query(MESSAGE_COUNTS)), set(self.query(WAIT_COUNTS)))

    def dump(self, version: int = 1) -> dict[str, list[Any]]:
        return {
            table: self.query(f"select t::text from {table} t order by 1", f"stats_{version}")
            for table in STATS.keys
        }


def forget(conn: Connection[Any]) -> None:
    """Empty the view; the log stays."""
    for table in STATS.keys:
        conn.execute(sql.SQL("delete from {}").format(sql.Identifier("stats_1", table)))
    conn.execute("update read.versions set position = 0")


PHONES = st.sampled_from([None, "551", "552"])
USERS = st.sampled_from([None, "BR.a", "BR.b"])
KINDS = ("message", "message", "status", "status", "status", "echo", "history", "moved")


@st.composite
def days(draw: st.DrawFn) -> list[Row]:
    """Deliveries of a few people over two days; items of a message at different times."""
    items: list[Row] = []
    for n in range(draw(st.integers(1, 10))):
        at = draw(st.integers(0, 48)) * HOUR + n
        phone, user = draw(PHONES), draw(USERS)
        if phone is None and user is None:
            phone = "551"
        kind = draw(st.sampled_from(KINDS))
        if kind == "message":
            items.append(message(f"in{n}", at, phone=phone, user=user))
        elif kind == "status":
            wamid = draw(st.sampled_from(["out1", "out2"]))
            step = draw(st.sampled_from(["sent", "delivered", "read", "failed", "deleted", "new"]))
            items.append(status(wamid, step, at, phone=phone, user=user))
            if step == "failed":
                code = draw(st.sampled_from([131026, 131047]))
                items[-1]["statuses"][0]["errors"] = [{"code": code}]
        elif kind == "echo":
            items.append(echo(draw(st.sampled_from(["out1", "out3"])), at, phone=phone or "551"))
        elif kind == "moved":
            new = {"new_phone": "553"} if user is None else {"new_user": "BR.c"}
            items.append(moved_to(f"sys{n}", at, phone=phone, user=user, **new))
        else:
            wamid, sender = draw(st.sampled_from([("in0", "551"), ("out1", BUSINESS)]))
            word = draw(st.sampled_from(["READ", "ERROR", "PENDING"]))
            content: Row = draw(st.sampled_from([{}, {"type": "text", "text": {"body": "hola"}}]))
            items.append(history(wamid, at, phone="551", sender=sender, status=word, **content))
    return items
