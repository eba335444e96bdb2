"""From a message to a file: jobs, attempts, and the events that say what became of it."""

import asyncio
import logging
from hashlib import sha256

import pytest
from typing_extensions import override

from tests.projections.log import NUMBER
from tests.write_side.media.graph import (
    LOOKUP,
    MEDIA_ID,
    PICTURE,
    Graph,
    cut_off,
    graph_api,
    reply,
    silent,
)
from tests.write_side.media.place import Place, picture
from tests.write_side.posting import eventually
from write_side.media import jobs
from write_side.media.downloading import Fetch
from write_side.media.failures import MediaProblem
from write_side.media.fetching import Fetched, Fetcher, Wanted
from write_side.media.retrying import request
from write_side.media.store import LocalStore

DIGEST = sha256(PICTURE).hexdigest()


def files_in(files: LocalStore) -> list[str]:
    return [path.name for path in files.folder.rglob("*") if path.is_file()]


async def test_a_file_comes_home_and_the_log_says_so(
    place: Place, graph: Graph, files: LocalStore
) -> None:
    graph.serves()
    await place.got(picture())
    assert "pending" == place.row()["state"]

    await place.download()

    ((kind, data),) = place.events()
    expected = {
        "media_id": MEDIA_ID,
        "phone_number_id": NUMBER,
        "message_id": "wamid.1",
        "sha256": DIGEST,
        "size": len(PICTURE),
        "mime_type": "image/jpeg",
        "store": "local",
        "attempts": 1,
    }
    assert ("MediaStored", expected) == (kind, data)
    row = place.row()
    assert ("stored", DIGEST, len(PICTURE)) == (row["state"], row["sha256"], row["size"])
    assert [(True, 1, None)] == place.jobs()
    assert [DIGEST] == files_in(files)
    assert [] == place.verified()


async def test_the_event_stands_in_the_conversation_and_names_its_cause(place: Place) -> None:
    place.graph.serves()
    await place.got(picture())
    await place.download()

    (message, stored) = place.sql("select stream, causation from log.events order by position")
    assert (message[0], 1) == stored


async def test_planning_again_makes_no_second_job_and_asks_nobody(place: Place) -> None:
    place.graph.serves()
    await place.got(picture())
    await place.download()
    seen = len(place.graph.seen)

    for _ in range(2):
        fresh = place.worker(None)
        async with await fresh.connect() as conn:
            assert not await fresh.plan(conn)
        await place.download()

    assert (1, seen) == (len(place.jobs()), len(place.graph.seen))


async def test_two_messages_with_one_media_id_are_one_file(place: Place) -> None:
    place.graph.serves()
    await place.got(picture("wamid.1"), picture("wamid.2"))
    await place.download()

    assert ["MediaStored"] == [kind for kind, _ in place.events()]
    assert "wamid.1" == place.row()["message_id"]


async def test_one_media_id_on_two_numbers_is_two_references_to_one_file(
    place: Place, files: LocalStore
) -> None:
    place.graph.serves()
    await place.got(picture("wamid.1"), picture("wamid.1", number="99"))
    await place.download()

    assert [NUMBER, "99"] == [data["phone_number_id"] for _, data in place.events()]
    assert [DIGEST] == files_in(files)


async def test_a_failure_is_tried_again_later_and_then_works(place: Place) -> None:
    place.graph.serves()
    place.graph.on("/file", cut_off(), reply(200, PICTURE))
    await place.got(picture())

    await place.download()
    row = place.row()
    assert ("pending", "cut-off", 1) == (row["state"], row["reason"], row["attempts"])
    await place.download()
    assert [(False, 1, "cut-off")] == place.jobs()
    place.hurry()
    await place.download()

    assert ["MediaFailed", "MediaStored"] == [kind for kind, _ in place.events()]
    assert "stored" == place.row()["state"]
    assert [] == place.verified()


async def test_waits_grow(place: Place) -> None:
    assert [10.0, 60.0, 86_400.0, 86_400.0] == [jobs.backoff_s(n) for n in (1, 2, 8, 80)]


async def test_what_stays_wrong_is_given_up(place: Place) -> None:
    place.graph.serves()
    place.graph.on("/file", reply(200, PICTURE[:-1] + b"!"))
    await place.got(picture())
    for _ in range(7):
        place.hurry()
        await place.download()

    events = place.events()
    assert [("wrong-hash", n, n == 5) for n in range(1, 6)] == [
        (data["reason"], data["attempts"], data["final"]) for _, data in events
    ]
    assert "failed" == place.row()["state"]
    assert [(True, 5, "wrong-hash")] == place.jobs()


async def test_after_seven_days_it_has_expired(place: Place) -> None:
    place.graph.serves()
    place.graph.on("/file", reply(500))
    await place.got(picture())
    await place.download()
    place.age(days=7)
    place.hurry()

    await place.download()

    assert ["http-500", "expired"] == [data["reason"] for _, data in place.events()]
    assert "expired" == place.row()["state"]


async def test_what_is_seen_late_is_tried_once_and_may_still_come(place: Place) -> None:
    """After a week of standing still, Meta may have it yet."""
    place.graph.serves()
    await place.got(picture())
    place.age(days=8)

    await place.download()

    assert "stored" == place.row()["state"]


async def test_no_wait_goes_beyond_the_last_day(place: Place) -> None:
    place.graph.serves()
    place.graph.on("/file", reply(500))
    await place.got(picture())
    place.sql("update ops.media_jobs set attempts = 9 returning 1")
    place.age(days=6.9)
    await place.download()

    assert [(True,)] == place.sql("select next_at <= expires_at from ops.media_jobs")


async def test_without_a_token_files_stay_pending_until_they_expire(
    database: str, graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place(database, graph, None)
    await place.got(picture())
    await place.download()
    assert [(False, 0, None)] == place.jobs()
    assert ("pending", []) == (place.row()["state"], place.events())

    place.age(days=6.5)
    await place.plan()
    await place.plan()
    assert 1 == [record.message for record in caplog.records].count("media will expire")
    place.age(days=1)
    await place.plan()
    place.catch_up()

    assert [(0, "expired")] == [(data["attempts"], data["reason"]) for _, data in place.events()]
    assert "expired" == place.row()["state"]
    assert [] == graph.seen
    await place.close()


@pytest.mark.parametrize("status", [401, 429])
async def test_what_concerns_all_files_counts_for_none(place: Place, status: int) -> None:
    """Meta is left alone: the second file is not even asked for."""
    place.graph.serves()
    place.graph.on(LOOKUP, reply(status))
    await place.got(picture("wamid.1"), picture("wamid.2", media_id="2"))

    await place.download()
    await place.download()

    assert [LOOKUP] == place.graph.paths
    assert [] == place.events()
    assert {0} == {attempts for _, attempts, _ in place.jobs()}


async def test_a_disk_that_is_full_is_not_the_files_fault(place: Place) -> None:
    class Full(Fetcher):
        def __init__(self) -> None:
            pass

        @override
        async def fetch(self, wanted: Wanted) -> Fetched:
            raise OSError(28, "No space left on device")

    await place.got(picture())
    await place.download(place.worker(Full()))

    assert [(False, 0, "store-failed")] == place.jobs()
    assert [] == place.events()


async def given_up(place: Place) -> None:
    place.graph.serves()
    place.graph.on("/file", reply(200, PICTURE[:-1] + b"!"))
    await place.got(picture())
    for _ in range(5):
        place.hurry()
        await place.download()
    assert "failed" == place.row()["state"]


class Known:
    """The file as a command is told of it."""

    def __init__(self, row: dict[str, object]) -> None:
        self.__dict__.update(row)


@pytest.mark.slow
async def test_asked_anew_it_is_tried_anew(place: Place) -> None:
    await given_up(place)
    place.graph.serves()
    async with await place.work.connect() as conn:
        for _ in range(2):
            await request(conn, [Known(place.row())], "test")  # type: ignore[list-item]
    await place.plan()
    assert "pending" == place.row()["state"]
    assert [(False, 0, None)] == place.jobs()

    await place.download()

    kinds = [kind for kind, _ in place.events()]
    assert [*["MediaFailed"] * 5, "MediaRequested", "MediaStored"] == kinds
    assert "stored" == place.row()["state"]
    assert [] == place.verified()


@pytest.mark.slow
async def test_a_retry_that_fails_can_be_asked_for_again(place: Place) -> None:
    await given_up(place)
    for _ in range(2):
        async with await place.work.connect() as conn:
            assert 1 == await request(conn, [Known(place.row())], "test")  # type: ignore[list-item]
        await place.plan()
        for _ in range(5):
            place.hurry()
            await place.download()
        assert "failed" == place.row()["state"]

    assert 15 == [kind for kind, _ in place.events()].count("MediaFailed")


async def test_a_file_that_is_there_or_on_its_way_is_not_asked_for_anew(place: Place) -> None:
    place.graph.serves()
    await place.got(picture())
    async with await place.work.connect() as conn:
        assert 0 == await request(conn, [Known(place.row())], "test")  # type: ignore[list-item]
        await place.download()
        assert 0 == await request(conn, [Known(place.row())], "test")  # type: ignore[list-item]


@pytest.mark.slow
async def test_many_workers_at_once_download_each_file_once(
    place: Place, fetcher: Fetcher, files: LocalStore
) -> None:
    contents = {str(n): b"file %d" % n for n in range(30)}
    for media_id, content in contents.items():
        url = f"{place.graph.url}/{media_id}"
        place.graph.on(f"/v24.0/{media_id}", place.graph.lookup(content, url=url))
        place.graph.on(f"/{media_id}", reply(200, content))
    await place.got(
        *[picture(f"w{m}", media_id=m, content=content) for m, content in contents.items()]
    )

    await asyncio.gather(*(place.download(place.worker(fetcher)) for _ in range(4)))

    assert {**dict.fromkeys(contents, 1)} == {
        media_id: sum(seen.path == f"/{media_id}" for seen in place.graph.seen)
        for media_id in contents
    }
    assert 30 == len(place.events()) == len(files_in(files))


class Overtaken:
    """While it is at a file, its lease ends and somebody else does the same file."""

    def __init__(self, place: Place, fetcher: Fetcher, problem: MediaProblem | None) -> None:
        self._place, self._fetcher, self._problem = place, fetcher, problem

    def clear_leftovers(self) -> None:
        pass

    async def fetch(self, wanted: Wanted) -> Fetched:
        self._place.hurry()
        await self._place.download(self._place.worker(self._fetcher))
        if self._problem is not None:
            raise self._problem
        return await self._fetcher.fetch(wanted)


async def test_a_lost_lease_doubles_neither_event_nor_file(
    place: Place, fetcher: Fetcher, files: LocalStore
) -> None:
    place.graph.serves()
    await place.got(picture())
    slow: Fetch = Overtaken(place, fetcher, None)

    await place.download(place.worker(slow))

    assert ["MediaStored"] == [kind for kind, _ in place.events()]
    assert [DIGEST] == files_in(files)
    assert [(True, 2, None)] == place.jobs()


async def test_a_worker_that_stops_gives_its_job_back(place: Place) -> None:
    """Whoever comes next need not wait for the end of the lease."""
    place.graph.serves()
    place.graph.on("/file", silent, reply(200, PICTURE))
    await place.got(picture())
    worker = asyncio.create_task(asyncio.to_thread(place.work.download_due))

    async def asked() -> bool:
        return "/file" in place.graph.paths

    await eventually(asked)
    place.work.stop()
    await worker

    assert [(False, 0, "stopped")] == place.jobs()
    place.work.stopping.clear()
    await place.download()
    assert "stored" == place.row()["state"]


async def test_a_database_that_is_away_is_no_end(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    gone = place.worker(None)
    gone._url = "postgresql://127.0.0.1:1/nobody"

    await asyncio.to_thread(gone.download_due)

    assert ["no database for media"] == [record.message for record in caplog.records]


async def test_neither_token_nor_address_stands_in_a_log(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "write_side.media")
    async with graph_api() as other:
        place.graph.serves(url=f"{other.url}/x")
        await place.got(picture(url=f"{other.url}/secret?hash=abc"))
        await place.download()

    written = " ".join(str(vars(record)) for record in caplog.records)
    assert "host" in written
    assert not [each for each in ("secret", "EAAG", "wamid", "5511") if each in written]
