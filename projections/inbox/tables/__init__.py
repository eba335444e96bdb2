"""The tables of the view `inbox`, without now() and serials: a rebuild gives the same bytes.

Tables are named without their schema: search_path says which version of the view is meant. Their
order is part of what a version was made by, so a new one goes to the end.
"""

from typing import LiteralString

from projections.inbox.identity import OWNER
from projections.inbox.tables import amendments, desk, lookups, people, threads

# Whose an item with this stream and time is, for readers. One rule, in one place.
_OWNER_OF: LiteralString = f"""
create function owner_of(stream text, "at" timestamptz) returns text
language sql stable parallel safe as $$
select owner.identity from (select $1 as stream, $2 as at) x
{OWNER}
$$;
"""

TABLES: LiteralString = "".join(
    (
        threads.TABLES,
        desk.TABLES,
        people.TABLES,
        amendments.TABLES,
        lookups.INDEXES,
        _OWNER_OF,
    )
)
