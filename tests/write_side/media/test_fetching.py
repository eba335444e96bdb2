"""One file from the Graph API: there whole and as announced, or not at all."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.write_side.media.graph import (
    LOOKUP,
    MEDIA_ID,
    PICTURE,
    TOKEN,
    Answer,
    Graph,
    cut_off,
    endless,
    error,
    graph_api,
    reply,
    silent,
    wanted,
)
from write_side.media.addresses import Addresses
from write_side.media.failures import FetchFailed, Postponed
from write_side.media.fetching import Fetcher, Limits
from write_side.media.store import LocalStore

LONG_AGO = datetime.now(UTC) - timedelta(days=2)


def stored(files: LocalStore) -> list[Path]:
    return [path for path in files.folder.rglob("*") if path.is_file()]


async def test_a_fresh_url_of_the_payload_is_enough(
    graph: Graph, fetcher: Fetcher, files: LocalStore
) -> None:
    graph.serves()

    fetched = await fetcher.fetch(wanted(url=f"{graph.url}/file"))

    digest = sha256(PICTURE).hexdigest()
    assert (digest, len(PICTURE), "image/jpeg") == (
        fetched.sha256,
        fetched.size,
        fetched.mime_type,
    )
    assert [files.path(digest)] == stored(files)
    assert PICTURE == files.path(digest).read_bytes()
    assert [("/file", f"Bearer {TOKEN}")] == graph.seen


async def test_without_a_url_the_media_id_is_looked_up(graph: Graph, fetcher: Fetcher) -> None:
    graph.serves()

    await fetcher.fetch(wanted())

    assert [LOOKUP, "/file"] == graph.paths


async def test_an_old_url_is_not_even_tried(graph: Graph, fetcher: Fetcher) -> None:
    graph.serves()

    await fetcher.fetch(wanted(url=f"{graph.url}/old", received_at=LONG_AGO))

    assert [LOOKUP, "/file"] == graph.paths


async def test_a_404_asks_for_a_fresh_url(graph: Graph, fetcher: Fetcher) -> None:
    graph.serves()

    await fetcher.fetch(wanted(url=f"{graph.url}/gone"))

    assert ["/gone", LOOKUP, "/file"] == graph.paths


async def test_an_answer_in_many_pieces_is_put_together(
    graph: Graph, fetcher: Fetcher, files: LocalStore
) -> None:
    head, body = reply(200, PICTURE).split(b"\r\n\r\n", 1)

    async def dripping(writer: asyncio.StreamWriter) -> None:
        writer.write(head + b"\r\n\r\n")
        for start in range(0, len(body), 100):
            writer.write(body[start : start + 100])
            await writer.drain()

    graph.serves()
    graph.on("/file", dripping)

    await fetcher.fetch(wanted())

    assert PICTURE == files.path(sha256(PICTURE).hexdigest()).read_bytes()


# What is wrong with the file's answer, the reason given, and after how many tries it is final.
FILES: dict[str, tuple[Answer, str, int | None]] = {
    "cut off": (cut_off(), "cut-off", None),
    "another file": (reply(200, PICTURE[:-1] + b"!"), "wrong-hash", 5),
    "too short": (reply(200, PICTURE[:-1]), "wrong-size", 5),
    "gone again": (reply(404), "http-404", 5),
    "not for us": (reply(403), "http-403", 5),
    "out of order": (reply(500), "http-500", None),
    "packed": (reply(200, PICTURE, Content_Encoding="gzip"), "bad-answer", 5),
    "endless": (endless, "too-large", 1),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_file_that_is_not_as_it_should_be_is_not_kept(
    graph: Graph, fetcher: Fetcher, files: LocalStore, name: str
) -> None:
    answer, reason, tries_max = FILES[name]
    graph.serves()
    graph.on("/file", answer)

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(wanted())

    assert (reason, tries_max) == (failed.value.reason, failed.value.tries_max)
    assert [] == stored(files)


LOOKUPS: dict[str, tuple[Answer, str]] = {
    "no such id": (error(400, 100), "http-400"),
    "out of order": (reply(503), "http-503"),
    "no JSON": (reply(200, b"<html>"), "bad-answer"),
    "a list": (reply(200, b"[]"), "bad-answer"),
    "no url": (reply(200, b"{}"), "bad-answer"),
    "a url of numbers": (reply(200, b'{"url": 7}'), "host-not-allowed"),
    "too much": (reply(200, b" " * 70_000), "bad-answer"),
    "elsewhere": (reply(302, Location="https://graph.facebook.com/"), "redirected"),
}


@pytest.mark.parametrize("name", LOOKUPS)
async def test_a_look_up_that_fails_says_why(graph: Graph, fetcher: Fetcher, name: str) -> None:
    answer, reason = LOOKUPS[name]
    graph.on(LOOKUP, answer)

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(wanted())

    assert reason == failed.value.reason


@pytest.mark.parametrize(
    ("answer", "reason", "wait_s"),
    [
        (reply(401), "token-refused", 300.0),
        (error(401, 190), "token-refused", 300.0),
        (error(400, 190), "token-refused", 300.0),
        (reply(429), "asked-too-often", 1_800.0),
        (reply(429, Retry_After="77"), "asked-too-often", 77.0),
        (reply(429, Retry_After="99999999"), "asked-too-often", 3_600.0),
        (reply(429, Retry_After="Mon, 16 Nov 2026 10:00:00 GMT"), "asked-too-often", 1_800.0),
        (error(400, 80007), "asked-too-often", 1_800.0),
    ],
)
async def test_what_is_not_the_files_fault_is_put_off(
    graph: Graph, fetcher: Fetcher, answer: bytes, reason: str, wait_s: float
) -> None:
    graph.on(LOOKUP, answer)

    with pytest.raises(Postponed) as postponed:
        await fetcher.fetch(wanted())

    assert (reason, wait_s) == (postponed.value.reason, postponed.value.wait_s)


@pytest.mark.parametrize("first", [True, False], ids=["payload", "looked up"])
async def test_a_redirect_is_not_followed_and_nobody_else_hears_the_token(
    graph: Graph, fetcher: Fetcher, files: LocalStore, first: bool
) -> None:
    async with graph_api() as other:
        other.on("/file", reply(200, PICTURE))
        graph.serves()
        graph.on("/file", reply(302, Location=f"{other.url}/file"))

        with pytest.raises(FetchFailed, match="redirected"):
            await fetcher.fetch(wanted(url=f"{graph.url}/file" if first else None))

        assert [] == other.seen
    assert [] == stored(files)


async def test_another_host_is_not_asked_whoever_names_it(graph: Graph, fetcher: Fetcher) -> None:
    """Not a payload, which falls back to the media id, and not the Graph API itself."""
    async with graph_api() as other:
        graph.serves(url=f"{other.url}/file")

        with pytest.raises(FetchFailed, match="host-not-allowed"):
            await fetcher.fetch(wanted(url=f"{other.url}/file"))

        assert [] == other.seen
    assert [LOOKUP] == graph.paths


@pytest.mark.parametrize(
    "media_id", ["", "../me", "1/../../me", "1?x=1", "1#", "%2e", "１２３", "1\n", "9" * 65, "a1"]
)
async def test_only_digits_ever_go_into_a_path(
    graph: Graph, fetcher: Fetcher, media_id: str
) -> None:
    with pytest.raises(FetchFailed, match="no-usable-id") as failed:
        await fetcher.fetch(wanted(media_id=media_id))

    assert 1 == failed.value.tries_max
    assert [] == graph.seen


@pytest.mark.parametrize(("size", "kept"), [(1_000, True), (1_001, False)])
async def test_a_file_of_the_largest_size_is_kept_and_one_byte_more_is_not(
    graph: Graph, files: LocalStore, size: int, kept: bool
) -> None:
    fetcher = Fetcher(Addresses(graph.url, "v24.0"), TOKEN, files, Limits(bytes_max=1_000))
    graph.serves(bytes(size))
    reasons = []
    try:
        await fetcher.fetch(wanted(bytes(size)))
    except FetchFailed as failed:
        reasons.append(failed.reason)

    assert ([] if kept else ["too-large"]) == reasons
    assert kept == bool(stored(files))


async def test_a_server_that_says_nothing_is_given_up(graph: Graph, files: LocalStore) -> None:
    limits = Limits(read_s=0.01)
    fetcher = Fetcher(Addresses(graph.url, "v24.0"), TOKEN, files, limits)
    graph.on(LOOKUP, silent)

    with pytest.raises(FetchFailed, match="timed-out"):
        await fetcher.fetch(wanted())


async def test_a_server_that_drips_is_given_up(graph: Graph, files: LocalStore) -> None:
    """Each byte comes in time, and the file never does."""
    clock = iter(range(0, 10_000, 400))
    fetcher = Fetcher(Addresses(graph.url, "v24.0"), TOKEN, files, clock=lambda: float(next(clock)))
    graph.serves()
    graph.on("/file", endless)

    with pytest.raises(FetchFailed, match="too-slow"):
        await fetcher.fetch(wanted())
    assert [] == stored(files)


async def test_a_server_that_is_away_is_no_reason_to_give_up(files: LocalStore) -> None:
    async with graph_api() as gone:
        pass
    fetcher = Fetcher(Addresses(gone.url, "v24.0"), TOKEN, files)

    with pytest.raises(FetchFailed, match="unreachable") as failed:
        await fetcher.fetch(wanted())
    assert failed.value.tries_max is None


async def test_hashes_of_payload_and_graph_api_have_to_be_those_of_the_file(
    graph: Graph, fetcher: Fetcher
) -> None:
    graph.serves(sha256=sha256(b"another").hexdigest())

    with pytest.raises(FetchFailed, match="wrong-hash"):
        await fetcher.fetch(wanted())


async def test_a_type_that_is_no_type_is_not_believed(graph: Graph, fetcher: Fetcher) -> None:
    graph.serves(mime_type="image/\u0000jpeg")

    assert "image/jpeg" == (await fetcher.fetch(wanted())).mime_type


async def test_an_id_that_is_no_id_leaves_the_url(graph: Graph, fetcher: Fetcher) -> None:
    graph.serves()

    await fetcher.fetch(wanted(url=f"{graph.url}/file", media_id="no id", received_at=LONG_AGO))

    assert ["/file"] == graph.paths
    assert MEDIA_ID not in str(graph.seen)
