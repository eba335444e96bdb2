"""Every address that this package answers, with the scope that it takes."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from read_api import (
    attempt_list,
    business_numbers,
    conversation_detail,
    conversation_list,
    customer_list,
    delivery_list,
    event_list,
    history,
    message_detail,
    message_explain,
    message_list,
    note_list,
    parameters,
    status_list,
    thread,
)
from read_api.attempt_list import list_handshakes, list_refused
from read_api.business_numbers import list_numbers
from read_api.conversation_detail import get_conversation
from read_api.conversation_list import list_conversations
from read_api.customer_detail import get_customer
from read_api.customer_list import list_customers
from read_api.delivery_detail import get_delivery
from read_api.delivery_list import list_deliveries
from read_api.event_list import get_event, list_events
from read_api.history import list_history
from read_api.ledger import Ledger
from read_api.message_detail import get_message
from read_api.message_explain import explain_message
from read_api.message_list import list_messages
from read_api.models.attempt import HandshakeList, RefusedList
from read_api.models.business_number import BusinessNumberList
from read_api.models.conversation import Conversation, ConversationList
from read_api.models.customer import CustomerDetail, CustomerList
from read_api.models.delivery import Delivery, DeliveryList
from read_api.models.event import EventDetail, EventList
from read_api.models.explanation import Explanation
from read_api.models.history import History
from read_api.models.message import MessageDetail, MessageList, Thread
from read_api.models.note import NoteList
from read_api.models.status import StatusList
from read_api.models.view import ViewList
from read_api.note_list import list_notes
from read_api.originals import get_delivery_raw, get_message_raw
from read_api.parameters import FRESHNESS
from read_api.parser import Parser
from read_api.pasts import Pasts
from read_api.reading import Reading
from read_api.status_list import list_statuses
from read_api.thread import get_thread
from read_api.view_list import list_views

PREFIX = "/api/whatsapp/"
JSON_BYTES = "application/json"

MESSAGE_ID = parameters.word.about("Our id, or Meta's (a wamid).")
CONVERSATION_ID = parameters.position.about("Its id, also one from before a merge.")
CUSTOMER_ID = parameters.whole_number(0, 10**18 - 1).about("The customer's id.")
DELIVERY_ID = parameters.whole_number(0, 10**18 - 1).about("The delivery's id.")


Answer = Any
"""A TypedDict, or the media type of bytes or text."""


class Endpoint(NamedTuple):
    """A path with its slash at the end, what it takes to ask there, and what is documented of it.

    `parameters` may describe those in the path as well. `answer` comes with `status`, and `others`
    are what may come instead, by their status. `problems` names what can go wrong beside what
    every endpoint of its kind has.
    """

    path: str
    method: str
    scope: str
    endpoint: Callable[[Request], Awaitable[Response]]
    summary: str = ""
    parameters: Mapping[str, Parser] = MappingProxyType({})
    body: Any = None
    answer: Answer = None
    status: int = 200
    others: Mapping[int, Answer] = MappingProxyType({})
    problems: tuple[str, ...] = ()


# Who has the answer already is told so.
TAGGED: Mapping[int, Answer] = MappingProxyType({304: None})


def get(path: str, scope: str, endpoint: Callable[..., Any], **documented: Any) -> Endpoint:
    return Endpoint(PREFIX + path, "GET", scope, endpoint, **documented)


def routes(reading: Reading, ledger: Ledger, pasts: Pasts) -> list[Endpoint]:
    """Starlette takes the first that fits, so what is longer comes first."""
    return [
        get(
            "messages/",
            "messages:read",
            partial(list_messages, reading),
            summary="Messages, newest first",
            parameters=message_list.PARAMETERS,
            answer=MessageList,
            others=TAGGED,
        ),
        # A wamid is base64, which has slashes.
        get(
            "messages/{id:path}/raw/",
            "raw:read",
            partial(get_message_raw, ledger, reading),
            summary="The POST that brought a message, byte for byte",
            parameters={"id": MESSAGE_ID, **FRESHNESS},
            answer=JSON_BYTES,
        ),
        get(
            "messages/{id:path}/explain/",
            "messages:read",
            partial(explain_message, reading, pasts),
            summary="Which events made a message, and which last set each field",
            parameters={"id": MESSAGE_ID, **message_explain.PARAMETERS},
            answer=Explanation,
        ),
        get(
            "messages/{id:path}/",
            "messages:read",
            partial(get_message, ledger, reading, pasts),
            summary="A message with everything that became of it",
            parameters={"id": MESSAGE_ID, **message_detail.PARAMETERS},
            answer=MessageDetail,
            others=TAGGED,
        ),
        get(
            "conversations/",
            "conversations:read",
            partial(list_conversations, reading),
            summary="Conversations, each with its last messages",
            parameters=conversation_list.PARAMETERS,
            answer=ConversationList,
            others=TAGGED,
        ),
        get(
            "conversations/{id}/",
            "conversations:read",
            partial(get_conversation, reading, pasts),
            summary="One conversation",
            parameters={"id": CONVERSATION_ID, **conversation_detail.PARAMETERS},
            answer=Conversation,
            others=TAGGED,
        ),
        get(
            "conversations/{id}/events/",
            "conversations:read",
            partial(list_history, ledger, reading),
            summary="What happened in a conversation, newest first",
            parameters={"id": CONVERSATION_ID, **history.parameters_of(ledger.types)},
            answer=History,
        ),
        get(
            "conversations/{id}/notes/",
            "conversations:read",
            partial(list_notes, reading),
            summary="Our notes on a conversation, oldest first",
            parameters={"id": CONVERSATION_ID, **note_list.PARAMETERS},
            answer=NoteList,
            others=TAGGED,
        ),
        get(
            "conversations/{id}/messages/",
            "messages:read",
            partial(get_thread, reading, pasts),
            summary="A conversation's messages, oldest first inside a page",
            parameters={"id": CONVERSATION_ID, **thread.PARAMETERS},
            answer=Thread,
            others=TAGGED,
        ),
        get(
            "customers/",
            "conversations:read",
            partial(list_customers, reading),
            summary="Customers, each with what there was between us",
            parameters=customer_list.PARAMETERS,
            answer=CustomerList,
            others=TAGGED,
        ),
        get(
            "customers/{id}/",
            "conversations:read",
            partial(get_customer, reading),
            summary="A customer with all that they were known by",
            parameters={"id": CUSTOMER_ID, **FRESHNESS},
            answer=CustomerDetail,
            others=TAGGED,
        ),
        get(
            "numbers/",
            "messages:read",
            partial(list_numbers, reading),
            summary="The business's own numbers",
            parameters=business_numbers.PARAMETERS,
            answer=BusinessNumberList,
        ),
        get(
            "statuses/",
            "messages:read",
            partial(list_statuses, reading),
            summary="Changes of messages' statuses, newest first",
            parameters=status_list.PARAMETERS,
            answer=StatusList,
            others=TAGGED,
        ),
        get(
            "deliveries/",
            "events:read",
            partial(list_deliveries, ledger, reading),
            summary="Every POST that was taken, newest first",
            parameters=delivery_list.PARAMETERS,
            answer=DeliveryList,
        ),
        get(
            "deliveries/refused/",
            "events:read",
            partial(list_refused, ledger, reading),
            summary="The latest POSTs that were not taken",
            parameters=attempt_list.PARAMETERS,
            answer=RefusedList,
        ),
        get(
            "deliveries/{id}/raw/",
            "raw:read",
            partial(get_delivery_raw, ledger),
            summary="A delivery's bytes",
            parameters={"id": DELIVERY_ID},
            answer=JSON_BYTES,
        ),
        get(
            "deliveries/{id}/",
            "events:read",
            partial(get_delivery, ledger),
            summary="A delivery, and what became of each of its items",
            parameters={"id": DELIVERY_ID},
            answer=Delivery,
        ),
        get(
            "events/",
            "events:read",
            partial(list_events, ledger),
            summary="The log, newest first",
            parameters=event_list.parameters_of(ledger.types),
            answer=EventList,
        ),
        get(
            "events/{position}/",
            "events:read",
            partial(get_event, ledger),
            summary="An event, with its cause and what it has caused",
            parameters=event_list.DETAIL_PARAMETERS,
            answer=EventDetail,
        ),
        get(
            "handshakes/",
            "events:read",
            partial(list_handshakes, ledger, reading),
            summary="The latest handshakes, right and wrong",
            parameters=attempt_list.PARAMETERS,
            answer=HandshakeList,
        ),
        get(
            "views/",
            "conversations:read",
            partial(list_views, ledger, reading),
            summary="How far the read tables are, and which are being rebuilt",
            answer=ViewList,
        ),
    ]
