"""Deliveries to translate, and their translations in a form that compares."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from events.catalogue import CATALOGUE
from events.envelope import NewEvent
from write_side.translation.delivery import Translation, translate

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECEIVED_AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NUMBER = {"display_phone_number": "4915550001000", "phone_number_id": "100200300400500"}


def fixture(name: str) -> bytes:
    return (FIXTURES / "webhooks" / f"{name}.json").read_bytes()


def translated(name: str, *, careful: bool = False) -> Translation:
    return checked(translate(fixture(name), RECEIVED_AT, careful=careful))


def checked(translation: Translation) -> Translation:
    """The translation, after its events were held against the catalogue."""
    for event in translation.events:
        model = CATALOGUE[event.type]
        model.model_validate_json(msgspec.json.encode(event.data))
        assert model.version == event.version
    return translation


def data_of(event: NewEvent) -> dict[str, Any]:
    """The data as the log gets it."""
    data = msgspec.json.decode(msgspec.json.encode(event.data))
    assert isinstance(data, dict)
    return data


def plain(event: NewEvent) -> dict[str, Any]:
    """Everything about an event, comparable."""
    return {
        "pointer": event.pointer,
        "stream": event.stream,
        "type": event.type,
        "version": event.version,
        "occurred_at": event.occurred_at.isoformat(),
        "dedupe": event.dedupe,
        "data": data_of(event),
    }


def with_messages(*messages: object, **more: object) -> bytes:
    """A delivery of one change with these messages and whatever else its value has."""
    value = {"messaging_product": "whatsapp", "metadata": NUMBER, "messages": messages} | more
    return in_envelope({"field": "messages", "value": value})


def in_envelope(*changes: object) -> bytes:
    entry = {"id": "200300400500600", "changes": changes}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def text(message_id: str, body: object = "hello") -> dict[str, object]:
    return {
        "from": "5511999990001",
        "id": message_id,
        "timestamp": "1763800000",
        "type": "text",
        "text": {"body": body},
    }
