"""Who is one person: the rules of docs/views.md in plain Python, from the events of a log.

No table, no batch, no order of arrival: everything is known at once and worked out once.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

MESSAGES = ("MessageReceived", "MessageSent", "MessageImported")
OF_PEOPLE = (*MESSAGES, "StatusChanged", "ReactionChanged", "ContactIdentityChanged")


class Event(NamedTuple):
    position: int
    type: str
    stream: str
    occurred_at: datetime
    data: dict[str, Any]


class Conversation(NamedTuple):
    """Its id, the ids of its messages, and how many of them came in."""

    id: int
    messages: tuple[str, ...]
    incoming: int


def events_of(conn: Connection[Any]) -> list[Event]:
    with conn.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(
            "select position, type, stream, occurred_at, data from log.current order by position"
        ).fetchall()


def conversations(events: Iterable[Event]) -> list[Conversation]:
    """The conversations that the events come to, by id."""
    events = list(events)
    known = Known(events)
    joined = Joined()
    for (old, new), at in known.continued.items():
        joined.join(known.owner(old, at), known.owner(new, at))
    ended = {e.data["merge"] for e in events if e.type == "ConversationsUnmerged"}
    for event in events:
        if event.type == "ConversationsMerged" and event.position not in ended:
            one, other = (
                known.owner(person["stream"], datetime.fromisoformat(person["at"]))
                for person in (event.data["person"], event.data["other_person"])
            )
            joined.join(one, other)
    groups: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)
    for wamid, said in _messages(events).items():
        whose = known.owner(*_filing(said))
        if whose is not None:
            incoming = any(_came_in(event) for event in said)
            groups[joined.name(whose)].append((min(e.position for e in said), wamid, incoming))
    return sorted(
        Conversation(
            min(position for position, _, _ in group),
            tuple(sorted(wamid for _, wamid, _ in group)),
            sum(incoming for _, _, incoming in group),
        )
        for group in groups.values()
    )


class Known:
    """What the events say of people: links, continuations, and phones that changed hands."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.linked: dict[str, dict[str, datetime]] = defaultdict(dict)
        self.continued: dict[tuple[str, str], datetime] = {}
        departed: dict[tuple[str, str], datetime] = {}
        for event in events:
            if event.type not in OF_PEOPLE:
                continue
            data, at = event.data, event.occurred_at
            number = data["phone_number_id"]
            phone = data.get("wa_id") or data.get("new_wa_id")
            user = data.get("user_id") or data.get("new_user_id")
            if phone and user:
                _earliest(self.linked[f"{number}/p:{phone}"], f"{number}/u:{user}", at)
            old = [f"{number}/{kind}:{data[key]}" for kind, key in _OLD if key in data]
            new = [f"{number}/{kind}:{data[key]}" for kind, key in _NEW if key in data]
            for one, other in [(o, n) for o in old for n in new if o != n]:
                _earliest(self.continued, (one, other), at)
                if "/p:" in one and "/p:" in other:
                    _earliest(departed, (one, other), at)
                    _earliest(departed, (other, one), at - timedelta(seconds=1))
        self.departed: dict[str, list[datetime]] = defaultdict(list)
        for (stream, _), at in departed.items():
            self.departed[stream].append(at)

    def owner(self, stream: str, at: datetime) -> str | None:
        """Whose an item of this stream and time is."""
        if "/" not in stream:
            return None
        if "/p:" not in stream:
            return stream
        since = max((d for d in self.departed[stream] if d < at), default=None)
        until = min((d for d in self.departed[stream] if d >= at), default=None)
        links = [
            (linked, user)
            for user, linked in self.linked[stream].items()
            if (since is None or linked > since) and (until is None or linked <= until)
        ]
        before = [(-linked.timestamp(), user) for linked, user in links if linked <= at]
        if before:
            return min(before)[1]
        if links:
            return min(links)[1]
        return stream if since is None else f"{stream}#{int(since.timestamp())}"


class Joined:
    """Which names mean the same person."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def name(self, one: str) -> str:
        while one in self._parent:
            one = self._parent[one]
        return one

    def join(self, one: str | None, other: str | None) -> None:
        assert one is not None
        assert other is not None
        if self.name(one) != self.name(other):
            self._parent[self.name(one)] = self.name(other)


_OLD = (("p", "old_wa_id"), ("u", "old_user_id"))
_NEW = (("p", "new_wa_id"), ("u", "new_user_id"))


def _earliest(times: dict[Any, datetime], key: Any, at: datetime) -> None:
    times[key] = min(at, times.get(key, at))


def _messages(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.type in (*MESSAGES, "StatusChanged"):
            found[event.data["message_id"]].append(event)
    return found


def _came_in(event: Event) -> bool:
    return event.type == "MessageReceived" or event.data.get("direction") == "incoming"


def _filing(said: Iterable[Event]) -> tuple[str, datetime]:
    """The stream and the time that say whose a message is, from everything said of it."""
    said = list(said)
    own = [event.occurred_at for event in said if event.type in MESSAGES]
    at = min(own or [event.occurred_at for event in said])
    return min(map(_rank, said))[1], at


def _rank(event: Event) -> tuple[int, str]:
    """The message's own item before a status with a user id, that before one with a phone."""
    if event.type in MESSAGES:
        return 0, event.stream
    if "/p:" in event.stream:
        return 2, event.stream
    return (1 if "/" in event.stream else 3), event.stream
