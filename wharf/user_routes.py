"""users/: who may sign in, and links for them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from read_api import parameters
from read_api.answers import JSONAnswer
from read_api.message_rows import milliseconds
from read_api.routes import PREFIX, Endpoint
from wharf.people import People, refuse_to_give_role
from wharf.scopes import Role
from wharf.users import Link, User
from write_side.patterns import USER_NAME
from write_side.routes import command

SCOPE = "keys:admin"
# Who assigns a conversation has to know to whom.
LIST_SCOPE = "conversations:read"

NAME = parameters.word.about("The user's name.")


class CreateUser(BaseModel):
    """Somebody to let in."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"name": "ana", "role": "agent"}]},
    )

    name: Annotated[StrictStr, Field(pattern=USER_NAME)]
    role: Role


class UserAnswer(TypedDict):
    """A user. `last_used_at` is that of their sessions, for those with the scope keys:admin."""

    name: str
    role: Role
    created_at: str
    removed_at: str | None
    last_used_at: str | None


class UserList(TypedDict):
    """All users by name, those who were removed too."""

    count: int
    users: list[UserAnswer]
    next_cursor: None
    prev_cursor: None
    has_more: Literal[False]


class SignInLink(TypedDict):
    """What opens once; it is shown this once."""

    name: str
    link: str
    expires_at: str


class RemovedUser(TypedDict):
    """Somebody who is out."""

    name: str


def user_routes(people: People) -> list[Endpoint]:
    async def get_users(request: Request) -> Response:
        parameters.parse(request.query_params.multi_items(), {})
        may_know = SCOPE in request.auth.scopes
        return JSONAnswer(_list(await people.users(), may_know))

    async def post_users(request: Request) -> Response:
        wish = await command(request, CreateUser)
        refuse_to_give_role(request, wish.role)
        return JSONAnswer(_link(request, await people.add_user(wish.name, wish.role)), 201)

    async def delete_user(request: Request) -> Response:
        name = request.path_params["name"]
        await people.remove_user(name)
        return JSONAnswer(RemovedUser(name=name))

    async def post_link(request: Request) -> Response:
        name = request.path_params["name"]
        refuse_to_give_role(request, await people.role_of(name))
        return JSONAnswer(_link(request, await people.new_link(name)), 201)

    def _link(request: Request, link: Link) -> SignInLink:
        return {
            "name": link.name,
            "link": people.sign_in_url(request, link),
            "expires_at": milliseconds(link.expires_at),
        }

    return [
        Endpoint(
            PREFIX + "users/",
            "GET",
            LIST_SCOPE,
            get_users,
            summary="Users, by name",
            answer=UserList,
        ),
        Endpoint(
            PREFIX + "users/",
            "POST",
            SCOPE,
            post_users,
            summary="Add a user; the sign-in link is shown this once",
            body=CreateUser,
            answer=SignInLink,
            status=201,
            problems=("user-exists",),
        ),
        Endpoint(
            PREFIX + "users/{name}/",
            "DELETE",
            SCOPE,
            delete_user,
            summary="Remove a user, whose sessions end within seconds",
            parameters={"name": NAME},
            answer=RemovedUser,
            problems=("not-found",),
        ),
        Endpoint(
            PREFIX + "users/{name}/link/",
            "POST",
            SCOPE,
            post_link,
            summary="Another sign-in link; the one before is good no more",
            parameters={"name": NAME},
            answer=SignInLink,
            status=201,
            problems=("not-found",),
        ),
    ]


def _list(users: list[User], may_know: bool) -> UserList:
    return {
        "count": len(users),
        "users": [_user(user, may_know) for user in users],
        "next_cursor": None,
        "prev_cursor": None,
        "has_more": False,
    }


def _user(user: User, may_know: bool) -> UserAnswer:
    used = user.last_used_at if may_know else None
    return {
        "name": user.name,
        "role": user.role,
        "created_at": milliseconds(user.created_at),
        "removed_at": None if user.removed_at is None else milliseconds(user.removed_at),
        "last_used_at": None if used is None else milliseconds(used),
    }
