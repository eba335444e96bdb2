"""Fetching: one file from Meta's hosts into a store.

The token goes to allowed hosts alone and never along a redirect: none is followed. Bytes are
counted and hashed as they come, and nothing is unpacked.

A URL is good for five minutes, a media id out of a webhook for seven days, and a 404 asks for a
new URL.

Source: Cloud API reference, "Media", read 2026-11-22.
"""

import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from write_side.media.addresses import Addresses
from write_side.media.failures import DOUBTFUL_TRIES, FetchFailed, refusal
from write_side.media.graph_answers import bounded, hashes, mime_type_of, parsed
from write_side.media.store import Incoming, Store

logger = logging.getLogger(__name__)

# The URL of a payload is used for less than the five minutes that it lives.
FRESH_S = 270.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`file_s` bounds a whole file, however slowly its bytes drip; it is less than a lease."""

    bytes_max: int = 100 * 1024 * 1024
    connect_s: float = 10.0
    read_s: float = 30.0
    file_s: float = 600.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file as the message announced it; `sha256_sent` in base64 or hex."""

    media_id: str
    url: str | None
    sha256_sent: str | None
    mime_type: str | None
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """`store` is the name of the store that has the file now, `size` its bytes."""

    sha256: str
    size: int
    mime_type: str | None
    store: str


@dataclass(frozen=True, kw_only=True)
class _Source:
    """Where the file is, and what is known of it."""

    url: httpx.URL
    hashes: frozenset[str]
    size: int | None = None
    mime_type: str | None = None


class _UrlGone(Exception):
    """The URL is not good any more, which it says by 404 and at times by another 4xx."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.reason = f"http-{status}"


class Fetcher:
    """Fetches files with an access token; raises FetchFailed or Postponed."""

    def __init__(
        self,
        addresses: Addresses,
        token: str,
        store: Store,
        limits: Limits = Limits(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._addresses = addresses
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        self._store = store
        self._limits = limits
        self._clock = clock

    def clear_leftovers(self) -> None:
        """Remove what killed processes had begun to write."""
        self._store.clear_leftovers()

    async def fetch(self, wanted: Wanted) -> Fetched:
        """Store the file if it is what was announced.

        The payload's own URL is tried while it is fresh, then one that the Graph API gives.
        """
        limits = self._limits
        timeout = httpx.Timeout(limits.read_s, connect=limits.connect_s)
        # On loopback no proxy of the environment is to come between.
        trust_env = not self._addresses.local
        async with httpx.AsyncClient(timeout=timeout, trust_env=trust_env) as client:
            given = self._given(wanted)
            if given is not None:
                try:
                    return await self._download(client, given)
                except _UrlGone:
                    logger.info("media URL is gone, asking for a fresh one")
            try:
                return await self._download(client, await self._look_up(client, wanted))
            except _UrlGone as gone:
                raise FetchFailed(gone.reason, DOUBTFUL_TRIES) from gone

    def _given(self, wanted: Wanted) -> _Source | None:
        if wanted.url is None:
            return None
        age_s = (datetime.now(UTC) - wanted.received_at).total_seconds()
        # An id that the Graph API can't be asked for leaves only this address.
        if age_s > FRESH_S and self._addresses.lookup(wanted.media_id) is not None:
            return None
        url = self._addresses.checked(wanted.url)
        if url is None:
            logger.warning("media URL of a payload is not on an allowed host")
            return None
        return _Source(url=url, hashes=hashes(wanted.sha256_sent), mime_type=wanted.mime_type)

    async def _look_up(self, client: httpx.AsyncClient, wanted: Wanted) -> _Source:
        address = self._addresses.lookup(wanted.media_id)
        if address is None:
            raise FetchFailed("no-usable-id", 1)
        async with self._answer(client, address) as answer:
            body = await bounded(answer)
        found = parsed(body)
        if answer.status_code != 200:
            raise refusal(answer.status_code, answer.headers, found)
        if "url" not in found:
            raise FetchFailed("bad-answer", DOUBTFUL_TRIES)
        url = self._addresses.checked(found["url"])
        if url is None:
            raise FetchFailed("host-not-allowed", DOUBTFUL_TRIES)
        size = str(found.get("file_size"))
        return _Source(
            url=url,
            hashes=hashes(wanted.sha256_sent, found.get("sha256")),
            size=int(size) if re.fullmatch(r"[0-9]{1,18}", size) else None,
            mime_type=mime_type_of(found.get("mime_type")) or wanted.mime_type,
        )

    async def _download(self, client: httpx.AsyncClient, source: _Source) -> Fetched:
        deadline = self._clock() + self._limits.file_s
        with self._store.incoming() as incoming:
            async with self._answer(client, source.url) as answer:
                status = answer.status_code
                if 400 <= status < 500 and status not in (401, 429):
                    raise _UrlGone(status)
                if status != 200:
                    raise refusal(status, answer.headers, {})
                if answer.headers.get("Content-Encoding", "identity") != "identity":
                    raise FetchFailed("bad-answer", DOUBTFUL_TRIES)
                async for chunk in answer.aiter_raw():
                    self._take(incoming, chunk, deadline)
            _check(incoming, source)
            logger.debug("media file received")
            await self._store.keep(incoming)
            logger.debug("media file stored")
            return Fetched(
                sha256=incoming.sha256,
                size=incoming.size,
                mime_type=source.mime_type,
                store=self._store.name,
            )

    def _take(self, incoming: Incoming, chunk: bytes, deadline: float) -> None:
        if incoming.size + len(chunk) > self._limits.bytes_max:
            raise FetchFailed("too-large", 1)
        if self._clock() > deadline:
            raise FetchFailed("too-slow")
        incoming.write(chunk)
        logger.debug("media chunk written")

    @asynccontextmanager
    async def _answer(
        self, client: httpx.AsyncClient, url: httpx.URL
    ) -> AsyncIterator[httpx.Response]:
        try:
            async with client.stream(
                "GET", url, headers=self._headers, follow_redirects=False
            ) as answer:
                yield answer
        except httpx.TimeoutException as error:
            raise FetchFailed("timed-out") from error
        except httpx.RemoteProtocolError as error:
            raise FetchFailed("cut-off") from error
        except httpx.HTTPError as error:
            raise FetchFailed("unreachable") from error


def _check(incoming: Incoming, source: _Source) -> None:
    if source.size is not None and incoming.size != source.size:
        raise FetchFailed("wrong-size", DOUBTFUL_TRIES)
    if source.hashes - {incoming.sha256}:
        raise FetchFailed("wrong-hash", DOUBTFUL_TRIES)
