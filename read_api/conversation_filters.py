"""What a list of conversations can be narrowed and ordered by: a closed table of fragments.

What depends on the time of day (the window, what was put off) is a comparison with times that the
reader works out, so it needs no row to change when the clock moves on.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.sql import SQL
from starlette.requests import Request

from read_api import parameters, phones, words
from read_api.conversation_rows import CLOSING, WINDOW
from read_api.errors import InvalidParameter
from read_api.paging import Column, Order
from read_api.parser import Parser, parser

ME, NOBODY = "me", "none"
USER_NAME = r"[a-z0-9._-]{1,64}"


@parser(type="string", pattern=f"^{USER_NAME}$")
def assignee(name: str, text: str) -> str:
    """A user's name, `me`, or `none` for what is nobody's."""
    if not re.fullmatch(USER_NAME, text):
        raise InvalidParameter(name, "has to be the name of a user, me or none")
    return text


PARAMETERS: dict[str, Parser] = {
    "q": words.query.about("Words of a message, a name, a number, an address or an external id."),
    "q_mode": parameters.one_of(*words.MODES).about(
        "all (if not given): each word is found; substring: the whole is."
    ),
    "phone": phones.digits,
    "phone_match": parameters.one_of(*phones.MATCHES),
    "phone_number_id": parameters.phone_number_id,
    "unread": parameters.yes_or_no,
    "unanswered": parameters.yes_or_no.about("Whether a message waits for an answer."),
    "window": parameters.one_of("open", "closing", "closed").about(
        "Whether the business may write freely; closing: under 4 hours more, and not open."
    ),
    "assignee": assignee,
    "state": parameters.one_of("open", "done", "snoozed"),
    "label": parameters.word.about("One of its labels."),
    "has_failed": parameters.yes_or_no.about("Whether a message to the customer failed."),
    "from": parameters.moment.about("Last message at this time or later."),
    "to": parameters.moment.about("Last message before this time."),
}

FILTERS: dict[str, SQL] = {
    "phone_number_id": SQL("c.phone_number_id = %(phone_number_id)s"),
    "unread=true": SQL("c.unread"),
    "unread=false": SQL("not c.unread"),
    "unanswered=true": SQL("coalesce(c.waiting_since, '9999-01-01 UTC') < '9999-01-01 UTC'"),
    "unanswered=false": SQL("c.waiting_since is null"),
    "window=open": SQL("coalesce(c.last_incoming_at, '1970-01-01 UTC') > %(open_after)s"),
    "window=closing": SQL(
        "coalesce(c.last_incoming_at, '1970-01-01 UTC') > %(closed_until)s"
        " and coalesce(c.last_incoming_at, '1970-01-01 UTC') <= %(open_after)s"
    ),
    "window=closed": SQL("coalesce(c.last_incoming_at, '1970-01-01 UTC') <= %(closed_until)s"),
    "assignee=none": SQL("c.assignee is null"),
    "assignee": SQL("c.assignee = %(assignee)s"),
    "state=open": SQL("(c.state = 'open' or c.state = 'snoozed' and c.snoozed_until <= %(now)s)"),
    "state=done": SQL("c.state = 'done'"),
    "state=snoozed": SQL("c.state = 'snoozed' and coalesce(c.snoozed_until > %(now)s, true)"),
    "label": SQL("c.labels @> array[%(label)s]::text[] and c.labels <> '{}'"),
    "has_failed=true": SQL("c.failed_count > 0"),
    "has_failed=false": SQL("c.failed_count = 0"),
    "from": SQL("c.last_message_at >= %(from)s"),
    "to": SQL("c.last_message_at < %(to)s"),
}

_LAST_MESSAGE_AT = Column("last_message_at", SQL("c.last_message_at"))
ORDERS: dict[str, Order] = {
    "last_message_at": Order((_LAST_MESSAGE_AT,), SQL("c.id")),
    "unread": Order((Column("unread", SQL("c.unread")), _LAST_MESSAGE_AT), SQL("c.id")),
    "name": Order((Column("name", SQL("c.name")),), SQL("c.id")),
    "window_expires_at": Order(
        (Column("window_key", SQL("coalesce(c.last_incoming_at, '1970-01-01 UTC')")),), SQL("c.id")
    ),
    "waiting_since": Order(
        (Column("waiting_key", SQL("coalesce(c.waiting_since, '9999-01-01 UTC')")),), SQL("c.id")
    ),
}
SORTS = tuple(sort for name in ORDERS for sort in (f"-{name}", name))


def meant(request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The values with `me` said by name. Raises InvalidParameter where the caller is no user."""
    if values.get("assignee") != ME:
        return values
    user = request.scope.get("user")
    kind, _, name = ("" if user is None else user.username).partition(":")
    if kind != "user":
        raise InvalidParameter("assignee", "me is for users, and a key is none")
    return {**values, "assignee": name}


def chosen(filters: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the fragments: one for the very value where there is one."""
    yes_or_no = {True: "true", False: "false"}
    found = []
    for name, value in filters.items():
        exact = f"{name}={yes_or_no[value] if isinstance(value, bool) else value}"
        found += [each for each in (exact, name) if each in FILTERS][:1]
    return tuple(sorted(found))


def bounds(now: datetime) -> dict[str, datetime]:
    """The times that the fragments compare with."""
    return {"now": now, "closed_until": now - WINDOW, "open_after": now - WINDOW + CLOSING}
