"""GET /problems/ and /problems/{slug}: what the `type` of a problem leads to.

They take no key: whoever has just been refused for one wants to read them.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from read_api.pages.rendering import page
from wharf.problem_texts import TEXTS
from wharf.problems import by_slug


async def list_problems(request: Request) -> Response:
    """All of them, by status."""
    problems = sorted(by_slug().values(), key=lambda one: (one.status, one.slug))
    return page(request, "problem_types.html", {"problems": problems})


async def show_problem(request: Request) -> Response:
    """What it means, and what to do. Raises HTTPException (404)."""
    slug = request.path_params["slug"]
    problem = by_slug().get(slug)
    if problem is None:
        raise HTTPException(404, "there is no such problem")
    return page(request, "problem_type.html", {"problem": problem, **TEXTS[slug]._asdict()})


def problem_routes() -> list[Route]:
    return [
        Route("/problems/", list_problems),
        Route("/problems", list_problems),
        Route("/problems/{slug}", show_problem),
        Route("/problems/{slug}/", show_problem),
    ]
