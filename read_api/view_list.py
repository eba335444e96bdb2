"""GET views/: how far behind the log the read tables are, and which are being built anew.

For everybody who reads them; what whoever looks after them wants to know is in
`/api/admin/projections/`.
"""

from typing import LiteralString

from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer
from read_api.ledger import Lag, Ledger
from read_api.message_rows import milliseconds
from read_api.models.view import Rebuilding, ViewFreshness, ViewList
from read_api.reading import Query, Reading

# Whoever rebuilds a view holds its lock as long as it goes on: what was broken off has none.
VIEWS: LiteralString = """
select v.view, v.version, v.position, v.paused_at,
       n.version as next_version, n.position as next_position
  from read.active a
  join read.versions v using (view, version)
  left join lateral (
       select b.version, b.position
         from read.versions b
        where b.view = v.view and b.version > v.version and b.superseded_at is null
        order by b.version desc
        limit 1) n
    on exists (
       select
         from pg_locks l
        where l.locktype = 'advisory' and l.objsubid = 1
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and (l.classid::bigint << 32) | l.objid::bigint
              = hashtextextended('wharf rebuild ' || v.view, 0))
 order by v.view
"""


async def list_views(ledger: Ledger, reading: Reading, request: Request) -> Response:
    """All views; there are a few."""
    parameters.parse(request.query_params.multi_items(), {})
    answers = await reading.read([Query(VIEWS, {})])
    (rows,) = answers.rows
    lags = await ledger.lags([row["position"] for row in rows])
    content: ViewList = {
        "count": len(rows),
        "views": [_view(row, lag) for row, lag in zip(rows, lags, strict=True)],
        "next_cursor": None,
        "prev_cursor": None,
        "has_more": False,
        "position": answers.position,
    }
    return answer(request, content, answers)


def _view(row: DictRow, lag: Lag) -> ViewFreshness:
    return {
        "name": row["view"],
        "version": row["version"],
        "behind_events": lag.events,
        "behind_seconds": round(lag.seconds, 3),
        "paused_at": None if row["paused_at"] is None else milliseconds(row["paused_at"]),
        "rebuild": None if row["next_version"] is None else _rebuild(row, lag.head),
    }


def _rebuild(row: DictRow, head: int) -> Rebuilding:
    position = row["next_position"]
    return {
        "version": row["next_version"],
        "percent": 100 if position >= head else 100 * position // head,
    }
