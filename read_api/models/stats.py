"""The statistics: every number of messages with the address of the rows behind it."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.history import Actor
from read_api.models.page import Moment

BucketWidth = Literal["15min", "hour", "day", "week", "month"]
Direction = Literal["in", "out"]

Url = Annotated[str, Field(description="GET it: as many messages as `messages` says.")]
Share = Annotated[float | None, Field(description="From 0 to 1; null of nothing.")]
Seconds = Annotated[float | None, Field(description="Null where nobody was answered.")]
Definitions = Annotated[
    dict[str, str], Field(description="What each number counts, and what it leaves out.")
]


class Counted(TypedDict):
    """A number of messages."""

    messages: int
    messages_url: Url


Span = TypedDict(
    "Span",
    {
        "from": Moment,
        "to": Annotated[Moment, Field(description="Not within it any more.")],
        "local_from": Annotated[str, Field(description="`from` as clocks of the zone show it.")],
    },
)
"""A part of the range: a full hour, day, week or month of the zone, or what the range has of it."""

Asked = TypedDict(
    "Asked",
    {
        "from": Moment,
        "to": Moment,
        "tz": str,
        "phone_number_id": str | None,
        "definitions": Definitions,
        "position": Annotated[int, Field(description="How far the counts were.")],
    },
)
"""What was asked, as it was understood."""


class Bucketed(Asked):
    """A question in buckets; those in which nothing happened are there as well."""

    bucket: BucketWidth


Volume = TypedDict(
    "Volume",
    {"messages": int, "messages_url": Url, "in": Counted | None, "out": Counted | None},
)
"""Messages of both directions; null for the one that was not asked for."""


class VolumeBucket(Span, Volume):
    """A bucket's volume."""


class VolumeAnswer(Bucketed):
    """GET stats/volume/."""

    direction: Direction | None
    total: Volume
    buckets: list[VolumeBucket]


class TypeVolume(Volume):
    """A type's volume. Null are messages known only from their statuses."""

    message_type: str | None


class TypesBucket(Span, Counted):
    """A bucket's volume by type, the types that occur in it."""

    types: list[TypeVolume]


class TypesAnswer(Bucketed):
    """GET stats/types/; types by their number of messages."""

    direction: Direction | None
    total: Counted
    types: list[TypeVolume]
    buckets: list[TypesBucket]


Hour = TypedDict(
    "Hour",
    {
        "weekday": Annotated[int, Field(description="1 is Monday.")],
        "hour": int,
        "messages": int,
        "in": int | None,
        "out": int | None,
    },
)
"""An hour of the week, of all weeks in the range."""


class HoursAnswer(Asked):
    """GET stats/hours/; all 168 hours of a week."""

    direction: Direction | None
    total: Volume
    hours: list[Hour]
    volume_url: Annotated[
        str | None,
        Field(description="The same hour by hour, with rows; null for very long ranges."),
    ]


class Step(Counted):
    """A step of the way; `share_of_previous` of the step before."""

    step: Literal["accepted", "sent", "delivered", "read", "played"]
    share_of_previous: Share


class Part(Counted):
    """Messages and their share of all that were accepted."""

    share: Share


class Progress(TypedDict):
    """How far outgoing messages have come."""

    steps: list[Step]
    failed: Part
    deleted: Part


class ProgressBucket(Span, Progress):
    """How far the messages sent in a bucket have come."""


class DeliveryAnswer(Bucketed):
    """GET stats/delivery/."""

    total: Progress
    buckets: list[ProgressBucket]


class Failure(Counted):
    """Failures of one code; null where Meta gave none."""

    error_code: int | None
    error_title: str | None


class ErrorsBucket(Span, Counted):
    """Failures among the messages sent in a bucket."""

    errors: list[Failure]


class ErrorsAnswer(Bucketed):
    """GET stats/errors/; codes by their number of messages."""

    total: Counted
    errors: list[Failure]
    buckets: list[ErrorsBucket]


class WaitTimes(TypedDict):
    """How long people waited."""

    waits: int
    answered: int
    unanswered: int
    window_missed: Annotated[int, Field(description="More than 24 hours without an answer.")]
    median_s: Seconds
    p90_s: Seconds


class Waits(Counted, WaitTimes):
    """How long people waited; the messages are all incoming ones."""


class BusinessHours(TypedDict):
    """The hours that were asked for, as clocks of `tz` show them."""

    hours: Annotated[str, Field(examples=["09:00-18:00"])]
    days: Annotated[list[int], Field(description="1 is Monday.")]


class AllWaits(Waits):
    """All waits, and beside them those that began in business hours."""

    in_business_hours: WaitTimes


class WaitsBucket(Span, AllWaits):
    """The waits that began in a bucket."""


class ResponseTimesAnswer(Bucketed):
    """GET stats/response-times/."""

    percentile_error: Annotated[float, Field(description="Relative, at most.")]
    asked_at: Annotated[Moment, Field(description="Whoever waits has waited until then.")]
    business_hours: BusinessHours
    total: AllWaits
    buckets: list[WaitsBucket]


class Agent(TypedDict):
    """What somebody of ours did."""

    agent: Actor
    conversations: Annotated[int, Field(description="Different ones.")]
    conversation_ids: Annotated[
        list[int], Field(description="The newest of them, 200 at most: see conversations/{id}/.")
    ]
    notes: int
    done: int
    assigned: int
    acts: int


class AgentsAnswer(Asked):
    """GET stats/agents/; those with the most conversations first."""

    count: int
    agents: list[Agent]


class FilesGivenUp(TypedDict):
    """Messages whose file can't be had."""

    failed: Counted
    expired: Counted


class Summary(Volume):
    """The headline numbers."""

    delivery: Progress
    files_given_up: FilesGivenUp
    response_times: Waits


class SummaryBucket(Span, Summary):
    """The headline numbers of a bucket."""


class SummaryAnswer(Bucketed):
    """GET stats/summary/."""

    percentile_error: float
    asked_at: Moment
    total: Summary
    buckets: list[SummaryBucket]
