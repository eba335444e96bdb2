"""What became of the files that messages refer to.

A file is named by Meta's media id and the business number that it was sent to.
"""

from events.catalogue.base import EventData


class MediaData(EventData):
    """Data of an event on one file; the causation is the event that asked for it."""

    media_id: str
    phone_number_id: str
    message_id: str | None = None


class MediaStored(MediaData):
    """The file was downloaded, found to be what was announced, and stored.

    `sha256` is in hex and is where the file is, `size` is in bytes, `mime_type` is what Meta says
    that it is (which nobody has checked), `store` the kind of store that has it.
    """

    sha256: str
    size: int
    mime_type: str | None = None
    store: str
    attempts: int


class MediaFailed(MediaData):
    """An attempt to download the file failed, the `attempts`-th since it was last asked for.

    `reason` is a word such as "http-500", "wrong-hash" or "expired". After a `final` one there
    is no other attempt unless somebody asks for it.
    """

    reason: str
    final: bool
    attempts: int


class MediaRequested(MediaData):
    """Somebody asked to try once more to download a file that was given up.

    `answers` is the position of the failure that was final.
    """

    answers: int
