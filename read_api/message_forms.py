"""The forms of the statements that ask for messages, to be filled in by message_pages.

`keys` are the values of a row's place as columns, `names` those columns in the query around them.
"""

from psycopg.sql import SQL

from read_api.message_filters import ORDERS
from read_api.paging import Column, Order

OF_ALL = SQL("""
    select m.id, {keys}
      from messages m
     where {where} and {after}
     {by}
     limit {rows}
""")

# The newest of what is left, one more than is allowed, then in the order that is wanted.
OF_FEW_LEFT = SQL("""
    select page.id, {names}
      from (select m.id, {keys}
              from messages m
             where {where}
             order by m.sorted_at desc, m.id desc
             limit %(most)s) page
     where {after}
     {by}
     limit {rows}
""")

# A few of each conversation and then the newest of those: looking along the time for messages of
# one conversation would read the whole table when it has been silent for long.
OF_CONVERSATIONS = SQL("""
    select m.id, {names}
      from unnest(%(conversations)s::bigint[]) as wanted(conversation_id)
     cross join lateral (
           select m.id, {keys}
             from messages m
            where m.conversation_id = wanted.conversation_id and {where} and {after}
            {by}
            limit {rows}) m
     {by_names}
     limit {rows}
""")

# From the place on, text by text.
WALKED = SQL("""
    select m.id, {keys}
      from (select t.id, t.sorted_at, t.message_id, t.phone_number_id, t.text
              from texts t
             where {bounds} and {after}
             {by}
             limit %(walk)s) t
     cross join lateral (
           select m.id
             from messages m
            where m.message_id = t.message_id and m.phone_number_id = t.phone_number_id
              and {where}
            limit 1) m
     where {words}
     {by}
     limit {rows}
""")

# All that is found, and of that the page. Without the fence the order would tempt the planner to
# walk, which takes seconds where it thinks a rare word to be a common one.
FOUND = SQL("""
    select page.id, {names}
      from (select m.id, {keys}
              from texts t
              join messages m
                on m.message_id = t.message_id and m.phone_number_id = t.phone_number_id
             where {words} and {bounds} and {where}
            offset 0) page
     where {after}
     {by}
     limit {rows}
""")

# In some conversations each message is looked at, on from the place until the page is full. The
# fence keeps it a look at one text after the other, in that order.
SAID = SQL("""exists (
               select
                 from texts t
                where t.message_id = m.message_id and t.phone_number_id = m.phone_number_id
                  and {words}
               offset 0)""")

MESSAGES = SQL("""
select {columns}, {names}
  from ({page}) page
  join messages m on m.id = page.id
  {joins}
 {by}
""")

TOTAL = SQL("""
select count(*) as total
  from ({page}) counted
""")
COUNTED = SQL("""
select from messages m where {where} order by m.sorted_at desc, m.id desc limit %(most)s
""")
COUNTED_IN_CONVERSATIONS = SQL("""
select
  from messages m
 where m.conversation_id = any(%(conversations)s) and {where}
 limit %(most)s
""")

# Fenced, for who counts no more than some would look through the texts by their ids, all over the
# table, rather than by a word that is said often (a second and more, measured).
COUNTED_TEXTS = SQL("""
select
  from (select t.message_id, t.phone_number_id
          from texts t
         where {words} and {bounds}
        offset 0) t
  join messages m on m.message_id = t.message_id and m.phone_number_id = t.phone_number_id
 where {where}
 limit %(most)s
""")

TEXT_ORDERS: dict[str, Order] = {
    **ORDERS,
    "timestamp": Order((Column("timestamp", SQL("t.sorted_at")),), SQL("t.id")),
}
TEXT_BOUNDS: dict[str, SQL] = {
    "from": SQL("t.sorted_at >= %(from)s"),
    "to": SQL("t.sorted_at < %(to)s"),
}
WORD = SQL("t.text like pattern({word})")
# What stands behind the sign is for those who may know numbers.
SHOWN_WORD = SQL(
    "t.text like pattern({word}) and split_part(t.text, chr(30), 1) like pattern({word})"
)
