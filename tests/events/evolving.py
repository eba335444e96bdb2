"""A release to come: MessageReceived has a third version, made in two steps."""

from typing import Any, LiteralString

from psycopg import Connection

# What a change of a shape touches, by the recipe of docs/events.md.
LATER_RELEASE: LiteralString = """
create or replace function log.latest_version(p_type text) returns smallint
language sql immutable parallel safe
return (case p_type when 'MessageReceived' then 3 else 1 end)::smallint;

create or replace function log.lift(p_type text, p_version smallint, p_data jsonb) returns jsonb
language plpgsql immutable parallel safe as $$
begin
    case p_type || ' ' || p_version
        when 'MessageReceived 1' then
            -- The text was called otherwise.
            return p_data - 'text' || jsonb_build_object('body', p_data -> 'text');
        when 'MessageReceived 2' then
            -- What a translation had left out is in the item as it was sent.
            return p_data || jsonb_build_object('language', p_data #> '{raw,language}');
        else
            raise exception 'no upcaster for %', p_type using errcode = 'WH002';
    end case;
end
$$;
"""


def upgrade(conn: Connection[Any]) -> None:
    """Make the database the later release's; `conn` owns it."""
    conn.execute(LATER_RELEASE)
