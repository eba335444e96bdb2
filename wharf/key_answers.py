"""What a key is in an answer: everything but its secret, which is told once."""

from typing import Literal

from typing_extensions import TypedDict

from read_api.message_rows import milliseconds
from wharf.api_key import ApiKey
from wharf.keys import NewKey


class KeyAnswer(TypedDict):
    """A key. `phone_number_ids` and `networks` are null where nothing limits it."""

    id: str
    name: str
    scopes: list[str]
    phone_number_ids: list[str] | None
    networks: list[str] | None
    state: Literal["valid", "revoked", "expired"]
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


class KeyList(TypedDict):
    """All keys ever made, oldest first."""

    count: int
    keys: list[KeyAnswer]
    next_cursor: None
    prev_cursor: None
    has_more: Literal[False]


class CreatedKey(TypedDict):
    """A new key; `key` is what to send, and is shown this once."""

    id: str
    name: str
    scopes: list[str]
    phone_number_ids: list[str] | None
    networks: list[str] | None
    expires_at: str | None
    key: str


def key_answer(key: ApiKey) -> KeyAnswer:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes,
        "phone_number_ids": key.phone_number_ids,
        "networks": None if key.networks is None else [str(network) for network in key.networks],
        "state": key.state,
        "created_at": milliseconds(key.created_at),
        "expires_at": None if key.expires_at is None else milliseconds(key.expires_at),
        "revoked_at": None if key.revoked_at is None else milliseconds(key.revoked_at),
        "last_used_at": None if key.last_used_at is None else milliseconds(key.last_used_at),
    }


def key_list(keys: list[ApiKey]) -> KeyList:
    return {
        "count": len(keys),
        "keys": [key_answer(key) for key in keys],
        "next_cursor": None,
        "prev_cursor": None,
        "has_more": False,
    }


def created_key(key: NewKey) -> CreatedKey:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "phone_number_ids": list(key.limits.phone_number_ids) or None,
        "networks": list(key.limits.networks) or None,
        "expires_at": None
        if key.limits.expires_at is None
        else milliseconds(key.limits.expires_at),
        "key": key.token,
    }
