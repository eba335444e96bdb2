"""Files over HTTP: the bytes, the reasons why there are none, and the work list."""

import dataclasses
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg import Connection
from starlette.applications import Starlette
from starlette.routing import Route

from read_api.media_routes import media_routes
from read_api.media_types import UNKNOWN, present
from read_api.reading import Reading
from tests.read_api import rows
from wharf.media import media_store, stored_files
from wharf.problems import exception_handlers
from wharf.settings import Settings
from write_side.media.store import Store

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8
DIGEST = sha256(JPEG).hexdigest()


@dataclasses.dataclass
class Shelf:
    """Files in a store of either kind, and a client that may read them."""

    conn: Connection[Any]
    files: Store
    client: httpx.AsyncClient

    def file(self, media_id: str, state: str = "pending", **more: Any) -> None:
        rows.file(self.conn, media_id, state, **more)

    async def kept(self, media_id: str, content: bytes = JPEG, **more: Any) -> None:
        with self.files.incoming() as incoming:
            incoming.write(content)
            await self.files.keep(incoming)
        self.file(media_id, "stored", sha256=incoming.sha256, size=len(content), **more)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=named)


@pytest.fixture(params=["folder", "bucket"])
async def shelf(
    reading: Reading, inbox: Connection[Any], request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Shelf]:
    url = request.getfixturevalue("bucket_url") if request.param == "bucket" else None
    settings = Settings(data_dir=tmp_path, media_store=url)
    files = media_store(settings)
    of_media = Reading(reading._pool, reading.cursor_key, "media")
    app = Starlette(
        routes=[Route(r.path, r.endpoint) for r in media_routes(of_media, stored_files(settings))],
        exception_handlers=exception_handlers(),
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    base = "http://test/api/whatsapp/media/"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        yield Shelf(inbox, files, client)


async def test_a_stored_file_is_served_and_nothing_in_it_can_act(shelf: Shelf) -> None:
    await shelf.kept("77", filename="the roof.jpg")

    answer = await shelf.get("77/")

    assert (200, JPEG) == (answer.status_code, answer.content)
    headers = {
        "content-type": "image/jpeg",
        "etag": f'"{DIGEST}"',
        "content-disposition": 'inline; filename="the roof.jpg"',
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
        "content-length": str(len(JPEG)),
    }
    assert headers == {name: answer.headers.get(name) for name in headers}


async def test_a_part_is_206_and_beyond_the_end_is_416(shelf: Shelf) -> None:
    await shelf.kept("77")

    part = await shelf.get("77/", Range="bytes=2-5")
    beyond = await shelf.get("77/", Range="bytes=99999-")
    last = await shelf.get("77/", Range="bytes=-4")

    assert (206, JPEG[2:6]) == (part.status_code, part.content)
    assert f"bytes 2-5/{len(JPEG)}" == part.headers["content-range"]
    assert 416 == beyond.status_code
    assert (206, JPEG[-4:]) == (last.status_code, last.content)


async def test_a_part_of_another_version_of_the_file_is_the_whole(shelf: Shelf) -> None:
    await shelf.kept("77")

    other = await shelf.get("77/", Range="bytes=2-5", If_Range='"another"')
    same = await shelf.get("77/", Range="bytes=2-5", If_Range=f'"{DIGEST}"')

    assert [(200, JPEG), (206, JPEG[2:6])] == [
        (answer.status_code, answer.content) for answer in (other, same)
    ]


async def test_an_empty_file_is_a_file(shelf: Shelf) -> None:
    await shelf.kept("77", b"")

    answer = await shelf.get("77/")

    assert (200, b"") == (answer.status_code, answer.content)


async def test_a_flood_of_ranges_gets_the_file_once(shelf: Shelf) -> None:
    await shelf.kept("77")

    answer = await shelf.get("77/", Range="bytes=" + ",".join(["0-"] * 5_000))

    assert (200, JPEG) == (answer.status_code, answer.content)


@pytest.mark.parametrize("tag", [f'"{DIGEST}"', f'W/"{DIGEST}"', f'"x", "{DIGEST}"', "*"])
async def test_who_has_it_already_gets_304(shelf: Shelf, tag: str) -> None:
    await shelf.kept("77")

    answer = await shelf.get("77/", If_None_Match=tag)

    assert (304, b"", f'"{DIGEST}"') == (
        answer.status_code,
        answer.content,
        answer.headers["etag"],
    )
    assert 200 == (await shelf.get("77/", If_None_Match='"another"')).status_code


async def test_a_pending_file_is_202_and_says_when_to_ask_again(shelf: Shelf) -> None:
    shelf.file("77")

    answer = await shelf.get("77/")

    assert (202, "5", "pending") == (
        answer.status_code,
        answer.headers["retry-after"],
        answer.json()["state"],
    )


async def test_a_failed_file_is_409_with_tries_and_reason(shelf: Shelf) -> None:
    shelf.file("77", "failed")

    answer = await shelf.get("77/")

    told = answer.json()
    assert (409, "media-failed", "wrong-hash", 5) == (
        answer.status_code,
        told["code"],
        told["reason"],
        told["attempts"],
    )


async def test_an_expired_file_is_410_and_an_unknown_one_404(shelf: Shelf) -> None:
    shelf.file("77", "expired")

    assert [410, 404, 404] == [
        (await shelf.get(path)).status_code for path in ("77/", "78/", "7%007/")
    ]


async def test_a_file_that_the_store_has_lost_is_503(shelf: Shelf) -> None:
    shelf.file("77", "stored")

    answer = await shelf.get("77/")

    assert (503, "media-missing") == (answer.status_code, answer.json()["code"])


async def test_files_are_counted_and_shown_in_part_when_somebody_asks(shelf: Shelf) -> None:
    for n, state in enumerate(["failed", "stored", "failed"], 1):
        shelf.file(f"7{n}", state, id=n)

    found = (await shelf.get("?state=failed&limit=1&total=capped&fields=media_id,state")).json()

    assert (2, False) == (found["total"], found["total_is_capped"])
    assert [{"media_id": "73", "state": "failed"}] == found["media"]


async def test_the_work_list_is_by_state_and_newest_first(shelf: Shelf) -> None:
    for n, state in enumerate(["pending", "stored", "failed", "expired", "failed"], 1):
        shelf.file(f"7{n}", state, id=n)

    every = (await shelf.get("")).json()
    failed = (await shelf.get("?state=failed")).json()
    first = (await shelf.get("?limit=2")).json()
    second = (await shelf.get(f"?limit=2&cursor={first['next_cursor']}")).json()

    assert ["75", "74", "73", "72", "71"] == [each["media_id"] for each in every["media"]]
    assert ["75", "73"] == [each["media_id"] for each in failed["media"]]
    assert ["73", "72"] == [each["media_id"] for each in second["media"]]
    assert ("wrong-hash", 5) == tuple(failed["media"][0][key] for key in ("reason", "attempts"))
    # Monday's files are all beyond their last day by now.
    assert [False, False, False, False, True] == [e["expires_soon"] for e in every["media"]]
    assert 400 == (await shelf.get("?state=lost")).status_code


async def test_a_message_says_where_its_file_is(shelf: Shelf, client: httpx.AsyncClient) -> None:
    rows.message(shelf.conn, 1, message_type="image", media={"media_id": "a/b"})
    rows.message(shelf.conn, 2, message_type="image", media={"media_id": "77"})
    rows.message(shelf.conn, 3, message_type="image", media={"media_id": "78"})
    await shelf.kept("a/b")
    shelf.file("77", "expired", id=2)

    assert 200 == (await shelf.get("a%2Fb/")).status_code
    third, second, first = (await client.get("messages/")).json()["messages"]

    assert ("/api/whatsapp/media/a%2Fb/", "stored") == (
        first["media_url"],
        first["media"]["state"],
    )
    assert (None, "expired") == (second["media_url"], second["media"]["state"])
    assert (None, "pending") == (third["media_url"], third["media"]["state"])


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    ("head", "claimed", "content_type", "kind"),
    [
        (JPEG, "image/jpeg", "image/jpeg", "inline"),
        (JPEG, "text/html", "image/jpeg", "inline"),
        (b"\x89PNG\r\n\x1a\n", None, "image/png", "inline"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "image/webp", "inline"),
        (b"OggS\x00", "audio/ogg; codecs=opus", "audio/ogg", "inline"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4", "video/mp4", "inline"),
        (b"\x00\x00\x00\x18ftypmp42", "audio/mp4", "audio/mp4", "inline"),
        (b"%PDF-1.7", "application/pdf", "application/pdf", "inline"),
        (SVG, "image/svg+xml", UNKNOWN, "attachment"),
        (SVG, "image/png", UNKNOWN, "attachment"),
        (b"<!doctype html>", "text/html", UNKNOWN, "attachment"),
        (b"<html>%PDF-1.7", "application/pdf", UNKNOWN, "attachment"),
        (b"PK\x03\x04", "application/zip", UNKNOWN, "attachment"),
        (b"hola", "text/plain", UNKNOWN, "attachment"),
        (b"", None, UNKNOWN, "attachment"),
    ],
)
def test_only_what_is_a_picture_sound_film_or_pdf_is_shown(
    head: bytes, claimed: str | None, content_type: str, kind: str
) -> None:
    shown = present(head, claimed, "name", "77")

    assert (content_type, kind) == (shown.content_type, shown.disposition.split(";")[0])


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("invoice.pdf", 'filename="invoice.pdf"'),
        (None, 'filename="77"'),
        ("...", 'filename="77"'),
        ("../../etc/passwd", 'filename="etc_passwd"'),
        ("C:\\con.txt", 'filename="C__con.txt"'),
        ('a"; filename=b\r\nX: y', 'filename="a__ filename=b__X_ y"'),
        ("a%2f.txt", "filename=\"a_2f.txt\"; filename*=UTF-8''a%252f.txt"),
        ("recibo ñ.pdf", "filename=\"recibo _.pdf\"; filename*=UTF-8''recibo%20%C3%B1.pdf"),
        ("gpj.\u202eexe", 'filename="gpj._exe"'),
        ("x" * 5_000, f'filename="{"x" * 150}"'),
    ],
)
def test_a_file_name_is_only_ever_a_name(filename: str | None, disposition: str) -> None:
    assert f"attachment; {disposition}" == present(b"", None, filename, "77").disposition
