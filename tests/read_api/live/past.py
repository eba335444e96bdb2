"""A past without a database: events, and how far the views have come with them."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from psycopg.rows import DictRow
from typing_extensions import override

from read_api.errors import StoreUnavailable
from read_api.live.changes import Change, Changes, Current, FactRows, Reached
from read_api.live.kinds import STREAM_KINDS, event_types
from read_api.reading import AS_IT_IS, Freshness

NUMBER = "106540352242922"


class Past(Changes):
    """Events of one conversation or another; both views have them all unless told otherwise."""

    def __init__(self) -> None:
        self._facts_of: list[DictRow] = []
        self.inbox: int | None = None
        self.files: int | None = None
        self.building: tuple[tuple[str, int, int], ...] = ()
        self.away = False
        self.reads = 0

    def add(self, kind: str = "MessageReceived", conversation: int = 1, **more: object) -> int:
        """An event; its position."""
        position = len(self._facts_of) + 1
        self._facts_of.append(
            {
                "position": position,
                "type": kind,
                "stream": f"{NUMBER}/p:{conversation}",
                "occurred_at": datetime(2026, 11, 22, tzinfo=UTC),
                "recorded_at": datetime(2026, 11, 22, tzinfo=UTC),
                "phone_number_id": NUMBER,
                "message_id": f"wamid.{position}",
                "conversation_id": conversation,
                "direction": None,
                "status": None,
                "media_id": None,
                "reason": None,
                "final": None,
                **more,
            }
        )
        return position

    @override
    async def reached(self, freshness: Freshness = AS_IT_IS) -> Reached:
        if self.away:
            raise StoreUnavailable("away")
        head = len(self._facts_of)
        inbox = head if self.inbox is None else self.inbox
        files = inbox if self.files is None else self.files
        return Reached(inbox, min(files, inbox), self.building)

    @override
    async def facts(
        self,
        after: int,
        to: int,
        limit: int,
        kinds: Collection[str] = STREAM_KINDS,
        numbers: Collection[str] | None = None,
    ) -> FactRows:
        self.reads += 1
        types = event_types(kinds)
        wanted: Callable[[DictRow], bool] = lambda fact: (  # noqa: E731 (a name for the filter)
            fact["type"] in types and (numbers is None or fact["phone_number_id"] in numbers)
        )
        return [fact for fact in self._facts_of[after:to] if wanted(fact)][:limit]

    @override
    async def placed(
        self, facts: FactRows, min_position: int, asked: Collection[int] = ()
    ) -> tuple[list[Change], dict[int, Current], int]:
        changes = [
            Change(
                fact,
                {
                    "id": fact["position"],
                    "conversation_id": fact["conversation_id"],
                    "other_conversation_id": None,
                    "unread_count": 1,
                },
            )
            for fact in facts
        ]
        return changes, {id_: Current(id_, NUMBER) for id_ in asked}, min_position
