"""Each version's tables once more, for readers who may see some business numbers alone.

Beside `inbox_1` stands `inbox_1_numbered`, with a view of the same name for each of its tables that
shows the rows of the numbers in the setting `wharf.numbers`. Whoever looks tables up there first
finds no other rows, whichever statement they run. The planner sees through these views, so indexes
help as they do without; row-level security would not let it use those for texts.
"""

from typing import Any, LiteralString

from psycopg import Connection, sql

from projections.view import View

SUFFIX = "_numbered"

RELATIONS: LiteralString = """
select c.relname,
       exists (select from pg_attribute a
                where a.attrelid = c.oid and a.attname = 'phone_number_id' and not a.attisdropped)
  from pg_class c
 where c.relnamespace = %(schema)s::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
 order by c.relname
"""

# Not a subquery: the planner estimates with the very numbers.
VIEW = sql.SQL(
    "create or replace view {target} as select * from {table} t"
    " where {number} = any (current_setting('wharf.numbers')::text[])"
)
WHOLE = sql.SQL("create or replace view {target} as select * from {table} t")
NOTHING = sql.SQL("create or replace view {target} as select * from {table} t where false")


def number_views(conn: Connection[Any], view: View, schema_name: str) -> None:
    """Make them for the tables of a version, or bring them up to date.

    `conn` acts as wharf_owner.
    """
    schema = sql.Identifier(schema_name + SUFFIX)
    with conn.transaction():
        _number_views(conn, view, schema_name, schema)


def _number_views(
    conn: Connection[Any], view: View, schema_name: str, schema: sql.Identifier
) -> None:
    conn.execute("select set_config('search_path', quote_ident(%s), true)", (schema_name,))
    conn.execute(sql.SQL("create schema if not exists {}").format(schema))
    found = conn.execute(RELATIONS, {"schema": f'"{schema_name}"'}).fetchall()
    for name, has_number in found:
        names = {
            "target": sql.Identifier(schema_name + SUFFIX, name),
            "table": sql.Identifier(schema_name, name),
        }
        # A table of which nothing was said shows nothing.
        number = view.numbers.get(name, "t.phone_number_id" if has_number else "")
        if number is None:
            statement = WHOLE.format(**names)
        elif number == "":
            statement = NOTHING.format(**names)
        else:
            statement = VIEW.format(**names, number=sql.SQL(number))
        conn.execute(statement)
    conn.execute(sql.SQL("grant usage on schema {} to wharf_read").format(schema))
    conn.execute(sql.SQL("grant select on all tables in schema {} to wharf_read").format(schema))
