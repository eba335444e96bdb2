"""The statistics counted again in plain Python, message by message, from the events themselves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import floor, log
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import dict_row

from tests.projections.people import conversations, events_of

Row = dict[str, Any]

STEPS = ("accepted", "sent", "failed", "delivered", "read", "played", "deleted")
CONTENT = {"MessageReceived": 0, "MessageSent": 0, "MessageImported": 1}
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Counted(NamedTuple):
    """The two tables that are asked: rows as tuples in the order of their columns."""

    messages: set[tuple[Any, ...]]
    waits: set[tuple[Any, ...]]


def recount(conn: Connection[Any]) -> Counted:
    """What the log comes to."""
    with conn.cursor(row_factory=dict_row) as cursor:
        events = cursor.execute("select * from log.current order by position").fetchall()
    people = {wamid: one.id for one in conversations(events_of(conn)) for wamid in one.messages}
    messages = [
        _message(items, people, _files(events))
        for items in _by(events, ("MessageReceived", "MessageSent", "MessageImported",
                                  "StatusChanged"))
    ]  # fmt: skip
    counts = Counter(
        (
            _bucket(m["at"]), m["number"], m["direction"], m["type"] or "",
            "" if m["direction"] == "in" else STEPS[m["step"]],
            m["code"], m["media_state"],
        )
        for m in messages
    )  # fmt: skip
    waits = Counter(wait for group in _people(messages) for wait in _waits(group))
    return Counted(
        {(*key, n) for key, n in counts.items()}, {(*key, n) for key, n in waits.items()}
    )


def _by(events: Iterable[Row], types: Sequence[str]) -> list[list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for event in events:
        if event["type"] in types:
            data = event["data"]
            found.setdefault((data["phone_number_id"], data["message_id"]), []).append(event)
    return list(found.values())


def _files(events: Iterable[Row]) -> dict[tuple[str, str], str]:
    """Why files were given up."""
    state: dict[tuple[str, str], Row] = {}
    for event in events:
        if event["type"] in ("MediaStored", "MediaFailed", "MediaRequested"):
            data = event["data"]
            file = state.setdefault((data["phone_number_id"], data["media_id"]), {})
            file[event["type"]] = event
    given_up = {}
    for key, file in state.items():
        failed, asked = file.get("MediaFailed"), file.get("MediaRequested")
        if failed is None or not failed["data"]["final"] or "MediaStored" in file:
            continue
        if asked is None or asked["position"] < failed["position"]:
            given_up[key] = "expired" if failed["data"]["reason"] == "expired" else "failed"
    return given_up


def _rank(event: Row) -> int:
    placeholder = event["data"].get("message_type") == "media_placeholder"
    return 2 if event["type"] == "MessageImported" and placeholder else CONTENT[event["type"]]


def _step(event: Row) -> int:
    data = event["data"]
    if event["type"] == "StatusChanged":
        word = data["status"]
    elif event["type"] == "MessageImported" and data["direction"] == "outgoing":
        word = (data.get("history_status") or "").lower().replace("error", "failed")
    else:
        word = ""
    return STEPS.index(word) if word in STEPS else 0


def _message(items: list[Row], people: dict[str, int], files: dict[Any, str]) -> Row:
    own = sorted(
        (e for e in items if e["type"] in CONTENT), key=lambda e: (_rank(e), e["position"])
    )
    speaking = own or items
    sent = min(e["occurred_at"] for e in speaking)
    received = min(e["recorded_at"] for e in speaking)
    incoming = any(
        e["type"] == "MessageReceived" or e["data"].get("direction") == "incoming" for e in own
    )
    step = max(_step(e) for e in items)
    content: Row = own[0]["data"] if own else {}
    number = items[0]["data"]["phone_number_id"]
    failures = [e for e in items if _step(e) == STEPS.index("failed")]
    first = min(failures, key=lambda e: (e["occurred_at"], e["position"]), default=None)
    errors = first["data"].get("errors") if first else None
    failed = not incoming and STEPS[step] == "failed"
    return {
        "number": number,
        "at": min(sent, received),
        "direction": "in" if incoming else "out",
        "type": content.get("message_type"),
        "step": step,
        "code": errors[0]["code"] if failed and errors else -1,
        "media_state": files.get((number, (content.get("media") or {}).get("media_id")), ""),
        "person": people.get(items[0]["data"]["message_id"]),
    }


def _people(messages: Iterable[Row]) -> list[list[Row]]:
    found: dict[int, list[Row]] = {}
    for one in messages:
        if one["person"] is not None:
            found.setdefault(one["person"], []).append(one)
    return list(found.values())


def _waits(messages: list[Row]) -> list[tuple[Any, ...]]:
    """Within one second the person wrote first: what was sent then is an answer."""
    found: list[tuple[Any, ...]] = []
    began: datetime | None = None
    for one in sorted(messages, key=lambda m: (m["at"], m["direction"])):
        if one["direction"] == "in":
            began = began or one["at"]
        elif began is not None:
            seconds = floor((one["at"] - began).total_seconds())
            slot = 1 + floor(log(seconds) / log(1.1)) if seconds else 0
            late = one["at"] - began > timedelta(hours=24)
            found.append((_bucket(began), one["number"], slot, late))
            began = None
    if began is not None:
        found.append((_bucket(began), messages[0]["number"], -1, False))
    return found


def _bucket(at: datetime) -> datetime:
    return at - (at - LONG_AGO) % timedelta(minutes=15)
