"""Problems: the one table from exceptions to HTTP, and answers as application/problem+json.

People's browsers get a page with the same in it. The format is RFC 9457. `code` is the last part
of `type`, which is a page of our documentation.
"""

import http
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.errors import LogUnavailable, StreamMoved
from projections.rebuild import RebuildRunning
from projections.verify import OtherRelease
from projections.versions import GoesBackInTime, NoSuchVersion
from read_api import errors as reading
from read_api.masking import masked, may_know
from read_api.pages.problem import problem_page, wants_page
from wharf.access import ScopeMissing, Unauthenticated
from wharf.answer_headers import complete
from wharf.forgery import Forged
from wharf.keys import KeyRefused
from wharf.limits import RateLimited
from wharf.pages.forms import OwnAccess
from wharf.people import NoSuchKey
from wharf.primary import AccessUnavailable
from wharf.users import NoSuchUser, UserExists
from wharf.views_admin.tending import VerifyRunning
from write_side import errors as writing


class Problem(NamedTuple):
    """What an exception means to a client; `facts` are attributes of it that the client gets."""

    status: int
    slug: str
    title: str
    facts: tuple[str, ...] = ()
    retry_after_s: int | None = None


_STORE_UNAVAILABLE = Problem(
    503, "store-unavailable", "The database does not answer", retry_after_s=1
)

_SCOPE_MISSING = Problem(403, "scope-missing", "You may not do this", facts=("scope",))

PROBLEMS: dict[type[Exception], Problem] = {
    reading.InvalidParameter: Problem(400, "invalid-parameter", "A parameter is not right"),
    reading.InvalidBody: Problem(422, "validation", "The body is not right", facts=("errors",)),
    reading.CursorMismatch: Problem(400, "cursor-mismatch", "The cursor is of another list"),
    reading.NotFound: Problem(404, "not-found", "There is no such thing"),
    reading.MediaExpired: Problem(410, "media-expired", "The file is gone", facts=("attempts",)),
    reading.MediaFailed: Problem(
        409, "media-failed", "The file could not be downloaded", facts=("reason", "attempts")
    ),
    reading.MediaMissing: Problem(503, "media-missing", "The file is not where it was stored"),
    reading.ProjectionBehind: Problem(
        503,
        "projection-behind",
        "The read tables have not come so far yet",
        facts=("required", "current"),
        retry_after_s=1,
    ),
    reading.TooManyStreams: Problem(
        503, "too-many-streams", "No more streams here", retry_after_s=5
    ),
    reading.StoreUnavailable: _STORE_UNAVAILABLE,
    reading.PersonalDataHidden: _SCOPE_MISSING,
    reading.ScopeNeeded: _SCOPE_MISSING,
    reading.ExportFailed: Problem(
        409, "export-failed", "The export could not be made", facts=("reason",)
    ),
    reading.ExportMissing: Problem(503, "export-missing", "The file is not where it was made"),
    reading.TooManyExports: Problem(429, "too-many-exports", "No more exports for you"),
    writing.InvalidCommand: Problem(422, "validation", "The body is not right", facts=("errors",)),
    writing.ConversationNotFound: Problem(
        404, "conversation-not-found", "There is no such conversation"
    ),
    writing.ConversationMoved: Problem(
        409, "conversation-moved", "The conversation has moved on", facts=("missed",)
    ),
    writing.NoteNotFound: Problem(404, "not-found", "There is no such note"),
    writing.InvalidHeader: Problem(400, "invalid-parameter", "A parameter is not right"),
    writing.KeyReused: Problem(422, "idempotency-key-reuse", "The key was used for something else"),
    writing.KeyInUse: Problem(
        409, "idempotency-key-in-use", "It is being done already", retry_after_s=1
    ),
    writing.MessageNotFound: Problem(404, "not-found", "There is no such message"),
    writing.DeliveryNotFound: Problem(404, "not-found", "There is no such delivery"),
    writing.MediaNotFound: Problem(404, "not-found", "There is no such media"),
    writing.CustomerNotFound: Problem(404, "not-found", "There is no such customer"),
    writing.MergeNotFound: Problem(
        404, "merge-not-found", "There is no such merge", facts=("merges",)
    ),
    writing.MergeRefused: Problem(
        409, "merge-refused", "These two can't be one person", facts=("reason",)
    ),
    writing.AmbiguousPhone: Problem(
        409, "ambiguous-phone", "Which number is meant?", facts=("candidates",)
    ),
    StreamMoved: Problem(409, "conversation-moved", "The conversation has moved on"),
    LogUnavailable: _STORE_UNAVAILABLE,
    AccessUnavailable: _STORE_UNAVAILABLE,
    Unauthenticated: Problem(401, "unauthenticated", "Who is asking?"),
    ScopeMissing: _SCOPE_MISSING,
    Forged: Problem(403, "csrf", "This may not have been asked by you"),
    KeyRefused: Problem(422, "validation", "There can be no such key", facts=("errors",)),
    NoSuchKey: Problem(404, "not-found", "There is no such key"),
    NoSuchUser: Problem(404, "not-found", "There is no such user"),
    UserExists: Problem(409, "user-exists", "There is such a user"),
    NoSuchVersion: Problem(404, "not-found", "There is no such version that is ready"),
    GoesBackInTime: Problem(409, "version-behind", "The version has seen less than the other"),
    RebuildRunning: Problem(409, "rebuild-running", "Somebody is rebuilding the view"),
    VerifyRunning: Problem(409, "verify-running", "Somebody is comparing the view"),
    OtherRelease: Problem(409, "other-release", "The view was made by another release"),
    OwnAccess: Problem(409, "own-access", "Your own access is not yours to take"),
    RateLimited: Problem(429, "rate-limited", "Too many requests", retry_after_s=1),
}

# Statuses that Starlette itself answers with, where our name is not the phrase of HTTP.
SLUGS = {413: "too-large", 500: "internal-error"}

# What Starlette itself refuses, and what nobody expected.
_OWN = (
    Problem(404, "not-found", "There is no such thing"),
    Problem(405, "method-not-allowed", "The address does not take this method"),
    Problem(413, SLUGS[413], "The body is too large"),
    Problem(500, SLUGS[500], "Something went wrong on our side"),
)

_TITLES = {problem.status: problem.title for problem in _OWN}
# Where Starlette has nothing to say but the phrase of HTTP.
_DETAILS = {404: "nothing is at this address", 405: "another method is taken here"}

Handler = Callable[[Request, Exception], Awaitable[Response]]


def exception_handlers(
    problems: Mapping[type[Exception], Problem] = PROBLEMS,
) -> dict[Any, Handler]:
    """For Starlette: the table, what Starlette itself raises, and what nobody expected."""

    async def known(request: Request, error: Exception) -> Response:
        problem = next(problems[kind] for kind in type(error).__mro__ if kind in problems)
        return respond(
            request,
            problem,
            str(error),
            facts={name: getattr(error, name) for name in problem.facts} | _errors(error),
            headers=_headers(error),
        )

    return {**dict.fromkeys(problems, known), HTTPException: _http, Exception: _unexpected}


@cache
def by_slug() -> dict[str, Problem]:
    """All problems by their names; of those with one name, the first."""
    found: dict[str, Problem] = {}
    for problem in (*PROBLEMS.values(), *_OWN):
        found.setdefault(problem.slug, problem)
    return found


def respond(
    request: Request,
    problem: Problem,
    detail: str,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem document. It has the request's id, which the log has too."""
    request_id = getattr(request.state, "request_id", None) or secrets.token_hex(8)
    content = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "instance": request.url.path,
        "code": problem.slug,
        "request_id": request_id,
        **(dict(facts or {}) if may_know(request) else masked(dict(facts or {}))),
    }
    retry = {} if problem.retry_after_s is None else {"Retry-After": str(problem.retry_after_s)}
    sent = {"X-Request-Id": request_id, "Vary": "Accept", **retry, **(headers or {})}
    if wants_page(request):
        return problem_page(request, content, sent)
    document = orjson.dumps(content)
    response = Response(document, problem.status, sent, "application/problem+json")
    complete(request, response)
    return response


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = http.HTTPStatus(error.status_code).phrase
    slug = SLUGS.get(error.status_code, phrase.lower().replace(" ", "-"))
    problem = Problem(error.status_code, slug, _TITLES.get(error.status_code, phrase))
    detail = _DETAILS.get(error.status_code, phrase) if error.detail == phrase else error.detail
    return respond(request, problem, detail, headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    # Starlette raises it again after this answer, and the server logs the traceback.
    problem = Problem(500, SLUGS[500], "Something went wrong on our side")
    return respond(request, problem, "the log has more under this request_id")


def _errors(error: Exception) -> dict[str, Any]:
    if not isinstance(error, reading.InvalidParameter | writing.InvalidHeader):
        return {}
    found = {"parameter": error.parameter, "code": "invalid-parameter", "message": error.problem}
    return {"errors": [found]}


def _headers(error: Exception) -> dict[str, str]:
    """When to come again, or by which right.

    RFC 6750 §3: a request without a key gets no error code, only the way to ask.
    """
    if isinstance(error, ScopeMissing | reading.PersonalDataHidden | reading.ScopeNeeded):
        return {
            "WWW-Authenticate": f'Bearer realm="wharf", error="insufficient_scope", '
            f'scope="{error.scope}"'
        }
    if isinstance(error, RateLimited):
        return error.headers
    if isinstance(error, Unauthenticated):
        code = ', error="invalid_token"' if error.presented else ""
        return {"WWW-Authenticate": f'Bearer realm="wharf"{code}'}
    return {}
