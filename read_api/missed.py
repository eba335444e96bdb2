"""What a command's caller has missed of a conversation `c`, and where more of it may come from."""

from typing import LiteralString

from psycopg.rows import DictRow

MISSED_MAX = 20

# Who has seen everything up to a position has missed the messages and changes after it: ticks,
# reactions, and who read what, are no news that an answer depends on. The newest message by id is
# looked at for itself, since one that came late can be anywhere in the thread.
MISSED: LiteralString = """
       array(select jsonb_build_object('position', news.position, 'kind', news.kind,
                                       'direction', news.direction)
               from (
                 select m.id as position, 'message' as kind, m.direction
                   from (
                     (select k.id, k.direction from messages k
                       where k.conversation_id = c.id
                       order by k.sorted_at desc, k.id desc
                       limit %(missed_max)s)
                     union
                     select k.id, k.direction from messages k where k.id = c.last_id) m
                 union all
                 select n.changed_id, 'note', null from notes n where n.conversation_id = c.id
                 union all
                 select d.id, d.name, null from details d
                  where d.conversation_id = c.id and d.name not in ('read', 'unread')) news
              where news.position > %(since)s
                and greatest(c.last_id, c.said_id) > %(since)s
              order by news.position desc
              limit %(missed_max)s) as missed
"""

# A conversation may hear from its own streams, and from the phones that its people have had.
PHONES: LiteralString = """
       array(select l.phone_number_id || '/p:' || l.wa_id
               from identities i
              cross join lateral (
                    select k.phone_number_id, k.wa_id from links k
                     where k.user_id = split_part(i.identity, '/u:', 2)
                       and k.phone_number_id = split_part(i.identity, '/u:', 1)) l
              where i.conversation_id = c.id and position('/u:' in i.identity) > 0) as phones
"""


def kin(row: DictRow) -> list[str]:
    """The streams that a conversation may hear from, of a row that has `streams` and `phones`."""
    return sorted({*row["streams"], *row["phones"]})
