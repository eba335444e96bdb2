"""/api/admin/projections/: the views, for those who have the scope to look after them."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from projections.catalogue import VIEWS
from projections.overview import Overview
from projections.pausing import Paused
from projections.sampling import NoSample
from projections.view import View
from read_api import parameters
from read_api.answers import JSONAnswer
from read_api.errors import InvalidParameter, NotFound
from read_api.masking import may_know
from read_api.message_rows import milliseconds
from read_api.routes import Endpoint
from wharf.views_admin.answers import differing, of_view, projection
from wharf.views_admin.models import (
    Begun,
    Differences,
    Held,
    Pause,
    PoisonRetried,
    PoisonSkipped,
    Projection,
    ProjectionList,
    Rebuild,
    Resume,
    Swap,
    Swapped,
    Verify,
    WhichPoison,
)
from wharf.views_admin.tending import Tending, TooLarge
from write_side.errors import InvalidCommand
from write_side.routes import command

PATH = "/api/admin/projections/"
SCOPE = "projections:admin"
SAMPLE_MAX = 100

sample = parameters.whole_number(1, SAMPLE_MAX).about(
    "So many conversations by chance; without it all, of a log of up to 100,000 events."
)


def view_routes(tending: Tending) -> list[Endpoint]:
    async def get_views(request: Request) -> Response:
        parameters.parse(request.query_params.multi_items(), {})
        found = await tending.look()
        told = [await _told(tending, request, found, view) for view in VIEWS.values()]
        shown = sorted((each for each in told if each), key=lambda each: each["name"])
        content: ProjectionList = {
            "count": len(shown),
            "projections": shown,
            "next_cursor": None,
            "prev_cursor": None,
            "has_more": False,
            "position": _head(found),
        }
        return JSONAnswer(content)

    async def get_view(request: Request) -> Response:
        parameters.parse(request.query_params.multi_items(), {})
        view = _view(request)
        told = await _told(tending, request, await tending.look(), view)
        if told is None:
            raise NotFound("view")
        return JSONAnswer(told)

    async def post_rebuild(request: Request) -> Response:
        view, wish = _view(request), await command(request, Rebuild)
        found = await tending.look()
        tending.rebuild(view, found, resume=wish.resume)
        begun: Begun = {"name": view.name, "position": _head(found)}
        return JSONAnswer(begun, 202)

    async def post_verify(request: Request) -> Response:
        view, _ = _view(request), await command(request, Verify)
        found = await tending.look()
        tending.verify(view, found)
        begun: Begun = {"name": view.name, "position": _head(found)}
        return JSONAnswer(begun, 202)

    async def get_differences(request: Request) -> Response:
        view = _view(request)
        asked = parameters.parse(request.query_params.multi_items(), {"sample": sample})
        try:
            compared = await tending.differences(view, await tending.look(), asked.get("sample"))
        except NoSample as error:
            raise InvalidParameter("sample", str(error)) from error
        except TooLarge as error:
            raise InvalidParameter("sample", "is needed: the log is too large") from error
        told: Differences = {
            "name": view.name,
            "view_position": compared.position,
            "count": len(compared.differences),
            "rows": differing(compared.differences, may_know=may_know(request)),
            "position": _head(await tending.look()),
        }
        return JSONAnswer(told)

    async def post_swap(request: Request) -> Response:
        view, wish = _view(request), await command(request, Swap)
        await tending.swap(view, wish.version)
        head = _head(await tending.look())
        swapped: Swapped = {"name": view.name, "version": wish.version, "position": head}
        return JSONAnswer(swapped)

    async def post_pause(request: Request) -> Response:
        view, _ = _view(request), await command(request, Pause)
        held = await tending.pause(view, request.user.username)
        return JSONAnswer(_held(view, held, await tending.look()))

    async def post_resume(request: Request) -> Response:
        view, _ = _view(request), await command(request, Resume)
        held = await tending.resume(view)
        return JSONAnswer(_held(view, held, await tending.look()))

    async def post_retry(request: Request) -> Response:
        view, wish = _view(request), _one_or_all(await command(request, WhichPoison))
        done = await tending.retry(view, wish.position)
        known = may_know(request)
        answer: PoisonRetried = {
            "name": view.name,
            "retried": [
                {
                    "version": each.version,
                    "position": each.position,
                    "error": each.error if known else None,
                    "applied": each.error is None,
                }
                for each in done
            ],
            "position": _head(await tending.look()),
        }
        return JSONAnswer(answer)

    async def post_skip(request: Request) -> Response:
        view, wish = _view(request), _one_or_all(await command(request, WhichPoison))
        done = await tending.skip(view, wish.position)
        answer: PoisonSkipped = {
            "name": view.name,
            "skipped": [{"version": each.version, "position": each.position} for each in done],
            "position": _head(await tending.look()),
        }
        return JSONAnswer(answer)

    name = parameters.one_of(*sorted(VIEWS)).about("The view's name.")

    def endpoint(path: str, method: str, ask: Callable[..., Any], **documented: Any) -> Endpoint:
        named = {"name": name} if "{name}" in path else {}
        return Endpoint(PATH + path, method, SCOPE, ask, parameters=named, **documented)

    return [
        endpoint("", "GET", get_views, summary="How the views are", answer=ProjectionList),
        endpoint("{name}/", "GET", get_view, summary="How a view is", answer=Projection),
        endpoint(
            "{name}/rebuild/",
            "POST",
            post_rebuild,
            summary="Build a view's next version and let it answer",
            body=Rebuild,
            answer=Begun,
            status=202,
            problems=("rebuild-running",),
        ),
        endpoint(
            "{name}/verify/",
            "POST",
            post_verify,
            summary="Compare a view with a fresh replay of the log",
            body=Verify,
            answer=Begun,
            status=202,
            problems=("verify-running", "other-release"),
        ),
        Endpoint(
            PATH + "{name}/diff/",
            "GET",
            SCOPE,
            get_differences,
            parameters={"name": name, "sample": sample},
            summary="Which rows of a view are not what the log says",
            answer=Differences,
            problems=("verify-running", "other-release"),
        ),
        endpoint(
            "{name}/swap/",
            "POST",
            post_swap,
            summary="Let another version answer",
            body=Swap,
            answer=Swapped,
            problems=("version-behind",),
        ),
        endpoint(
            "{name}/pause/",
            "POST",
            post_pause,
            summary="Hold a view where it is",
            body=Pause,
            answer=Held,
        ),
        endpoint(
            "{name}/resume/",
            "POST",
            post_resume,
            summary="Let a paused view go on",
            body=Resume,
            answer=Held,
        ),
        endpoint(
            "{name}/poison/retry/",
            "POST",
            post_retry,
            summary="Apply events that were put aside once more",
            body=WhichPoison,
            answer=PoisonRetried,
        ),
        endpoint(
            "{name}/poison/skip/",
            "POST",
            post_skip,
            summary="Go without events that were put aside",
            body=WhichPoison,
            answer=PoisonSkipped,
        ),
    ]


async def _told(
    tending: Tending, request: Request, found: Overview, view: View
) -> Projection | None:
    versions = [each for each in found.versions if each.view == view.name]
    some = any(each.poison or each.skipped for each in versions)
    poison = await tending.put_aside(view.name) if some else []
    return projection(of_view(found, view, poison, may_know=may_know(request)))


def _view(request: Request) -> View:
    view = VIEWS.get(request.path_params["name"])
    if view is None:
        raise NotFound("view")
    return view


def _held(view: View, held: Paused | None, found: Overview) -> Held:
    if held is None:
        raise NotFound("view")
    return {
        "name": view.name,
        "paused_at": None if held.paused_at is None else milliseconds(held.paused_at),
        "paused_by": held.paused_by,
        "view_position": held.position,
        "position": _head(found),
    }


def _one_or_all(wish: WhichPoison) -> WhichPoison:
    if (wish.position is None) != wish.all:
        message = "give a position, or all: true"
        raise InvalidCommand([{"pointer": "", "code": "one-or-all", "message": message}])
    return wish


def _head(found: Overview) -> int:
    return found.versions[0].head if found.versions else 0
