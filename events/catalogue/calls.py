"""Calls between people and the business."""

from events.catalogue.base import PersonData, SentTime
from events.catalogue.parts import Media, MetaError


class CallChanged(PersonData):
    """A call reached a step; steps come in any order.

    `event` is Meta's word of the call itself: connect, terminate, call_recording_available, ….
    `status` is how a call ended (COMPLETED, FAILED) beside `event` terminate, and without an
    `event` how an outgoing call is going (RINGING, ACCEPTED, REJECTED). `media` is the recording
    or transcript that has become available. The person is the other side, whoever called.

    Source: Cloud API calling webhooks, read May 2026.
    """

    call_id: str
    event: str | None = None
    status: str | None = None
    direction: str | None = None
    start_time: SentTime = None
    end_time: SentTime = None
    duration_s: int | str | None = None
    callback_data: str | None = None
    media: Media | None = None
    errors: list[MetaError] | None = None
