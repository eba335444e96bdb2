"""Finding customers by what they are or were called, through the index of the messages' words."""

from functools import lru_cache

from psycopg.sql import SQL, Composed, Placeholder

from read_api import words
from read_api.conversation_lookup import CONVERSATIONS_MAX
from read_api.message_forms import WORD
from read_api.reading import Query

# Each message has the names that its person had then, and the view `search` finds its words; which
# of them are names is looked up. Who may not know numbers is not told of them by what is found
# either.
NAMED = SQL("""
select distinct m.conversation_id as id
  from (select t.message_id, t.phone_number_id from texts t where {words} offset 0) t
  join messages m on m.message_id = t.message_id and m.phone_number_id = t.phone_number_id
 where {names}
   and m.conversation_id is not null
 union
select c.id
  from conversations c
 where c.display_name is not null and {ours}
 limit %(most)s
""")

NAME = SQL("""
       with_numbers(folded(concat_ws(
           chr(31), m.customer_name, m.customer_username,
           case when %(in_numbers)s then m.customer_wa_id end))) like pattern({word})""")

OURS = SQL("with_numbers(folded(c.display_name)) like pattern({word})")


def conversations_named(text: str, in_numbers: bool) -> Query:
    """Asks for the ids of the conversations, at most one more than is allowed."""
    wanted = words.words(text, "all")
    values = {f"word_{n}": word for n, word in enumerate(wanted)}
    most = {"in_numbers": in_numbers, "most": CONVERSATIONS_MAX + 1}
    return Query(statement(len(wanted)), {**values, **most})


@lru_cache(maxsize=words.WORDS_MAX)
def statement(number_of_words: int) -> Composed:
    def each(form: SQL) -> Composed:
        placeholders = (Placeholder(f"word_{n}") for n in range(number_of_words))
        return SQL(" and ").join(form.format(word=word) for word in placeholders)

    return NAMED.format(words=each(WORD), names=each(NAME), ours=each(OURS))
