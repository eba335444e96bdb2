"""Calls between people and the business."""

from typing import ClassVar

from events.catalogue.base import PersonData, SentTime
from events.catalogue.parts import Media, MetaError


class CallChanged(PersonData):
    """A call reached a step; steps come in any order.

    `step` is Meta's word for it: connect, terminate, call_recording_available, … of the call
    itself, RINGING, ACCEPTED, REJECTED of one that the business makes. `outcome` is how it ended
    (COMPLETED, FAILED), beside the step terminate. `media` is the recording or transcript that
    has become available. The person is the other side, whoever called.

    Version 1 had `event` and `status`, of which the second meant the outcome beside an `event` and
    the step without one, and `duration_s` as sent, which may be a text.

    Source: Cloud API calling webhooks, read May 2026.
    """

    version: ClassVar[int] = 2

    call_id: str
    step: str
    outcome: str | None = None
    direction: str | None = None
    start_time: SentTime = None
    end_time: SentTime = None
    duration_s: int | None = None
    callback_data: str | None = None
    media: Media | None = None
    errors: list[MetaError] | None = None
