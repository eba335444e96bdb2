"""Signing in and out: a link shows a page, and the page's button uses the link up.

Not the link itself: mail programs and chats open links to look what is behind them.
"""

import re
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from read_api.pages.rendering import HEADERS, page
from wharf.access import Doors
from wharf.browsers import family
from wharf.cookies import drop_session_cookie, set_session_cookie
from wharf.forgery import refuse_foreign, refuse_forged

PATH = "/sign-in"
OUT_PATH = "/sign-out"
# Where people go who did not say where to.
HOME = "/inbox"

# One slash and no second, nor what a browser takes for one or leaves out.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
_LOCAL_PATH_LENGTH_MAX = 2_000


@dataclass(frozen=True)
class SignIn:
    """The pages to sign in and out by."""

    doors: Doors

    async def show(self, request: Request) -> Response:
        """GET /sign-in: changes nothing, however often a link is looked at."""
        link = request.query_params.get("token", "")
        wanted = local_path(request.query_params.get("next", ""))
        if not link and await self._is_in(request):
            return RedirectResponse(wanted, 303, HEADERS)
        name = None
        if link:
            async with self.doors.strangers.looked_up(request):
                name = await self.doors.sessions.peek(link)
            if name is None:
                self.doors.strangers.was_wrong(request)
        return _page(request, name=name, link=link, wanted=wanted)

    async def enter(self, request: Request) -> Response:
        """POST /sign-in: uses the link up and sets the cookie. Raises Forged.

        Also this one may not be asked by another site: it would let people work in its name.
        """
        refuse_foreign(request, self.doors.public_url)
        form = await request.form()
        wanted = local_path(_field(form, "next"))
        link = _field(form, "token")
        browser = family(request.headers.get("User-Agent", ""))
        async with self.doors.strangers.looked_up(request):
            token = await self.doors.sessions.sign_in(link, browser)
        if token is None:
            self.doors.strangers.was_wrong(request)
            return _page(request, name=None, link=link, wanted=wanted)
        response = RedirectResponse(wanted, 303, HEADERS)
        set_session_cookie(response, request, self.doors.public_url, token)
        return response

    async def leave(self, request: Request) -> Response:
        """POST /sign-out: ends the session, if there is one. Raises Forged."""
        found = await self.doors.session_of(request)
        if found is not None:
            cookie, session = found
            await refuse_forged(request, cookie, self.doors.public_url)
            await self.doors.sessions.end(session)
        response = RedirectResponse(PATH, 303, HEADERS)
        drop_session_cookie(response, request, self.doors.public_url)
        return response

    async def _is_in(self, request: Request) -> bool:
        return await self.doors.session_of(request) is not None


def local_path(text: str) -> str:
    """The address if it is one of ours, else HOME: a link must not lead to another site."""
    if len(text) <= _LOCAL_PATH_LENGTH_MAX and _LOCAL_PATH.fullmatch(text):
        return text
    return HOME


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _page(request: Request, *, name: str | None, link: str, wanted: str) -> Response:
    """403 for a link that opens nothing (any more); who comes without one did nothing wrong."""
    context = {"name": name, "link": link, "wanted": wanted}
    return page(request, "sign_in.html", context, status=403 if link and name is None else 200)
