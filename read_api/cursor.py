"""Cursors: where a page ends, as an opaque word that nobody can make up, nor read.

The word is base64url, without padding, of the JSON {v, sort, dir, key, filter_hash}, hidden, and
the first 16 bytes of its HMAC-SHA256. It is hidden since a place in a list by name may be a phone
number: with the bytes of BLAKE2b over the signature and a counter, under a key of its own. So one
place has one word, and two places have nothing in common that could be seen.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

import orjson

from read_api.errors import CursorMismatch, InvalidParameter

VERSION = 3
_SIGNATURE_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Direction = Literal["next", "prev"]


Key = tuple[Any, ...]
"""The place of a row in a list: the values that the list is ordered by, none of them null, and last
the row's id. A value is a time, a whole number or a text.
"""


class Place(NamedTuple):
    """Read on from `key`, which itself is not shown again, forwards or backwards."""

    direction: Direction
    key: Key


def filter_hash(filters: Mapping[str, object]) -> str:
    """The same for the same filters: a cursor is only good for the list that it came from."""
    written = orjson.dumps(dict(filters), option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.sha256(written).hexdigest()[:24]


def encode(place: Place, sort: str, filters: Mapping[str, object], secret: bytes) -> str:
    """The word for a place in the list with these filters and this order."""
    written = orjson.dumps(
        {
            "v": VERSION,
            "sort": sort,
            "dir": place.direction,
            "key": [_written(value) for value in place.key],
            "filter_hash": filter_hash(filters),
        }
    )
    signature = _signature(written, secret)
    word = base64.urlsafe_b64encode(_hidden(written, signature, secret) + signature)
    return word.rstrip(b"=").decode()


def decode(word: str, sort: str, filters: Mapping[str, object], secret: bytes) -> Place:
    """The place that a cursor means.

    Raises InvalidParameter when we have not made it, CursorMismatch when we made it for other
    filters or another order.
    """
    try:
        raw = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameter("cursor", "is not a cursor of ours") from None
    hidden, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    written = _hidden(hidden, signature, secret)
    if not hmac.compare_digest(signature, _signature(written, secret)):
        raise InvalidParameter("cursor", "is not a cursor of ours")
    content = orjson.loads(written)
    if (content["v"], content["sort"], content["filter_hash"]) != (
        VERSION,
        sort,
        filter_hash(filters),
    ):
        raise CursorMismatch
    return Place(content["dir"], tuple(_read(value) for value in content["key"]))


def _written(value: datetime | int | str) -> dict[str, int] | int | str:
    """A time to the microsecond, and unlike a number."""
    if isinstance(value, datetime):
        return {"at": (value - _EPOCH) // timedelta(microseconds=1)}
    return value


def _read(value: dict[str, int] | int | str) -> datetime | int | str:
    if isinstance(value, dict):
        return _EPOCH + timedelta(microseconds=value["at"])
    return value


def _signature(written: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"cursor:" + written, "sha256")[:_SIGNATURE_BYTES]


def _hidden(text: bytes, signature: bytes, secret: bytes) -> bytes:
    """The text with other bytes over it, or the text again out of that."""
    key = hashlib.blake2b(b"cursor is hidden", key=secret).digest()
    blocks = (
        hashlib.blake2b(signature + count.to_bytes(4), key=key).digest()
        for count in range(-(-len(text) // hashlib.blake2b.MAX_DIGEST_SIZE))
    )
    over = b"".join(blocks)[: len(text)]
    return (int.from_bytes(text) ^ int.from_bytes(over)).to_bytes(len(text))
