"""/users: who may sign in, by links that are shown once."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from read_api.errors import InvalidBody
from read_api.message_rows import milliseconds
from read_api.pages.rendering import page
from read_api.routes import Endpoint
from wharf.pages.forms import OwnAccess, Refused, field, status_of
from wharf.people import People, refuse_to_give_role
from wharf.scopes import ROLES, Role
from wharf.user_routes import SCOPE
from wharf.users import Link, NameRefused, UserExists

PATH = "/users"
ROLE_WORDS = {
    "agent": "reads and answers, exports, sees statistics",
    "admin": "all of that, and looks after the service",
}


def user_pages(people: People) -> list[Endpoint]:
    """Every command is a form of its own; what it did is seen in the list."""
    table = [
        ("", "GET", _show),
        ("", "POST", _add),
        ("/{name}/link", "POST", _link),
        # Where the browser is after that, and may be asked to go once more.
        ("/{name}/link", "GET", _back),
        ("/{name}/role", "POST", _role),
        ("/{name}/remove", "POST", _remove),
    ]
    return [
        Endpoint(PATH + path, method, SCOPE, partial(endpoint, people))
        for path, method, endpoint in table
    ]


async def _show(people: People, request: Request) -> Response:
    return await _page(people, request)


async def _add(people: People, request: Request) -> Response:
    """Somebody new, or one who was removed once more; their link is on the page."""
    form = await request.form()
    name, role = field(form, "name").strip(), _role_of(field(form, "role"))
    refuse_to_give_role(request, role)
    try:
        link = await people.add_user(name, role)
    except NameRefused as error:
        return await _page(people, request, refused=Refused(422, "name", str(error)), wanted=name)
    except UserExists as error:
        return await _page(people, request, refused=Refused(409, "name", str(error)), wanted=name)
    return await _page(people, request, link=link)


async def _link(people: People, request: Request) -> Response:
    name = request.path_params["name"]
    refuse_to_give_role(request, await people.role_of(name))
    return await _page(people, request, link=await people.new_link(name))


async def _back(people: People, request: Request) -> Response:
    return RedirectResponse(PATH, 303)


async def _role(people: People, request: Request) -> Response:
    name, role = request.path_params["name"], _role_of(field(await request.form(), "role"))
    _refuse_oneself(request, name)
    # Neither may somebody's rights be taken by who does not have them.
    refuse_to_give_role(request, await people.role_of(name))
    refuse_to_give_role(request, role)
    await people.set_role(name, role)
    return RedirectResponse(PATH, 303)


async def _remove(people: People, request: Request) -> Response:
    name = request.path_params["name"]
    _refuse_oneself(request, name)
    refuse_to_give_role(request, await people.role_of(name))
    await people.remove_user(name)
    return RedirectResponse(PATH, 303)


def _refuse_oneself(request: Request, name: str) -> None:
    """A slip would shut out whoever could mend it. Raises OwnAccess."""
    if request.user.username == f"user:{name}":
        raise OwnAccess


def _role_of(text: str) -> Role:
    """Raises InvalidBody for what no form of ours has."""
    for role in ROLES:
        if role == text:
            return role
    message = f"has to be one of {', '.join(ROLES)}"
    raise InvalidBody([{"pointer": "/role", "code": "refused", "message": message}])


async def _page(
    people: People,
    request: Request,
    *,
    link: Link | None = None,
    refused: Refused | None = None,
    wanted: str = "",
) -> Response:
    users: list[dict[str, Any]] = [
        {
            "name": user.name,
            "role": user.role,
            "created_at": milliseconds(user.created_at),
            "removed_at": user.removed_at and milliseconds(user.removed_at),
            "last_used_at": user.last_used_at and milliseconds(user.last_used_at),
            "oneself": request.user.username == f"user:{user.name}",
        }
        for user in await people.users()
    ]
    context = {
        "refused": refused,
        "active": [user for user in users if user["removed_at"] is None],
        "removed": [user for user in users if user["removed_at"] is not None],
        "roles": [(role, ROLE_WORDS[role]) for role in ROLES],
        "link": None if link is None else people.sign_in_url(request, link),
        "link_of": link and link.name,
        "link_until": link and milliseconds(link.expires_at),
        "wanted": wanted,
    }
    return page(request, "users.html", context, status=status_of(refused))
