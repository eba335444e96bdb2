"""The addresses of commands on conversations, their notes and their customers."""

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from write_side.cause import Cause, cause_of
from write_side.desk.details import ChangeCustomer, ChangedCustomer, DetailsCommand, SetEmail
from write_side.desk.handling import (
    Assign,
    Assigned,
    ChangeLabels,
    HandlingCommands,
    LabelsSet,
    MarkedUnread,
    MarkUnread,
    SetState,
    StateSet,
)
from write_side.desk.notes import DeletedNote, NoteCommands, WriteNote, WrittenNote
from write_side.errors import (
    ConversationNotFound,
    CustomerNotFound,
    NoteNotFound,
    WriteError,
)
from write_side.routes import PREFIX, Answer, Endpoint, answered, command
from write_side.seen import ConversationWish

SCOPE = "conversations:write"

Wish = TypeVar("Wish", bound=ConversationWish)


def desk_routes(
    notes: NoteCommands, details: DetailsCommand, handling: HandlingCommands
) -> list[Endpoint]:
    """All of them refuse a caller who says up to where they have seen it, and it has moved on."""

    def post(
        path: str,
        model: type[Wish],
        do: Callable[[int, Wish, Cause], Awaitable[Answer]],
        *,
        summary: str,
        answer: type,
        method: str = "POST",
        status: int = 200,
        missing: type[WriteError] = ConversationNotFound,
    ) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            id_ = _id(request, missing)
            wish = await command(request, model)
            cause = cause_of(request, wish.last_seen_position)
            return answered(await do(id_, wish, cause), status)

        return _endpoint(path, method, endpoint, summary, model, answer, status)

    async def delete_note(request: Request) -> Response:
        return answered(await notes.delete(_id(request, NoteNotFound), cause_of(request)))

    return [
        post(
            "conversations/{id}/notes/", WriteNote, notes.add,
            summary="Write a note", answer=WrittenNote, status=201,
        ),
        post(
            "notes/{id}/", WriteNote, notes.edit, method="PATCH", missing=NoteNotFound,
            summary="Change what a note says", answer=WrittenNote,
        ),
        _endpoint(
            "notes/{id}/", "DELETE", delete_note, "Delete a note", None, DeletedNote, 200,
        ),
        post(
            "conversations/{id}/email/", SetEmail, details, method="PUT",
            summary="Set the customer's e-mail address", answer=ChangedCustomer,
        ),
        post(
            "customers/{id}/", ChangeCustomer, details, method="PATCH", missing=CustomerNotFound,
            summary="Change what is known of a customer", answer=ChangedCustomer,
        ),
        post(
            "conversations/{id}/assign/", Assign, handling.assign,
            summary="Say whose a conversation is to answer", answer=Assigned,
        ),
        post(
            "conversations/{id}/state/", SetState, handling.set_state,
            summary="Be done with a conversation, put it off, or open it", answer=StateSet,
        ),
        post(
            "conversations/{id}/labels/", ChangeLabels, handling.label,
            summary="Put labels on and take them off", answer=LabelsSet,
        ),
        post(
            "conversations/{id}/mark-unread/", MarkUnread, handling.mark_unread,
            summary="Mark a conversation unread", answer=MarkedUnread,
        ),
    ]  # fmt: skip


def _endpoint(
    path: str,
    method: str,
    endpoint: Callable[[Request], Awaitable[Response]],
    summary: str,
    body: type[BaseModel] | None,
    answer: type,
    status: int,
) -> Endpoint:
    gone = "conversation-not-found" if path.startswith("conversations/") else "not-found"
    return Endpoint(
        PREFIX + path,
        method,
        SCOPE,
        endpoint,
        summary=summary,
        body=body,
        answer=answer,
        status=status,
        problems=(gone, "conversation-moved"),
    )


def _id(request: Request, missing: type[WriteError]) -> int:
    id_ = request.path_params["id"]
    if not re.fullmatch(r"[0-9]{1,18}", id_):
        raise missing(missing.__doc__)
    return int(id_)
