"""One conversation in the inbox: its thread, its notes, and what can be done with it."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

from starlette.requests import Request

from read_api.pages.asking import Api, address
from read_api.pages.listing import PATH
from read_api.pages.past import Past, moment, past
from read_api.pages.rendering import today_in, zone_of
from read_api.pages.thread import lines

THREAD_LIMIT = 50
NOTES_LIMIT = 200
# When people begin to work, for what is put off to another day.
MORNING = time(9)

Answer = dict[str, Any]
Pairs = Sequence[tuple[str, str]]

# The page's own words for a place in the thread, and the API's.
PLACES = {"before": "before", "after": "after", "m": "around"}


class Later(NamedTuple):
    """Until when a conversation can be put off, by one press."""

    title: str
    until: str


async def found(api: Api, request: Request, id_: str, own: dict[str, str]) -> Answer:
    """What the API knows of it, or knew as of a moment."""
    then: list[tuple[str, str]] = []
    if "as_of" in own:
        then = [("as_of", moment(own["as_of"], zone_of(request)))]
    conversation, (thread, until), notes, users = await asyncio.gather(
        api(request, "conversations/{id}/", [("messages", "0"), *then], id=id_),
        _thread(api, request, id_, own, then),
        _nothing() if then else _notes(api, request, id_),
        _nothing() if then else _users(api, request),
    )
    return {
        "past": await past(api, request, id_, then[0][1]) if then else None,
        "conversation": conversation,
        "thread": thread,
        "until": until,
        "notes": notes,
        "users": users,
    }


async def _nothing() -> list[Any]:
    return []


async def _thread(
    api: Api, request: Request, id_: str, own: dict[str, str], then: Pairs
) -> tuple[Answer, str | None]:
    """A page of the thread, and the time of the first message after it if there is one."""
    path = "conversations/{id}/messages/"
    place = [(PLACES[name], own[name]) for name in PLACES if name in own][:1]
    thread = await api(request, path, [*place, *then, ("limit", str(THREAD_LIMIT))], id=id_)
    if thread["next_cursor"] is None:
        return thread, None
    after = [("after", thread["next_cursor"]), *then, ("limit", "1")]
    messages = (await api(request, path, after, id=id_))["messages"]
    return thread, messages[0]["timestamp"] if messages else None


async def _notes(api: Api, request: Request, id_: str) -> list[Answer]:
    """The latest, oldest first."""
    query = [("sort", "-created_at"), ("limit", str(NOTES_LIMIT))]
    notes: list[Answer] = (await api(request, "conversations/{id}/notes/", query, id=id_))["notes"]
    return notes[::-1]


async def _users(api: Api, request: Request) -> list[str]:
    """To whom a conversation can be given."""
    if not (api.may(request, "users/") and "conversations:write" in request.auth.scopes):
        return []
    users = (await api(request, "users/"))["users"]
    return [user["name"] for user in users if user["removed_at"] is None]


def context(request: Request, known: Answer, asked: Pairs, own: dict[str, str]) -> Answer:
    zone = zone_of(request)
    conversation, notes, then = known["conversation"], known["notes"], known["past"]
    thread = known["thread"]
    messages = thread["messages"]
    here = f"{PATH}/{conversation['id']}"
    now_href = address(here, asked)
    filters = asked
    if then is not None:
        asked = [*asked, ("as_of", own["as_of"])]
    show = [("show", own["show"])] if "show" in own else []
    target = own.get("m", "")

    def onward(name: str, word: str | None) -> str | None:
        return word and address(here, [*asked, (name, word)])

    def panel(word: str) -> str:
        return address(here, [*asked, ("show", word)])

    return {
        **(_then(then, here, filters) if then else {"past": None}),
        "thread": lines(
            messages, notes, conversation["unread_count"], zone, today_in(zone), known["until"]
        ),
        "notes": notes,
        "our_name": our_name(conversation["customer"]),
        "seen_up_to": max((m["id"] for m in messages if m["direction"] == "in"), default=""),
        "older_messages_href": onward("before", thread["prev_cursor"]),
        "newer_messages_href": onward("after", thread["next_cursor"]),
        "latest_href": address(here, asked),
        # Where a command leads back to, and what an open page asks for again.
        "here": address(here, [*asked, *show]),
        "thread_href": address(here, asked),
        "now_href": now_href,
        "back_href": address(PATH, filters),
        "panel_href": panel,
        "files_href": lambda cursor: address(here, [*asked, ("show", "files"), ("files", cursor)]),
        "panel_path": here,
        "panel_fields": [*asked, ("show", "customer")],
        "filters": filters,
        "target": int(target) if target.isdigit() else None,
        "message_href": lambda id_: address(here, [*asked, ("m", str(id_))]) + f"#m{id_}",
        "may_see_message": True,
        "step_back_href": onward("as_of", str(conversation["position"] - 1)),
        "colleagues": known["users"],
        "me": str(request.user.display_name),
        "laters": laters(datetime.now(zone)),
        # The same note sent twice by one press is one note.
        "once": secrets.token_urlsafe(12),
    }


def _then(then: Past, here: str, filters: Pairs) -> Answer:
    """What is otherwise with a conversation of the past: nothing can be done in it."""

    def moved(position: int | None) -> str | None:
        return None if position is None else address(here, [*filters, ("as_of", str(position))])

    return {
        "past": then,
        "earlier_href": moved(then.earlier),
        "later_href": moved(then.later),
        "writes": False,
        **({"now": then.at} if then.at else {}),
    }


def our_name(customer: Answer) -> str | None:
    """The name that we gave them: WhatsApp's own are no names of ours."""
    theirs = {customer[key] for key in ("profile_name", "username", "phone_e164", "wa_id")}
    name: str | None = customer["display_name"]
    return None if name in theirs | {customer["user_id"]} else name


def laters(now: datetime) -> list[Later]:
    """In an hour, tomorrow morning, on Monday morning, by the clock of who asks."""
    tomorrow = now.date() + timedelta(days=1)
    monday = now.date() + timedelta(days=7 - now.weekday())

    def morning(day: Any, zone: tzinfo | None) -> str:
        return datetime.combine(day, MORNING, zone).isoformat()

    found = [
        Later("In an hour", (now + timedelta(hours=1)).isoformat(timespec="seconds")),
        Later("Tomorrow morning", morning(tomorrow, now.tzinfo)),
    ]
    if monday != tomorrow:
        found.append(Later("Monday morning", morning(monday, now.tzinfo)))
    return found
