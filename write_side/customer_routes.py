"""The addresses of commands on customers."""

import re

from starlette.requests import Request
from starlette.responses import Response

from write_side.cause import cause_of
from write_side.errors import CustomerNotFound
from write_side.merging import MergeCommand, MergeCustomers, Merged
from write_side.routes import PREFIX, Endpoint, answered, command
from write_side.unmerging import UnmergeCommand, UnmergeCustomers, Unmerged


def customer_routes(merge: MergeCommand, unmerge: UnmergeCommand) -> list[Endpoint]:
    async def post_merge(request: Request) -> Response:
        wish = await command(request, MergeCustomers)
        cause = cause_of(request, wish.last_seen_position)
        return answered(await merge(_id(request), wish, cause))

    async def post_unmerge(request: Request) -> Response:
        wish = await command(request, UnmergeCustomers)
        cause = cause_of(request, wish.last_seen_position)
        return answered(await unmerge(_id(request), wish, cause))

    return [
        Endpoint(
            PREFIX + "customers/{id}/merge/",
            "POST",
            "conversations:write",
            post_merge,
            summary="Say that two customers are one person",
            body=MergeCustomers,
            answer=Merged,
            problems=("not-found", "merge-refused", "conversation-moved"),
        ),
        Endpoint(
            PREFIX + "customers/{id}/unmerge/",
            "POST",
            "conversations:write",
            post_unmerge,
            summary="Undo a merge",
            body=UnmergeCustomers,
            answer=Unmerged,
            problems=("not-found", "merge-not-found", "conversation-moved"),
        ),
    ]


def _id(request: Request) -> int:
    id_ = request.path_params["id"]
    if not re.fullmatch(r"[0-9]{1,18}", id_):
        raise CustomerNotFound("there is no such customer")
    return int(id_)
