"""The stream without a database: who hears what, in which order, and what becomes of the slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, SimpleUser
from starlette.routing import Route

from read_api.live import hub as hubs
from read_api.live import stream as streams
from read_api.live.endpoints import get_stream
from read_api.live.hub import Hub
from tests.read_api.live.listening import Listener
from tests.read_api.live.past import Past
from wharf.problems import exception_handlers


class Caller(SimpleUser):
    """Somebody who is let in as long as the test wants it."""

    def __init__(self) -> None:
        super().__init__("key:1")
        self.allowed = True

    async def still_good(self) -> bool:
        return self.allowed


class Stage:
    """A hub over a past, and the application in front of it."""

    def __init__(self, past: Past, hub: Hub) -> None:
        self.past, self.hub = past, hub
        self.caller = Caller()
        self._app = Starlette(
            routes=[Route("/api/whatsapp/stream/", partial(get_stream, hub))],
            exception_handlers=exception_handlers(),
        )

    def listen(self, query: str = "", last_id: int | None = None, **scope: Any) -> Listener:
        headers = [] if last_id is None else [("Last-Event-ID", str(last_id))]
        listener = Listener(self._app, query, headers)
        listener.scope.update({"user": self.caller, **scope})
        return listener


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    past = Past()
    hub = Hub(past, period_s=0.001)
    yield Stage(past, hub)
    await hub.stop()


def positions(listener: Listener) -> list[int]:
    return [heard.position for heard in listener.heard]


async def test_a_stream_begins_with_what_is_new(stage: Stage) -> None:
    stage.past.add()
    async with stage.listen() as listener:
        stage.past.add("StatusChanged", status="read")
        (heard,) = await listener.hears(1)

    assert (200, "text/event-stream; charset=utf-8", "no-store", "no") == (
        listener.status,
        listener.headers["content-type"],
        listener.headers["cache-control"],
        listener.headers["x-accel-buffering"],
    )
    assert listener.body.startswith(b"retry: 2000\nid: 1\n\n")
    assert ("message.status", 2, 2) == (heard.event, heard.position, heard.id)
    assert "read" == heard.data["status"]


async def test_what_was_missed_comes_first(stage: Stage) -> None:
    for _ in range(3_000):
        stage.past.add()
    async with stage.listen(last_id=500) as listener:
        await listener.hears(2_500)
        stage.past.add()
        await listener.hears(2_501)

    assert list(range(501, 3_002)) == positions(listener)
    assert listener.last_id == 3_001


async def test_the_last_id_beats_after(stage: Stage) -> None:
    for _ in range(10):
        stage.past.add()
    async with stage.listen("after=3", last_id=8) as listener:
        await listener.hears(2)

    assert [9, 10] == positions(listener)


async def test_who_is_far_behind_is_told_to_load_everything_again(stage: Stage) -> None:
    for _ in range(6_000):
        stage.past.add()
    async with stage.listen(last_id=999) as listener:
        await listener.hears(1)
        stage.past.add()
        resync, after = await listener.hears(2)

    assert ("resync", {"position": 6_000}, 6_000) == resync
    assert 6_001 == after.position


async def test_who_is_ahead_of_the_tables_is_told_to_load_everything_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the database is an older copy of the one that it heard of."""
    monkeypatch.setattr(streams, "REACH_S", 0.01)
    stage.past.add()
    async with stage.listen(last_id=77) as listener:
        (resync,) = await listener.hears(1)

    assert ("resync", {"position": 1}, 1) == resync


async def test_after_a_jump_of_the_tables_everybody_loads_again(stage: Stage) -> None:
    stage.past.add()
    async with stage.listen() as listener:
        for _ in range(5_001):
            stage.past.add()
        await listener.hears(1)
        stage.past.add()
        resync, after = await listener.hears(2)

    assert ("resync", {"position": 5_002}, 5_002) == resync
    assert 5_003 == after.position


async def test_nothing_is_sent_before_the_tables_have_it(stage: Stage) -> None:
    stage.past.inbox = 0
    async with stage.listen() as listener:
        stage.past.add()
        stage.past.add()
        stage.past.inbox = 1
        await listener.hears(1)
        assert [1] == positions(listener)
        stage.past.inbox = 2
        await listener.hears(2)

    assert [1, 2] == positions(listener)


async def test_a_file_waits_for_its_own_view_and_holds_nothing_up(stage: Stage) -> None:
    stage.past.add()
    async with stage.listen() as listener:
        stage.past.files = 1
        stage.past.add()
        stage.past.add("MediaStored", media_id="9")
        stage.past.add()
        first = list(await listener.hears(2))
        stage.past.files = 4
        (_, _, late) = await listener.hears(3)
        stage.past.files = None
        stage.past.add()
        (*_, last) = await listener.hears(4)

    assert [(2, 2), (4, 2)] == [(heard.position, heard.id) for heard in first], "4 has no id yet"
    assert ("media.state", 3, 4, "stored") == (
        late.event,
        late.position,
        late.id,
        late.data["state"],
    )
    assert (5, 5) == (last.position, last.id)


async def test_who_resumes_while_a_file_waits_misses_nothing(stage: Stage) -> None:
    stage.past.files = 1
    for kind in ("MessageReceived", "MessageReceived", "MediaStored", "MessageReceived"):
        stage.past.add(kind)
    async with stage.listen() as anybody, stage.listen(last_id=1) as listener:
        await listener.hears(2)
        assert 2 == listener.last_id
        stage.past.files = None
        await listener.hears(3)
        await anybody.hears(1)

    assert [2, 4, 3] == positions(listener)
    assert 4 == listener.last_id
    assert [3] == positions(anybody)


async def test_whoever_comes_from_a_list_hears_of_files_that_the_list_may_have_missed(
    stage: Stage,
) -> None:
    for kind in ("MessageReceived", "MediaStored", "MessageReceived"):
        stage.past.add(kind)
    async with stage.listen("after=3") as listener:
        await listener.hears(1)

    assert [2] == positions(listener)


async def test_a_view_of_files_that_is_far_behind_ends_in_a_resync(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "BEHIND_MAX", 500)
    stage.past.add()
    stage.past.files = 1
    async with stage.listen() as listener:
        stage.past.add("MediaStored")
        for each in range(1, 601):
            stage.past.add("StatusChanged", status="read")
            if each % 100 == 0:
                await listener.hears(each)
        assert 1 == listener.last_id, "the file was not told of"
        stage.past.files = None
        *_, resync = await listener.hears(601)

    assert ("resync", 602) == (resync.event, resync.id)


async def test_streams_share_each_look_at_the_log(stage: Stage) -> None:
    async with (
        stage.listen() as one,
        stage.listen() as two,
        stage.listen("types=read.marked") as three,
    ):
        stage.past.reads = 0
        stage.past.add("ConversationRead")
        await asyncio.gather(one.hears(1), two.hears(1), three.hears(1))

    assert 1 == stage.past.reads


async def test_nobody_looks_while_nobody_listens(stage: Stage) -> None:
    async with stage.listen() as listener:
        stage.past.add()
        await listener.hears(1)
    assert stage.hub._looking is not None
    await stage.hub._looking
    stage.past.add()

    async with stage.listen() as again:
        stage.past.add()
        await again.hears(1)

    assert [3] == positions(again)


async def test_a_stream_tells_only_what_it_was_asked_for(stage: Stage) -> None:
    async with stage.listen("types=message.sent,read.marked&conversation=2") as listener:
        stage.past.add("MessageReceived", 2)
        stage.past.add("MessageSent", 1)
        stage.past.add("MessageSent", 2)
        stage.past.add("ConversationRead", 2)
        stage.past.add("MessageImported", 2, direction="outgoing")
        stage.past.add("MessageImported", 2, direction="incoming")
        stage.past.add("MessageSent", 2)
        await listener.hears(4)

    assert [3, 4, 5, 7] == positions(listener)


async def test_a_key_for_some_numbers_hears_of_no_others(stage: Stage) -> None:
    class Few(AuthCredentials):
        numbers = frozenset({"7001"})

    for number in ("7001", "7002"):
        stage.past.add(phone_number_id=number)
    async with stage.listen(last_id=0, auth=Few(["stream:read"])) as listener:
        await listener.hears(1)
        for number in ("7002", "7001"):
            stage.past.add(phone_number_id=number)
        await listener.hears(2)

    assert [1, 4] == positions(listener)


async def test_a_conversation_of_another_number_is_not_found(stage: Stage) -> None:
    class Few(AuthCredentials):
        numbers = frozenset({"7001"})

    async with stage.listen("conversation=1", auth=Few([])) as refused:
        await refused.end()

    assert 404 == refused.status
    assert not stage.hub.seats


async def test_the_wamid_is_for_those_who_may_know_the_phone_number_in_it(stage: Stage) -> None:
    knowing = AuthCredentials(["pii:read"])
    async with stage.listen() as masked, stage.listen(auth=knowing) as whole:
        stage.past.add()
        ((shown,), (known,)) = await asyncio.gather(masked.hears(1), whole.hears(1))

    assert (None, "wamid.1") == (shown.data["message_id"], known.data["message_id"])


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("types=message.eaten", None),
        ("after=-1", None),
        ("conversation=ana", None),
        ("limit=5", None),
        ("", "seven"),
    ],
)
async def test_what_is_not_understood_is_refused(
    stage: Stage, query: str, headers: str | None
) -> None:
    listener = stage.listen(query)
    if headers:
        listener.scope["headers"].append((b"last-event-id", headers.encode()))
    async with listener:
        await listener.end()

    assert 400 == listener.status
    assert not stage.hub.seats


async def test_the_slow_are_closed_and_resume_where_they_were(stage: Stage) -> None:
    async with stage.listen() as quick, stage.listen() as slow:
        stage.past.add()
        await slow.hears(1)
        slow.stop_taking()
        for number in range(2, hubs.BATCHES_MAX + 4):
            stage.past.add()
            await quick.hears(number)
        assert 1 == len(stage.hub.seats), "its seat is free at once"
        slow.take_again()
        await slow.end()

        async with stage.listen(last_id=slow.last_id) as again:
            await again.until(lambda self: positions(slow) + positions(self) == positions(quick))


async def test_what_is_kept_for_the_slow_is_bounded(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "BEHIND_MAX", 500)
    monkeypatch.setattr(hubs, "STEP", 100)
    async with stage.listen() as quick, stage.listen() as slow:
        stage.past.add()
        await slow.hears(1)
        slow.stop_taking()
        for number in range(91, 1_100, 90):
            for _ in range(90):
                stage.past.add()
            await quick.hears(number)
        kept = sum(len(batch.told) for batch in stage.hub._batches)
        slow.take_again()
        await slow.end()

    assert 500 <= kept <= 600


@pytest.mark.slow
async def test_the_stream_too_many_is_told_to_come_again(stage: Stage) -> None:
    async with AsyncExitStack() as many:
        async with stage.listen():
            listeners = [
                await many.enter_async_context(stage.listen()) for _ in range(hubs.STREAMS_MAX - 1)
            ]
            async with stage.listen() as refused:
                await refused.end()
        async with stage.listen() as taken:
            stage.past.add()
            await asyncio.gather(*[listener.hears(1) for listener in [*listeners, taken]])

    assert (503, "5") == (refused.status, refused.headers["retry-after"])
    assert b"too-many-streams" in refused.body
    assert not stage.hub.seats


async def test_whoever_may_listen_no_more_is_cut_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHECK_S", 0.001)
    async with stage.listen() as listener:
        stage.caller.allowed = False
        await listener.end()

    assert [] == listener.heard


async def test_everybody_hears_good_bye_when_the_process_ends(stage: Stage) -> None:
    async with stage.listen() as one, stage.listen(last_id=0) as two:
        stage.hub.close()
        await asyncio.gather(one.end(), two.end())
        async with stage.listen() as late:
            await late.end()

    assert ["bye"] == [heard.event for heard in one.heard] == [heard.event for heard in two.heard]
    assert 503 == late.status


async def test_silence_is_kept_alive_and_moves_the_id_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "KEEP_ALIVE_S", 0.001)
    async with stage.listen("types=read.marked") as listener:
        stage.past.add()
        await listener.until(lambda self: self.last_id == 1)

    assert b": keep-alive\nid: 1\n\n" in listener.body
    assert [] == listener.heard


async def test_an_outage_is_noted_and_nothing_is_missed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "BROKEN_S", 0.001)
    async with stage.listen() as listener:
        stage.past.away = True
        await listener.hears(1)
        stage.past.add()
        stage.past.away = False
        away, told, back = await listener.hears(3)

    assert ("system.notice", {"notice": "reads-unavailable"}) == away[:2]
    assert 1 == told.position
    assert ("system.notice", {"notice": "reads-available"}) == back[:2]


async def test_who_asks_for_it_hears_how_far_a_new_version_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "PROGRESS_S", 0.0)
    async with stage.listen() as other, stage.listen("types=projection.progress") as listener:
        stage.past.building = (("inbox", 2, 700),)
        await listener.hears(1)
        stage.past.building = ()
        under_way, over = await listener.hears(2)

    building = [{"view": "inbox", "version": 2, "position": 700}]
    assert ("projection.progress", {"building": building, "position": 0}) == under_way[:2]
    assert {"building": [], "position": 0} == over.data
    assert [] == other.heard


async def test_without_a_database_a_stream_is_refused(stage: Stage) -> None:
    stage.past.away = True
    async with stage.listen() as refused:
        await refused.end()

    assert 503 == refused.status
    assert not stage.hub.seats


async def test_asking_for_the_head_alone_takes_no_seat(stage: Stage) -> None:
    listener = stage.listen()
    listener.scope["method"] = "HEAD"
    async with listener:
        await listener.end()

    assert (200, b"") == (listener.status, listener.body)
    assert not stage.hub.seats


async def test_whoever_hangs_up_frees_the_seat(stage: Stage) -> None:
    async with stage.listen("conversation=1&types=message.sent") as listener:
        await listener.until(lambda self: self.last_id >= 0)

    assert not stage.hub.seats
    assert not stage.hub.asked
