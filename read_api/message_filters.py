"""What messages can be filtered by, and in which orders they are listed: closed tables of SQL."""

import re
from collections.abc import Mapping
from typing import Any, LiteralString, get_args

from psycopg.sql import SQL, Composed

from read_api import parameters, phones, words
from read_api.errors import InvalidParameter
from read_api.models.media import State
from read_api.paging import Column, Order, fragment_names
from read_api.parser import Parser, parser

STATUSES = (
    "received", "replied", "accepted", "sent", "delivered", "read", "played", "failed", "deleted",
)  # fmt: skip
NONE = "none"


@parser(type="string", pattern=r"^[!-~]{1,512}$")
def message_id(name: str, text: str) -> int | str:
    """Our id of a message, or Meta's (a wamid)."""
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    if re.fullmatch(r"[!-~]{1,512}", text):
        return text
    raise InvalidParameter(name, "has to be the id of a message")


@parser(anyOf=[parameters.error_code.schema, {"const": NONE}])
def error_code(name: str, text: str) -> int | str:
    """Meta's number of an error, as 131047; none: a failure for which it gave no number."""
    return NONE if text == NONE else parameters.error_code(name, text)


PARAMETERS: dict[str, Parser] = {
    "q": words.query,
    "q_mode": parameters.one_of(*words.MODES).about(
        "all (if not given): each word is found; substring: the whole is."
    ),
    "phone": phones.digits,
    "phone_match": parameters.one_of(*phones.MATCHES),
    "type": parameters.word.about(
        "text, image, …: Meta's word, a new one too; none: known only from statuses."
    ),
    "conversation": parameters.position.about("Its id, also one from before a merge."),
    "customer": parameters.position.about("A customer is a conversation's other face."),
    "phone_number_id": parameters.phone_number_id,
    "direction": parameters.one_of("in", "out"),
    "status": parameters.one_of(*STATUSES)
    .about("Of incoming messages received, read, replied; the others of outgoing ones.")
    .several(),
    "error_code": error_code,
    "from": parameters.moment,
    "to": parameters.moment,
    "received_from": parameters.moment,
    "received_to": parameters.moment,
    "tz": parameters.zone,
    "unread": parameters.yes_or_no,
    "has_media": parameters.yes_or_no,
    "media_state": parameters.one_of(*get_args(State)).about("How far the download is."),
    "reaction_to": message_id.about("The message, if somebody has reacted to it."),
}

# What a cursor is only good together with.
FILTERED_BY = tuple(name for name in PARAMETERS if name != "tz")

_REACTED_TO = SQL("""
       exists (
           select
             from reactions r
            where r.message_id = m.message_id and r.phone_number_id = m.phone_number_id
              and r.emoji is not null)""")

# Times are compared as the list is ordered: one in the future counts as the time received. A
# message received before some time is sorted before it too, which lets an index help. The steps
# and marks that a status follows from have indexes, the status has none: it would make each step
# of each message touch all of them.
FILTERS: dict[str, SQL | Composed] = {
    "type": SQL("m.message_type = %(type)s"),
    "type=none": SQL("m.message_type is null"),
    "phone_number_id": SQL("m.phone_number_id = %(phone_number_id)s"),
    "direction": SQL("m.direction = %(direction)s"),
    "status": SQL("m.status = any(%(status)s)"),
    "status=failed": SQL("m.failed_at is not null and m.status = 'failed'"),
    "status=deleted": SQL("m.deleted_at is not null and m.status = 'deleted'"),
    "status=played": SQL("m.played_at is not null and m.status = 'played'"),
    "status=received": SQL("m.direction = 'in' and not m.read and m.status = 'received'"),
    "error_code": SQL("m.error_code = %(error_code)s"),
    "error_code=none": SQL("m.failed_at is not null and m.error_code is null"),
    "from": SQL("m.sorted_at >= %(from)s"),
    "to": SQL("m.sorted_at < %(to)s"),
    "received_from": SQL("m.received_at >= %(received_from)s"),
    "received_to": SQL("m.received_at < %(received_to)s and m.sorted_at < %(received_to)s"),
    "unread=true": SQL("m.direction = 'in' and not m.read"),
    "unread=false": SQL("not (m.direction = 'in' and not m.read)"),
    "has_media=true": SQL("m.media is not null"),
    "has_media=false": SQL("m.media is null"),
    "media_state": SQL("""m.media is not null and exists (
           select
             from media file
            where file.media_id = m.media ->> 'media_id'
              and file.phone_number_id = m.phone_number_id
              and file.state = %(media_state)s)"""),
    "reaction_to=wamid": SQL("m.message_id = %(reaction_to)s and ") + _REACTED_TO,
    "reaction_to=id": SQL("m.id = %(reaction_to)s and ") + _REACTED_TO,
}

# What is missing comes last: nothing is greater than this sign, which is no letter.
_LAST: LiteralString = r"U&'\+10FFFF'"

_KEYS: dict[str, SQL] = {
    "timestamp": SQL("m.sorted_at"),
    "received_at": SQL("m.received_at"),
    "type": SQL(f"coalesce(m.message_type, {_LAST})"),
    "status": SQL("m.status"),
    "from_name": SQL(f"""coalesce(
            lower(case when m.direction = 'in' then m.customer_name end), {_LAST})"""),
    "from_number": SQL(f"""coalesce(
            case when m.direction = 'in' then m.customer_wa_id else m.display_phone_number end,
            {_LAST})"""),
}
ORDERS = {name: Order((Column(name, key),), SQL("m.id")) for name, key in _KEYS.items()}
# The others sort what the filters leave.
WITH_INDEX = ("timestamp", "received_at")


def chosen(filters: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of FILTERS the values choose; some values have a fragment of their own."""
    names = set(fragment_names(filters, FILTERS))
    only = set(filters.get("status", ()))
    if len(only) == 1 and f"status={next(iter(only))}" in FILTERS:
        names = names - {"status"} | {f"status={next(iter(only))}"}
    for name in ("type", "error_code"):
        if filters.get(name) == NONE:
            names = names - {name} | {f"{name}={NONE}"}
    if "reaction_to" in filters:
        names.add(
            "reaction_to=id" if isinstance(filters["reaction_to"], int) else "reaction_to=wamid"
        )
    return tuple(sorted(names))
