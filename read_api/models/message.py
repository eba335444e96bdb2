"""A message, in a list and with all that became of it."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.customer import Customer
from read_api.models.media import State
from read_api.models.page import Counted, Moment, Page
from read_api.models.status import StatusError

Direction = Literal["in", "out"]
MessageStatus = Literal[
    "received", "read", "replied", "accepted", "sent", "delivered", "played", "failed", "deleted"
]


class MessageMedia(TypedDict):
    """The file of a message as Meta announced it; what was not announced is left out."""

    media_id: NotRequired[str]
    mime_type: NotRequired[str]
    sha256: Annotated[NotRequired[str], Field(description="Base64, as Meta writes it.")]
    filename: NotRequired[str]
    voice: NotRequired[bool]
    animated: NotRequired[bool]
    state: Annotated[
        State | None,
        Field(description="How far the download is; null for a file without an id."),
    ]


class ReplyTo(TypedDict):
    """The message that this one answers; `id` is null when we have never seen it."""

    message_id: str | None
    id: int | None
    preview: str | None


class Reaction(TypedDict):
    """An emoji that stands on a message now."""

    emoji: str
    by: Literal["business", "customer"]
    at: Moment


class MessageError(TypedDict):
    """Why a message failed, as Meta words it."""

    code: int | None
    title: str | None
    details: str | None


class Message(TypedDict):
    """A message, in or out. What does not apply to its type is null."""

    id: int
    message_id: Annotated[str | None, Field(description="Meta's (a wamid); null when masked.")]
    from_number: str | None
    from_name: str | None
    message_type: Annotated[
        str | None, Field(description="Meta's word; null while only its statuses have come.")
    ]
    text_body: str | None
    timestamp: Annotated[Moment, Field(description="The sender's time.")]
    status: MessageStatus
    media_id: str | None
    media_url: Annotated[str | None, Field(description="Ours, once the file is stored.")]
    caption: str | None
    latitude: float | None
    longitude: float | None
    name: str | None
    address: str | None
    direction: Direction
    conversation_id: int | None
    customer: Customer
    phone_number_id: str
    group_id: str | None
    received_at: Moment
    position: int
    media: MessageMedia | None
    content: Annotated[
        dict[str, Any] | None,
        Field(description="What else its type brings: contacts, an order, a reply, …"),
    ]
    reply_to: ReplyTo | None
    reactions: list[Reaction]
    edited: bool
    deleted: bool
    error: MessageError | None
    late: Annotated[bool, Field(description="It came five minutes or more after it was sent.")]


class MessageList(Counted):
    """A page of messages."""

    messages: list[Message]
    phone_candidates: Annotated[
        list[str] | None, Field(description="The numbers that `phone` was taken for.")
    ]


class Thread(Page):
    """A page of a conversation's messages, oldest first; `prev_cursor` leads to older ones.

    `conversation_id` is the conversation that the id leads to now, and `has_more` says that there
    are older messages.
    """

    messages: list[Message]
    conversation_id: int


class StatusStep(TypedDict):
    """One status that Meta sent for a message."""

    status: str
    at: Moment
    received_at: Moment
    position: int
    participant: str | None
    error: StatusError | None
    pricing: dict[str, Any] | None
    conversation_category: str | None


class MessageVersion(TypedDict):
    """What a message said from `at` on."""

    text_body: str | None
    caption: str | None
    at: Moment
    position: int


class MessageDetail(Message):
    """A message with everything that became of it."""

    status_timeline: list[StatusStep]
    versions: Annotated[
        list[MessageVersion],
        Field(description="The original and its edits, oldest first; empty if never edited."),
    ]
    delivery_ids: Annotated[
        list[int], Field(description="The POSTs that brought it, or one of its statuses.")
    ]
    deliveries: Annotated[
        int, Field(description="How often it came, in whatever POST; 0 where only statuses have.")
    ]
    read_by_us_at: Annotated[
        Moment | None, Field(description="When it was marked read; null for outgoing ones.")
    ]
