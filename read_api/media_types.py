"""Which files a browser may show, judged by their first bytes and never by what was claimed."""

import re
from typing import NamedTuple
from urllib.parse import quote

HEAD_BYTES = 64
NAME_LENGTH_MAX = 150
UNKNOWN = "application/octet-stream"

# Pictures, sound, film and PDF. Not what can hold a script: no SVG, no HTML, no XML.
_SIGNATURES: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", "jpg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", "png"),
    (re.compile(rb"GIF8[79]a"), "image/gif", "gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", "webp"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "audio/wav", "wav"),
    (re.compile(rb"OggS"), "audio/ogg", "ogg"),
    (re.compile(rb"#!AMR(-WB)?\n"), "audio/amr", "amr"),
    (re.compile(rb"ID3|\xff[\xfb\xf3\xf2]"), "audio/mpeg", "mp3"),
    (re.compile(rb"\xff[\xf1\xf9]"), "audio/aac", "aac"),
    (re.compile(rb"....ftypM4A", re.DOTALL), "audio/mp4", "m4a"),
    (re.compile(rb"....ftyp3g", re.DOTALL), "video/3gpp", "3gp"),
    (re.compile(rb"....ftyp", re.DOTALL), "video/mp4", "mp4"),
    (re.compile(rb"%PDF-"), "application/pdf", "pdf"),
)
# An audio message can come in a container that says film.
_AUDIO_OF = {"video/mp4": "audio/mp4", "video/3gpp": "audio/3gpp"}

# Path separators, quotes, what turns text around, and whatever can't be seen.
_UNFIT = re.compile(r'[\\/:*?"<>|;\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]')


class Presentation(NamedTuple):
    content_type: str
    disposition: str


def present(
    head: bytes, mime_type: str | None, filename: str | None, media_id: str
) -> Presentation:
    """How to serve a file that begins with `head`."""
    claimed = (mime_type or "").partition(";")[0].strip().lower()
    for signature, content_type, extension in _SIGNATURES:
        if signature.match(head):
            if claimed == _AUDIO_OF.get(content_type):
                content_type = claimed
            name = _name(filename, f"{media_id}.{extension}")
            return Presentation(content_type, _disposition("inline", name))
    return Presentation(UNKNOWN, _disposition("attachment", _name(filename, media_id)))


def _name(filename: str | None, otherwise: str) -> str:
    name = _UNFIT.sub("_", filename or "").strip(" ._")
    # A lone surrogate can't be written.
    name = name.encode("utf-8", "replace").decode()[:NAME_LENGTH_MAX]
    return name or _UNFIT.sub("_", otherwise)[:NAME_LENGTH_MAX]


def _disposition(kind: str, name: str) -> str:
    """RFC 6266: a plain name for old clients, and the real one where it is another."""
    plain = "".join(c if c.isascii() and c.isprintable() and c != "%" else "_" for c in name)
    real = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'{kind}; filename="{plain}"{real}'
