"""Entering: what a statement needs about it, to find the tables of the active versions by name.

A transaction enters for itself alone. A connection that nobody else's statements go over may also
enter to stay. It can ask one statement by itself then, which says at the same time whether those
are the active versions still: it is its own snapshot, and there is nothing to send before it.
"""

from functools import lru_cache
from typing import Any, LiteralString, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from events.database import has_session
from read_api import numbers

Connection = AsyncConnection[TupleRow]

BEGIN: LiteralString = "begin isolation level repeatable read, read only"

# The first statement after it takes the snapshot. It says where the tables of all views are, those
# of the one that is asked first, and asks for plans made for the values at hand: a generic plan can
# make a list a hundred times slower (measured). Where one plan is good for all values, making it
# anew takes half of the time that the answer does. No table is read from end to end: where no index
# has a filter, a list goes along the one that has its order and stops when the page is full.
_REACHED: LiteralString = """
select max(v.position) filter (where v.view = %(view)s),
       max(v.version) filter (where v.view = %(view)s),
       current_setting('transaction_isolation'),
       set_config('plan_cache_mode', %(plans)s, true),
       set_config('enable_seqscan', 'off', true),
       set_config('jit', 'off', true),
       set_config('search_path', """

_OWN_TABLES: LiteralString = """
       string_agg(quote_ident(v.schema_name), ',' order by v.view <> %(view)s, v.view)"""

_ACTIVE: LiteralString = """
  from read.active a
  join read.versions v using (view, version)
 -- Views of other packages may have tables and functions of the same names.
 where v.view in (%(view)s, 'inbox', 'media', 'search', 'stats')
having bool_or(v.view = %(view)s)
"""

ENTER: LiteralString = _REACHED + _OWN_TABLES + ", true)" + _ACTIVE

# The same for who may see some numbers alone: first come the schemas that show just those (see
# projections/numbered.py). Behind them are the views' own, for their functions: if a single table
# of theirs had no counterpart, nothing is answered.
ENTER_NUMBERED: LiteralString = (
    _REACHED
    + """
       string_agg(quote_ident(v.schema_name || '_numbered'), ','
                  order by v.view <> %(view)s, v.view) || ',' || """
    + _OWN_TABLES
    + """, true),
       set_config('wharf.numbers', %(numbers)s::text[]::text, true)"""
    + _ACTIVE
    + """
   and not exists (
       select
         from read.active b
         join read.versions w using (view, version)
         join pg_class c on c.relnamespace = to_regnamespace(quote_ident(w.schema_name))
        where w.view in (%(view)s, 'inbox', 'media', 'search', 'stats')
          and c.relkind in ('r', 'p', 'v', 'm', 'f')
          and to_regclass(quote_ident(w.schema_name || '_numbered') || '.'
                          || quote_ident(c.relname)) is null)
"""
)

# The same for all that the connection asks from now on.
ENTER_TO_STAY: LiteralString = ENTER.replace(", true)", ", false)")

# Values of %(plans)s.
FOR_VALUES: LiteralString = "force_custom_plan"
FOR_ALL_VALUES: LiteralString = "force_generic_plan"

# A statement on a connection that has entered: its rows, each with the view's position, and one row
# without `answer_found` if it has none. There is no row where the connection isn't in the active
# versions.
_AS_ENTERED: LiteralString = (
    """
select answer.*, entered.answer_position
  from (select max(v.position) filter (where v.view = %(view)s) as answer_position"""
    + _ACTIVE
    + " and current_setting('search_path') ="
    + _OWN_TABLES
    + """) entered
  left join (select asked.*, true as answer_found from ({statement}) asked) answer on true
"""
)


class Entered(NamedTuple):
    """Where a connection stays: by which view it entered, with which plans, in which version."""

    view: str
    plans: str
    version: int


_entered: WeakKeyDictionary[Connection, Entered] = WeakKeyDictionary()


def may_stay(conn: Connection) -> bool:
    """Whether what is entered now is there the next time. Who may see some numbers alone enters
    for one transaction, so that nobody else is ever asked among theirs."""
    return has_session(conn) and numbers.allowed() is None


def entered(conn: Connection, view: str, plans: str) -> Entered | None:
    """Where the connection is, if that is where this view is to be asked with such plans."""
    found = _entered.get(conn)
    return found if found is not None and found[:2] == (view, plans) else None


def leave(conn: Connection) -> None:
    """What is in the session stays there, and counts no more."""
    _entered.pop(conn, None)


def stay(conn: Connection, place: Entered) -> None:
    _entered[conn] = place


@lru_cache(maxsize=1024)
def as_entered(statement: str, view: str) -> sql.SQL:
    """The statement as a connection asks it that has entered by the view."""
    form = sql.SQL(_AS_ENTERED.replace("%(view)s", "{view}"))
    # A statement of ours, which a type checker can't know of its text.
    text: Any = statement
    return whole(form.format(view=sql.Literal(view), statement=sql.SQL(text)))


def whole(statement: sql.Composed) -> sql.SQL:
    """The same in one piece; psycopg would put the pieces together at each execution."""
    # Of nothing but literals, as its pieces were; a type checker can't know that.
    text: Any = statement.as_string()
    return sql.SQL(text)


async def enter(
    conn: Connection, view: str, plans: str = FOR_VALUES, *, to_stay: bool = False
) -> psycopg.AsyncCursor[TupleRow]:
    """In the transaction that has just begun: take the snapshot, and find the tables by name."""
    allowed = numbers.allowed()
    if allowed is None:
        statement = ENTER_TO_STAY if to_stay else ENTER
        return await conn.execute(statement, {"view": view, "plans": plans}, binary=True)
    values = {"view": view, "plans": plans, "numbers": list(allowed)}
    return await conn.execute(ENTER_NUMBERED, values, binary=True)
