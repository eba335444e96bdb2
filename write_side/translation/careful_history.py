"""Takes a parsed chunk of history apart, trusting nothing about its shape."""

from typing import TYPE_CHECKING

import msgspec

from write_side.translation.channel import Channel
from write_side.translation.history import CHUNKS, enter_chunk, enter_thread
from write_side.translation.items import item_event
from write_side.translation.routes import ARRAYS, IMPORTED
from write_side.translation.storable import write
from write_side.translation.values import NULL

if TYPE_CHECKING:
    from write_side.translation.careful_walk import CarefulWalk


def take_chunk(walk: "CarefulWalk", channel: Channel, chunk: object, pointer: str) -> None:
    """Takes a chunk without its messages, then each message; quarantines what is in their way."""
    threads = chunk.get("threads") if isinstance(chunk, dict) else None
    if not isinstance(chunk, dict) or not isinstance(threads, list):
        walk.take(item_event, ARRAYS["history"][CHUNKS], channel, chunk, pointer)
        return
    bare = chunk | {"threads": [without_messages(thread) for thread in threads]}
    walk.take(item_event, ARRAYS["history"][CHUNKS], channel, bare, pointer)
    enter_chunk(channel, as_raw(bare))
    for t, thread in enumerate(threads):
        place = f"{pointer}/threads/{t}"
        messages = thread.get("messages", []) if isinstance(thread, dict) else None
        if isinstance(messages, list):
            enter_thread(channel, as_raw(without_messages(thread)))
            for m, message in enumerate(messages):
                walk.take(item_event, IMPORTED, channel, message, f"{place}/messages/{m}")
        else:
            walk.quarantine(channel, "a thread without an array `messages`", thread, place)
    enter_chunk(channel, None)


def without_messages(thread: object) -> object:
    if not isinstance(thread, dict):
        return thread
    return {key: value for key, value in thread.items() if key != "messages"}


def as_raw(value: object) -> msgspec.Raw:
    """The value as JSON, null where it is nested too deep to be written."""
    try:
        return write(value).raw
    except RecursionError:
        return NULL
