"""From what happened to what is posted: Meta batches, repeats, and keeps no order."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from wharf.demo.day import tell
from wharf.demo.script import Item, Script
from wharf.demo.small_talk import chat

# Of 100 posts so many carry several items, and so many come again.
BATCHED_PERCENT = 25
REPEATED_PERCENT = 12
BATCH_ITEMS_MAX = 6
# How late a status may be, in seconds: enough for `read` to overtake `sent`.
STATUS_DELAY_MAX_S = 90


@dataclass(frozen=True)
class Post:
    """One POST of Meta's. `again` says why items in it were sent before, None when they weren't."""

    body: bytes
    items: tuple[Item, ...]
    again: str | None = None


def a_day(start: datetime, seed: int = 1) -> list[Post]:
    """The posts of one made-up day of about six hours from `start` (aware).

    The same start and seed give the same bytes. Another start gives new message ids, so every
    day adds to what is there.
    """
    script = Script(start, seed)
    tell(script)
    chat(script)
    random = Random(seed)  # noqa: S311 - a day that can be told again, no secret
    posts: list[Post] = []
    waiting = sorted(script.items, key=lambda item: arrival(item, random))
    while waiting:
        size = 1
        if random.randrange(100) < BATCHED_PERCENT:
            size = random.randint(2, BATCH_ITEMS_MAX)
        items, waiting = tuple(waiting[:size]), waiting[size:]
        posts.append(Post(write(items), items))
    return with_repetitions(posts, random)


def arrival(item: Item, random: Random) -> float:
    """When Meta tells of it: messages at once, statuses in any order."""
    return item.at + (random.uniform(0, STATUS_DELAY_MAX_S) if item.key == "statuses" else 0)


def with_repetitions(posts: list[Post], random: Random) -> list[Post]:
    """Some posts come a second time a little later, and one lot of items in another batch."""
    day: list[Post] = []
    late: list[Post] = []
    for post in posts:
        day.append(post)
        if late and random.randrange(3) == 0:
            day.append(late.pop(0))
        if random.randrange(100) < REPEATED_PERCENT:
            late.append(Post(post.body, post.items, "same bytes"))
    day += late
    rebatched = tuple(item for post in posts[:8] for item in post.items)
    day.append(Post(write(rebatched), rebatched, "another batch"))
    day.append(Post(posts[0].body, posts[0].items, "same bytes"))
    return day


def write(items: tuple[Item, ...]) -> bytes:
    """A body as Meta writes it: non-ASCII and slashes escaped, no spaces."""
    entries = [
        {"id": account_id, **time_of(of_account), "changes": changes(of_account)}
        for account_id, of_account in grouped(items, lambda item: item.number.account_id)
    ]
    body = {"object": "whatsapp_business_account", "entry": entries}
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def grouped(items: Iterable[Item], key: Callable[[Item], str]) -> list[tuple[str, list[Item]]]:
    """Items by their key, in the order in which the keys come first."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())


def time_of(items: list[Item]) -> dict[str, int]:
    """`entry.time` stands only where an account field does."""
    times = [item.at for item in items if item.key is None]
    return {"time": max(times)} if times else {}


def changes(items: list[Item]) -> list[dict[str, object]]:
    """A `messages` change for what has a place in one, and a change for each other field."""
    inside = [item for item in items if item.key is not None]
    written: list[dict[str, object]] = []
    if inside:
        number = inside[0].number
        value: dict[str, object] = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": number.display_phone_number,
                "phone_number_id": number.phone_number_id,
            },
        }
        contacts = [item.contact for item in inside if item.contact is not None]
        if contacts:
            # Not in the order of the items: who matches by index gets names wrong.
            value["contacts"] = [c for i, c in enumerate(contacts) if c not in contacts[:i]][::-1]
        for key, of_key in grouped(inside, lambda item: item.key or ""):
            value[key] = [item.payload for item in of_key]
        written.append({"value": value, "field": "messages"})
    written += [{"value": i.payload, "field": i.field} for i in items if i.key is None]
    return written
