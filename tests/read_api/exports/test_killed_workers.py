"""Workers that die or are too late: an export is made once, and its file is whole or not there."""

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from read_api.errors import StoreUnavailable
from read_api.exports import folder, jobs, making, sources
from tests.projections.rebuilding import a_life
from tests.read_api.exports.conftest import Office
from tests.read_api.exports.dying import WRITING


def kill_a_worker_in_the_middle(office: Office) -> None:
    command = [sys.executable, "-m", "tests.read_api.exports.dying", office.url]
    with subprocess.Popen(
        [*command, str(office.settings.data_dir)], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert WRITING == worker.stdout.readline().strip()
        worker.kill()


@pytest.mark.slow
async def test_a_killed_workers_export_is_made_by_another(office: Office) -> None:
    await asyncio.to_thread(a_life, office.url)
    office.project()
    wanted = (await office.want("messages", "jsonl")).json()
    await asyncio.to_thread(kill_a_worker_in_the_middle, office)
    assert "making" == (await office.get(wanted["id"]))["state"]
    (part,) = office.files()
    early = await office.desk.client.get(f"/api/whatsapp/exports/{wanted['id']}/file")
    await office.work()
    assert "making" == (await office.get(wanted["id"]))["state"], "its lease has not ended"

    office.execute("update ops.exports set next_at = now()")
    os.utime(part, (0, time.time() - folder.LEFTOVER_S - 1))
    await office.work()
    export = await office.get(wanted["id"])
    file = await office.file(export)

    assert part.name.endswith(folder.PART)
    assert 202 == early.status_code
    assert (export["sha256"], export["rows"]) == (
        hashlib.sha256(file.content).hexdigest(),
        len(file.text.splitlines()),
    )
    assert 1 == len(office.files()), "what the dead one left is cleared away"


async def test_who_is_too_late_throws_its_file_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = (await office.want("messages", "jsonl")).json()
    make = making.make

    async def slowly(*args: Any) -> Any:
        made = await make(*args)
        if not overtaken:
            overtaken.append(made)
            office.execute("update ops.exports set next_at = now()")
            await office.work()
        return made

    overtaken: list[Any] = []
    monkeypatch.setattr("read_api.exports.working.make", slowly)
    await office.work()
    export = await office.get(wanted["id"])

    assert "ready" == export["state"]
    assert [export["sha256"]] == [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in office.files()
    ]


async def test_an_export_that_nobody_wants_any_more_is_left_off(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "RENEW_S", 0.0)
    await asyncio.to_thread(a_life, office.url)
    office.project()
    await office.want("messages")
    pages = sources.Lists.pages

    async def forgotten(self: Any, kind: str, filters: Any) -> AsyncIterator[Any]:
        async for page in pages(self, kind, filters):
            office.execute("delete from ops.exports")
            yield page

    monkeypatch.setattr(sources.Lists, "pages", forgotten)
    await office.work()

    assert [] == office.files()


async def test_what_fails_for_a_while_is_tried_again_and_at_last_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = (await office.want("messages")).json()

    def away(self: Any, kind: str, filters: Any) -> AsyncIterator[Any]:
        raise StoreUnavailable("the database refuses work")

    monkeypatch.setattr(sources.Lists, "pages", away)
    states = []
    for _ in range(jobs.ATTEMPTS_MAX):
        office.execute("update ops.exports set next_at = now()")
        await office.work()
        states.append((await office.get(wanted["id"]))["state"])
    export = await office.get(wanted["id"])

    assert ["queued"] * (jobs.ATTEMPTS_MAX - 1) + ["failed"] == states
    assert "the database refuses work" == export["reason"]
    assert [] == office.files()


async def test_a_worker_that_ends_gives_its_export_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = (await office.want("messages")).json()
    begun = asyncio.Event()

    async def endless(self: Any, kind: str, filters: Any) -> AsyncIterator[Any]:
        begun.set()
        await asyncio.Event().wait()
        yield []

    with monkeypatch.context() as patched:
        patched.setattr(sources.Lists, "pages", endless)
        work = office.worker()
        async with await work.connect() as conn:
            working = asyncio.create_task(work.do_due(conn))
            await begun.wait()
            work.stop()
            await working
    given_back = await office.get(wanted["id"])
    await office.work()

    assert "queued" == given_back["state"]
    assert "ready" == (await office.get(wanted["id"]))["state"]
