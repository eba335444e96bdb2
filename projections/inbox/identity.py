"""Who is who, in the inbox's tables."""

from typing import LiteralString

from projections.people import kin, links, merges
from projections.people.names import Names

# A link only matters to a phone that has items of its own, or that a system message speaks of:
# those phones have a row in identities.
_NAMES = Names(
    items="batch",
    moved="moved",
    kin="kin",
    links="links",
    continuations="continuations",
    departures="departures",
    merges="merges",
    identities="identities",
    matters="exists (select from identities i where i.identity = l.stream)",
)

OWNER = _NAMES.said(links.OWNER)
LINK = _NAMES.said(links.LINK)
CONTINUE = _NAMES.said(links.CONTINUE)
STORE_MERGES = _NAMES.said(merges.STORE_MERGES)
NEIGHBOURS = _NAMES.said(kin.NEIGHBOURS)
FIND_KIN = _NAMES.said(kin.FIND_KIN)
RESOLVE = _NAMES.said(kin.RESOLVE)
EDGES = _NAMES.said(kin.EDGES)

# Whoever an item names is noticed, even where the message turns out to be somebody else's: a phone
# whose owner is known by user id, or a status that a better one overrules. So is a user id that
# something else links with a phone: it may own the phone's messages until an earlier link is
# learnt, and whether it did must leave no trace.
NOTICE: LiteralString = """
insert into identities (identity)
select n.stream
  from (select b.stream from batch b
         where b.filed_by is not null and position('/' in b.stream) > 0
         union
        select b.phone_number_id || '/u:' || b.user_id from batch b
         where b.user_id is not null and b.wa_id is not null
           and (b.filed_by is null or position('/u:' in b.stream) = 0)) n
 where not exists (select from identities i where i.identity = n.stream)
    on conflict do nothing
"""
