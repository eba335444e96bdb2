"""Static files: kept for ever under an address that says what is in them."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from read_api.pages import static
from wharf.problems import exception_handlers

OURS = sorted(path.name for path in static.FOLDER.iterdir() if path.is_file())
BYTES_MAX = {"app.css": 10 * 1024, "app.js": 6 * 1024, "stream.js": 2 * 1024}


@pytest.fixture
async def files() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(
        routes=[Route(f"{static.PREFIX}{{name:path}}", static.get_static)],
        exception_handlers=exception_handlers(),
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("name", [*OURS, "vendor/htmx.js"])
async def test_a_file_is_served_with_its_type_and_kept(files: httpx.AsyncClient, name: str) -> None:
    answer = await files.get(static.address(name))

    assert 200 == answer.status_code
    assert (static.FOLDER / name).read_bytes() == answer.content
    assert "public, max-age=31536000, immutable" == answer.headers["Cache-Control"]
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert "gzip" == answer.headers["Content-Encoding"]
    assert not answer.headers["Content-Type"].startswith("text/html")


async def test_who_takes_no_gzip_gets_none(files: httpx.AsyncClient) -> None:
    answer = await files.get(static.address("app.css"), headers={"Accept-Encoding": "identity"})

    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/app.css",
        "/static/app.0000000000000000.css",
        "/static/../__init__.py",
        "/static/%2e%2e/%2e%2e/routes.py",
        "/static//etc/passwd",
    ],
)
async def test_nothing_but_the_files_is_served(files: httpx.AsyncClient, path: str) -> None:
    assert 404 == (await files.get(path)).status_code


@pytest.mark.parametrize("name", [name for name in OURS if name in BYTES_MAX])
def test_a_file_of_ours_stays_small(name: str) -> None:
    compressed = gzip.compress((static.FOLDER / name).read_bytes(), 9)

    assert len(compressed) <= BYTES_MAX[name]


@pytest.mark.parametrize(
    "path", sorted(Path(static.FOLDER).parent.glob("templates/*.html")), ids=str
)
def test_no_template_has_script_or_style_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|<script>|\| *safe\b", text)
