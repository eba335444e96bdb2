"""Who handles a conversation and how far they are: assignee, state, labels, marked unread."""

from datetime import UTC, datetime
from typing import Annotated, Literal, LiteralString

from pydantic import AwareDatetime, ConfigDict, Field, StrictStr, model_validator
from typing_extensions import TypedDict

from events.catalogue import (
    ConversationAssigned,
    ConversationMarkedUnread,
    ConversationStateChanged,
    LabelsChanged,
)
from write_side.cause import Cause
from write_side.connections import Connection
from write_side.desk.changing import Changing, Conversation, Decided, rfc3339
from write_side.desk.texts import Label
from write_side.errors import InvalidCommand
from write_side.patterns import USER_NAME
from write_side.seen import ConversationWish

LABELS_MAX = 50
ME = "me"

Labels = Annotated[list[Label], Field(max_length=LABELS_MAX)]


class Assign(ConversationWish):
    """To whom: a user by name, `me`, or null for nobody."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"assignee": "me"}]})

    assignee: Annotated[StrictStr, Field(pattern=USER_NAME)] | None


class SetState(ConversationWish):
    """Done with it, put off, or open again. What is snoozed without `until` waits for a message."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"state": "done"}],
            # What only_what_is_snoozed_has_an_end says.
            "not": {
                "required": ["until"],
                "properties": {
                    "until": {"type": "string"},
                    "state": {"enum": ["open", "done"]},
                },
            },
        }
    )

    state: Literal["open", "done", "snoozed"]
    until: (
        Annotated[AwareDatetime, Field(description="A time to come; only with snoozed.")] | None
    ) = None

    @model_validator(mode="after")
    def only_what_is_snoozed_has_an_end(self) -> "SetState":
        if self.until is not None and self.state != "snoozed":
            raise ValueError("until goes with snoozed alone")
        return self


class ChangeLabels(ConversationWish):
    """Labels to put on and to take off; the others stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"add": ["vip"]}]})

    add: Labels = Field(default_factory=list)
    remove: Labels = Field(default_factory=list)

    @model_validator(mode="after")
    def says_one_thing_of_a_label(self) -> "ChangeLabels":
        if set(self.add) & set(self.remove):
            raise ValueError("a label can't be added and removed at once")
        return self


class MarkUnread(ConversationWish):
    """Nothing has to be said but that."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class Assigned(TypedDict):
    """Whose it is now."""

    conversation_id: int
    assignee: str | None
    position: int


class StateSet(TypedDict):
    """What it is now."""

    conversation_id: int
    state: str
    snoozed_until: str | None
    position: int


class LabelsSet(TypedDict):
    """All of its labels now."""

    conversation_id: int
    labels: list[str]
    position: int


class MarkedUnread(TypedDict):
    """That it is unread now; `unread_count` is how many messages nobody has read."""

    conversation_id: int
    unread: bool
    unread_count: int
    position: int


IS_USER: LiteralString = """
select exists (select from ops.users u where u.name = %(name)s and u.removed_at is null)
"""


class HandlingCommands:
    """Each records what changes, and nothing where it is so already."""

    def __init__(self, changing: Changing) -> None:
        self._changing = changing

    async def assign(self, id_: int, wish: Assign, cause: Cause) -> Assigned:
        """Raises InvalidCommand, ConversationNotFound, ConversationMoved and those of the log."""
        name = wish.assignee
        if name == ME:
            kind, _, name = cause.actor.partition(":")
            if kind != "user":
                raise _not_so("/assignee", "no_user", "me is for users, and a key is none")

        async def decide(found: Conversation, conn: Connection) -> Decided:
            if name == found.assignee:
                return Decided(None)
            if name is not None:
                row = await (await conn.execute(IS_USER, {"name": name})).fetchone()
                if row != (True,):
                    raise _not_so("/assignee", "no_user", "there is no user of this name")
            assigned = ConversationAssigned(
                conversation_id=found.id, streams=list(found.streams), assignee=name
            )
            return Decided(assigned, cause.dedupe("assigned", found.id, name, found.said_id))

        found, changed = await self._changing(id_, decide, cause)
        return {"conversation_id": found.id, "assignee": name, "position": changed.head}

    async def set_state(self, id_: int, wish: SetState, cause: Cause) -> StateSet:
        """Raises InvalidCommand, ConversationNotFound, ConversationMoved and those of the log."""
        now = datetime.now(UTC)
        if wish.until is not None and wish.until <= now:
            raise _not_so("/until", "past", "has to be a time to come")
        until = None if wish.until is None else rfc3339(wish.until)

        async def decide(found: Conversation, conn: Connection) -> Decided:
            was_until = found.snoozed_until if found.state == "snoozed" else None
            is_over = was_until is not None and was_until <= now
            was = ("open", None) if is_over else (found.state, was_until and rfc3339(was_until))
            if was == (wish.state, until):
                return Decided(None)
            changed = ConversationStateChanged(
                conversation_id=found.id,
                streams=list(found.streams),
                state=wish.state,
                until=until,
            )
            # A message that opened it is a reason to be done with it once more.
            facts = (found.id, wish.state, until, found.said_id, found.state)
            return Decided(changed, cause.dedupe("state", *facts))

        found, changed = await self._changing(id_, decide, cause)
        return {
            "conversation_id": found.id,
            "state": wish.state,
            "snoozed_until": until,
            "position": changed.head,
        }

    async def label(self, id_: int, wish: ChangeLabels, cause: Cause) -> LabelsSet:
        """Raises InvalidCommand, ConversationNotFound, ConversationMoved and those of the log."""

        async def decide(found: Conversation, conn: Connection) -> Decided:
            added = sorted(set(wish.add) - set(found.labels))
            removed = sorted(set(wish.remove) & set(found.labels))
            if not added and not removed:
                return Decided(None)
            if len(_labels(found, wish)) > LABELS_MAX:
                raise _not_so("/add", "too_long", f"it would have over {LABELS_MAX} labels")
            changed = LabelsChanged(
                conversation_id=found.id, streams=list(found.streams), added=added, removed=removed
            )
            return Decided(changed, cause.dedupe("labels", found.id, added, removed, found.said_id))

        found, changed = await self._changing(id_, decide, cause)
        return {
            "conversation_id": found.id,
            "labels": _labels(found, wish),
            "position": changed.head,
        }

    async def mark_unread(self, id_: int, wish: MarkUnread, cause: Cause) -> MarkedUnread:
        """Raises ConversationNotFound, ConversationMoved and the errors of the log."""

        async def decide(found: Conversation, conn: Connection) -> Decided:
            if found.unread:
                return Decided(None)
            marked = ConversationMarkedUnread(conversation_id=found.id, streams=list(found.streams))
            return Decided(marked, cause.dedupe("unread", found.id, found.said_id))

        found, changed = await self._changing(id_, decide, cause)
        return {
            "conversation_id": found.id,
            "unread": True,
            "unread_count": found.unread_count,
            "position": changed.head,
        }


def _labels(found: Conversation, wish: ChangeLabels) -> list[str]:
    return sorted(set(found.labels) - set(wish.remove) | set(wish.add))


def _not_so(pointer: str, code: str, message: str) -> InvalidCommand:
    return InvalidCommand([{"pointer": pointer, "code": code, "message": message}])
