"""Rendering: from a template and what the API answered to a page."""

import gzip
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from read_api.pages import static, words
from read_api.pages.advice import advice
from read_api.pages.asking import address
from read_api.pages.numbers import NARROWED, NUMBER
from read_api.pages.viewing import view_of

# No inline script, no inline style, nothing from anywhere else; frames only for our own PDFs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; frame-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # Other sites are told nothing. With no-referrer the Origin of our own forms would be "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # Personal data, which a browser may not keep after signing out.
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding, Cookie",
}
COMPRESSED_FROM = 1_000
# Twice the time of level 1 for a fifth less; higher levels gain no more than 2 % (measured).
COMPRESSION = 5

ZONE_COOKIE = "zone"
THEME_COOKIE = "theme"
THEMES = ("light", "dark")


class Section(NamedTuple):
    """A place in the navigation, for those who have the scope."""

    title: str
    path: str
    scope: str


SECTIONS: list[Section] = [
    Section("Inbox", "/inbox", "conversations:read"),
    Section("Messages", "/messages", "messages:read"),
    Section("Statistics", "/stats", "stats:read"),
    Section("Exports", "/exports", "exports:create"),
    Section("Events", "/ops", "events:read"),
    Section("Setup", "/setup", "events:read"),
    Section("Users", "/users", "keys:admin"),
    Section("Keys", "/keys", "keys:admin"),
]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        # They are what they were at the start, as styles and scripts are; looking whether they
        # changed is a question to the disk for each part of a page.
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(static=static.address, words=words, view_of=view_of)
    environment.filters.update(
        linked=words.linked,
        web_address=words.web_address,
        size=words.size,
        number=words.number,
        initials=words.initials,
        type_name=words.type_name,
        as_list=words.as_list,
        as_dict=words.as_dict,
        as_text=words.as_text,
        pretty_json=words.pretty_json,
        advice=advice,
    )
    return environment


ENVIRONMENT = _environment()


def zone_of(request: Request) -> tzinfo:
    """The browser's time zone, which app.js tells by a cookie; UTC before that and without it."""
    try:
        return ZoneInfo(request.cookies.get(ZONE_COOKIE, "UTC").replace("%2F", "/"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def today_in(zone: tzinfo) -> date:
    return datetime.now(zone).date()


def scopes_of(request: Request) -> frozenset[str]:
    """Nothing for somebody who has not signed in."""
    credentials = request.scope.get("auth")
    return frozenset() if credentials is None else frozenset(credentials.scopes)


def page(
    request: Request,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """The template with its context, and with who looks, when and where."""
    scopes, zone = scopes_of(request), zone_of(request)
    theme = request.cookies.get(THEME_COOKIE)
    user = request.scope.get("user")
    now = datetime.now(UTC)
    narrowed = [(NUMBER, request.query_params.get(NUMBER, ""))]
    text = ENVIRONMENT.get_template(template).render(
        {
            "path": request.url.path,
            "sections": [
                (section, address(section.path, narrowed if section.path in NARROWED else ()))
                for section in SECTIONS
                if section.scope in scopes
            ],
            "scopes": scopes,
            "user": None if user is None else user.display_name,
            # The forms of a session have it; who comes with a key sends no forms.
            "csrf": getattr(user, "csrf_token", None),
            "writes": "conversations:write" in scopes and hasattr(user, "csrf_token"),
            "zone": zone,
            "now": now,
            "today": now.astimezone(zone).date(),
            "theme": theme if theme in THEMES else "auto",
            **context,
        }
    )
    return _written(request, text.encode(), status, headers or {})


def _written(request: Request, body: bytes, status: int, headers: dict[str, str]) -> Response:
    headers = {**HEADERS, **headers}
    if len(body) >= COMPRESSED_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, COMPRESSION, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, "text/html")
