"""How the import of the phone app's past goes."""

from events.catalogue.base import ChannelData
from events.catalogue.parts import MetaError


class HistorySyncProgressed(ChannelData):
    """A chunk of the phone app's history arrived; its messages are MessageImported events.

    `phase` is 0, 1 or 2 (to day 1, 90, 180 before the start), `chunk_order` orders the chunks of
    a phase, `progress` is per cent of the whole. `raw` is the chunk without its messages.
    """

    phase: int | None = None
    chunk_order: int | None = None
    progress: int | None = None
    thread_count: int = 0


class HistorySyncDeclined(ChannelData):
    """The business does not share the phone app's history (code 2593109), or it can't be had."""

    errors: list[MetaError]
