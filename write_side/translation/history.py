"""Chunks of the phone app's history: how far it is, and the messages inside.

A chunk has threads and a thread has messages. The chunk is one item without its messages, and
each message is an item too.
"""

from collections.abc import Iterator

import msgspec

from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.content import errors
from write_side.translation.envelope import decode_array, decode_object
from write_side.translation.facts import new_event, number_of
from write_side.translation.shapes import MetaError
from write_side.translation.values import without_nulls

CHUNKS = "history"
"""The array of the field `history` that holds chunks."""


class ChunkMetadata(msgspec.Struct, gc=False):
    phase: int | None = None
    chunk_order: int | None = None
    progress: int | None = None


class Chunk(msgspec.Struct, gc=False):
    metadata: ChunkMetadata | None = None
    threads: list[msgspec.Raw] | None = None
    errors: list[MetaError] | None = None


class Thread(msgspec.Struct, gc=False):
    id: str | int | None = None


decode_chunk = msgspec.json.Decoder(Chunk).decode
decode_thread = msgspec.json.Decoder(Thread).decode


def chunk_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of a chunk without its messages.

    Progress has no id, and two imports of one number may report the same, so a report is named
    by its delivery. Raises msgspec.ValidationError or TranslationRefused.
    """
    chunk = decode_chunk(raw)
    phone_number_id, data = number_of(channel)
    name = "HistorySyncProgressed"
    if chunk.errors:
        name = "HistorySyncDeclined"
        data["errors"] = errors(chunk.errors)
    else:
        metadata = chunk.metadata or ChunkMetadata()
        data |= without_nulls(
            phase=metadata.phase,
            chunk_order=metadata.chunk_order,
            progress=metadata.progress,
            thread_count=len(chunk.threads or ()),
        )
    return new_event(
        channel,
        phone_number_id,
        name,
        data,
        raw,
        None,
        pointer,
        ("history sync", phone_number_id, channel.source.sha256, pointer),
    )


def enter_chunk(channel: Channel, chunk: msgspec.Raw | None) -> None:
    """Lets the items that follow know their phase; None after the last chunk."""
    channel.thread = channel.phase = None
    if chunk is not None:
        try:
            metadata = decode_chunk(chunk).metadata
        except msgspec.DecodeError:
            return
        channel.phase = None if metadata is None else metadata.phase


def enter_thread(channel: Channel, thread: msgspec.Raw) -> None:
    """Lets the items that follow know their thread."""
    try:
        name = decode_thread(thread).id
    except msgspec.DecodeError:
        name = None
    channel.thread = None if name is None else str(name)


def open_chunk(
    raw: msgspec.Raw,
) -> tuple[msgspec.Raw, list[tuple[msgspec.Raw, list[msgspec.Raw]]]]:
    """The chunk without its messages, and each thread without and with its messages.

    Raises msgspec.ValidationError when it is not built of objects and arrays as documented.
    """
    chunk = decode_object(raw)
    if "threads" not in chunk:
        return raw, []
    threads = list(_threads(decode_array(chunk["threads"])))
    chunk["threads"] = _encoded([thread for thread, _ in threads])
    return _encoded(chunk), threads


def _threads(threads: list[msgspec.Raw]) -> Iterator[tuple[msgspec.Raw, list[msgspec.Raw]]]:
    for raw in threads:
        thread = decode_object(raw)
        messages = thread.pop("messages", None)
        yield _encoded(thread), [] if messages is None else decode_array(messages)


def _encoded(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
