"""Searching conversations: by what was said in them, and by what they are called.

A word that is said often is found in the conversations that come first in the list's order; only
where those don't fill the page are all of them looked up.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from psycopg.sql import SQL, Composable, Composed, Placeholder

from read_api import words
from read_api.message_forms import SHOWN_WORD, WORD
from read_api.paging import Order
from read_api.reading import Query, Rows

# So many conversations are looked through in the list's order, and so many messages looked up.
WALK_CONVERSATIONS = 300
MESSAGES_MAX = 5_000

SAID = SQL("""exists (
           select
             from messages m
             join texts t
               on t.message_id = m.message_id and t.phone_number_id = m.phone_number_id
            where m.conversation_id = c.id and {words}
           offset 0)""")
# Numbers and addresses are for those who may know them.
CALLED = SQL("""
       with_numbers(folded(concat_ws(chr(31), c.display_name, c.contact_name, c.username,
                                     c.external_id, case when %(in_numbers)s then
                                     concat_ws(chr(31), c.phone_number, c.customer_email) end)))
       like pattern({word})""")

WALKED = SQL("""
select c.id
  from (select c.id, c.last_message_at, c.unread, c.name, c.last_incoming_at, c.waiting_since,
               c.display_name, c.contact_name, c.username, c.external_id, c.phone_number,
               c.customer_email
          from conversations c
         where {where}
         {by}
         limit %(walk)s) c
 where {matches}
 {by}
 limit %(rows)s
""")

# The messages come without order, as the index gives them; if there are as many as are looked up
# there may be more.
FOUND = SQL("""
with said as materialized (
    select t.message_id, t.phone_number_id
      from texts t
     where {words}
     limit %(messages_max)s
)
select m.conversation_id as id, (select count(*) from said) as messages
  from said t
 cross join lateral (
       select m.conversation_id
         from messages m
        where m.message_id = t.message_id and m.phone_number_id = t.phone_number_id
        limit 1) m
 where m.conversation_id is not null
 union
select c.id, (select count(*) from said)
  from (select k.id from conversations k where k.display_name is not null
         union
        select k.id from conversations k where k.external_id is not null
         union
        select k.id from conversations k where k.customer_email is not null) known
  join conversations c on c.id = known.id
 where {called}
""")


class Wanted(NamedTuple):
    """The words of a search, and whether numbers may be found."""

    words: tuple[str, ...]
    in_numbers: bool

    def values(self) -> dict[str, Any]:
        return {
            **{f"word_{n}": word for n, word in enumerate(self.words)},
            "in_numbers": self.in_numbers,
            "walk": WALK_CONVERSATIONS,
            "messages_max": MESSAGES_MAX,
        }


def wanted(text: str, mode: str, in_numbers: bool) -> Wanted:
    return Wanted(tuple(words.words(text, mode)), in_numbers)


@lru_cache(maxsize=64)
def matches(number_of_words: int, in_numbers: bool) -> Composed:
    """The condition for a conversation `c`."""
    said = SAID.format(words=_each(WORD if in_numbers else SHOWN_WORD, number_of_words))
    return SQL("({} or {})").format(said, _each(CALLED, number_of_words))


def walked(asked: Wanted, where: Composable, order: Order, descending: bool) -> Composed:
    """The ids of the page's conversations, as far as they are among the first."""
    return WALKED.format(
        where=where,
        by=order.by(descending),
        matches=matches(len(asked.words), asked.in_numbers),
    )


@lru_cache(maxsize=64)
def _found_statement(number_of_words: int, in_numbers: bool) -> Composed:
    return FOUND.format(
        words=_each(WORD if in_numbers else SHOWN_WORD, number_of_words),
        called=_each(CALLED, number_of_words),
    )


def found_query(asked: Wanted) -> Query:
    """Asks for the ids of all that match, if they are not too many."""
    return Query(_found_statement(len(asked.words), asked.in_numbers), asked.values())


def few(rows: Rows) -> list[int] | None:
    """All conversations that match; None when there were too many messages to look all up."""
    if rows and rows[0]["messages"] >= MESSAGES_MAX:
        return None
    return [row["id"] for row in rows]


def _each(form: SQL, number_of_words: int) -> Composed:
    return SQL(" and ").join(
        form.format(word=Placeholder(f"word_{n}")) for n in range(number_of_words)
    )
