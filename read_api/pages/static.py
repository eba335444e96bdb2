"""Static files out of the package, under addresses that change with their content."""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from read_api.errors import NotFound

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".LICENSE": "text/plain; charset=utf-8",
}
_HEADERS = {
    # The address has the hash of the content in it, so what is kept is never old.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class File(NamedTuple):
    content: bytes
    compressed: bytes
    media_type: str


@cache
def address(name: str) -> str:
    """Where a file of the folder is served: `app.css` at `/static/app.1f0c….css`."""
    path = Path(name)
    digest = hashlib.sha256(_file(name).content).hexdigest()[:16]
    return f"{PREFIX}{path.with_suffix(f'.{digest}{path.suffix}')}"


@cache
def _file(name: str) -> File:
    content = (FOLDER / name).read_bytes()
    return File(content, gzip.compress(content, 9, mtime=0), _TYPES[Path(name).suffix])


@cache
def _names() -> dict[str, str]:
    """Names by their addresses: what is asked for is looked up here and never becomes a path."""
    files = (path for path in FOLDER.rglob("*") if path.is_file() and path.suffix in _TYPES)
    names = (str(path.relative_to(FOLDER)) for path in files)
    return {address(name): name for name in names}


async def get_static(request: Request) -> Response:
    """Raises NotFound, also for the hash of another release: the page then asks anew."""
    name = _names().get(request.url.path)
    if name is None:
        raise NotFound("file")
    file = _file(name)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers = {**_HEADERS, "Content-Encoding": "gzip"}
        return Response(file.compressed, headers=headers, media_type=file.media_type)
    return Response(file.content, headers=_HEADERS, media_type=file.media_type)
