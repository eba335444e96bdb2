"""Reading what the Graph API answers: bounded, and believed only where it makes sense."""

from typing import Any

import httpx
import orjson

from write_side.media.failures import DOUBTFUL_TRIES, FetchFailed
from write_side.media.hashes import hex_digest

ANSWER_BYTES_MAX = 64 * 1024


def mime_type_of(given: object) -> str | None:
    """It goes into an event, which takes no NUL and needs no novel."""
    fits = isinstance(given, str) and given.isascii() and given.isprintable() and len(given) <= 255
    return str(given) if fits else None


def hashes(*given: object) -> frozenset[str]:
    """What can't be read as a hash is no promise about the file."""
    digests = (hex_digest(each) for each in given)
    return frozenset(digest for digest in digests if digest is not None)


async def bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise FetchFailed("bad-answer", DOUBTFUL_TRIES)
    return bytes(body)


def parsed(body: bytes) -> dict[str, Any]:
    """The object, {} for what is none."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
