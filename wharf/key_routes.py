"""keys/: made, listed and revoked over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictStr
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import JSONAnswer
from read_api.routes import PREFIX, Endpoint
from wharf.key_answers import CreatedKey, KeyAnswer, KeyList, created_key, key_answer, key_list
from wharf.keys import Limits, new_key
from wharf.people import NoSuchKey, People, refuse_to_give
from wharf.scopes import ALL, NUMBERED_SCOPES, SCOPES, granted
from write_side.routes import command

SCOPE = "keys:admin"


# Which there are is checked where keys are made; the document names them.
Scope = Annotated[StrictStr, Field(json_schema_extra={"enum": [ALL, *sorted(SCOPES)]})]


class CreateKey(BaseModel):
    """A key to make: with no `phone_number_ids` it sees all numbers, from everywhere."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "warehouse",
                    "scopes": ["conversations:read", "messages:read"],
                    "phone_number_ids": ["106540352242922"],
                }
            ]
        },
    )

    name: Annotated[StrictStr, Field(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=50)]
    expires_at: AwareDatetime | None = None
    phone_number_ids: Annotated[list[StrictStr], Field(max_length=100)] = []
    networks: Annotated[list[StrictStr], Field(max_length=100)] = []


def key_routes(people: People) -> list[Endpoint]:
    async def get_keys(request: Request) -> Response:
        parameters.parse(request.query_params.multi_items(), {})
        return JSONAnswer(key_list(await people.keys()))

    async def post_keys(request: Request) -> Response:
        wish = await command(request, CreateKey)
        expires_at: datetime | None = wish.expires_at
        limits = Limits(expires_at, wish.phone_number_ids, wish.networks)
        key = new_key(wish.name, wish.scopes, limits)
        gives = granted(key.scopes)
        refuse_to_give(request, gives & NUMBERED_SCOPES if limits.phone_number_ids else gives)
        await people.add_key(key)
        return JSONAnswer(created_key(key), 201)

    async def delete_key(request: Request) -> Response:
        id_ = request.path_params["id"]
        await people.revoke_key(id_)
        for key in await people.keys():
            if key.id == id_:
                return JSONAnswer(key_answer(key))
        raise NoSuchKey(id_)

    return [
        Endpoint(
            PREFIX + "keys/", "GET", SCOPE, get_keys, summary="Keys, oldest first", answer=KeyList
        ),
        Endpoint(
            PREFIX + "keys/",
            "POST",
            SCOPE,
            post_keys,
            summary="Make a key; its secret is shown this once",
            body=CreateKey,
            answer=CreatedKey,
            status=201,
        ),
        Endpoint(
            PREFIX + "keys/{id}/",
            "DELETE",
            SCOPE,
            delete_key,
            summary="Revoke a key, within seconds on every process",
            parameters={"id": parameters.word.about("The key's id, which its name in logs has.")},
            answer=KeyAnswer,
            problems=("not-found",),
        ),
    ]
