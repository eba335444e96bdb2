"""Files in S3-compatible object storage; they go through us, for the bucket is private."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from read_api.media_types import HEAD_BYTES

CHUNK_BYTES = 256 * 1024

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class Part(NamedTuple):
    """The bytes from `start` up to `end`, which is not among them."""

    start: int
    end: int


class Unsatisfiable(Exception):
    """The part that is asked for begins behind the end."""


class BucketFile:
    """An object of a bucket, of `size` bytes."""

    def __init__(self, bucket: ObjectStore, name: str, size: int, head: bytes) -> None:
        self.head = head
        self._bucket, self._name, self._size = bucket, name, size

    def respond(self, request: Request, headers: Mapping[str, str]) -> Response:
        try:
            part = asked_part(request, headers["ETag"], self._size)
        except Unsatisfiable:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{self._size}"})
        status = 200 if part is None else 206
        start, end = part or Part(0, self._size)
        sent = {**headers, "Accept-Ranges": "bytes", "Content-Length": str(end - start)}
        if part is not None:
            sent["Content-Range"] = f"bytes {start}-{end - 1}/{self._size}"
        if request.method == "HEAD" or start == end:
            return Response(status_code=status, headers=sent)
        return StreamingResponse(self._bytes(start, end), status, headers=sent)

    async def _bytes(self, start: int, end: int) -> AsyncIterator[bytes]:
        got = await obstore.get_async(self._bucket, self._name, options={"range": (start, end)})
        async for chunk in got.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)


class BucketFiles:
    """Files of a bucket, named as the store that wrote them does: ab/cd/<SHA-256 in hex>."""

    def __init__(self, bucket: ObjectStore) -> None:
        self._bucket = bucket

    async def find(self, digest: str) -> BucketFile:
        """The file with this SHA-256; raises OSError when it is not there or nobody answers."""
        name = f"{digest[:2]}/{digest[2:4]}/{digest}"
        try:
            size = (await obstore.head_async(self._bucket, name))["size"]
            head = b""
            if size:
                end = min(size, HEAD_BYTES)
                head = bytes(await obstore.get_range_async(self._bucket, name, start=0, end=end))
        except BaseError as error:
            raise OSError(None, f"the bucket does not give it: {type(error).__name__}") from error
        return BucketFile(self._bucket, name, size, head)


def asked_part(request: Request, etag: str, size: int) -> Part | None:
    """The one part that `Range` asks for (RFC 9110 §14); None for the whole.

    Several parts at once, and what is no range of bytes, get the whole, as the RFC allows.
    Raises Unsatisfiable.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    elif last:
        start, end = max(0, size - int(last)), size
    else:
        return None
    if start >= size:
        raise Unsatisfiable
    return Part(start, end)
