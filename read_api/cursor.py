"""Cursors: where a page ends, as an opaque word that nobody can make up.

The word is base64url, without padding, of the JSON {v, sort, dir, key, filter_hash} and the first
16 bytes of its HMAC-SHA256.
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

VERSION = 2
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
    word = base64.urlsafe_b64encode(written + _signature(written, secret))
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
    written, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
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
