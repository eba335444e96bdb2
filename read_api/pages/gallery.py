"""The files of a conversation, newest first."""

from typing import Any

from starlette.requests import Request

from read_api.pages.asking import Api

FILES_LIMIT = 36


async def context(api: Api, request: Request, id_: str, cursor: str | None) -> dict[str, Any]:
    """`files` are messages that have one; the cursors lead to more of them."""
    query = [("conversation", id_), ("has_media", "true"), ("limit", str(FILES_LIMIT))]
    place = [("cursor", cursor)] if cursor else []
    found = await api(request, "messages/", [*query, *place])
    return {
        "files": found["messages"],
        "older_files": found["next_cursor"],
        "newer_files": found["prev_cursor"],
    }
