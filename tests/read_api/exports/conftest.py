"""An installation that exports, whose worker works when it is told to."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from events.database import connect
from read_api.exports.working import ExportWork
from tests.read_api.live.conftest import House
from tests.wharf.ledger.desk import Desk
from tests.write_side.posting import Store, client_for
from wharf.exports import export_work
from wharf.keys import create_key
from wharf.settings import Settings

PATH = "/api/whatsapp/exports/"


class Office(House):
    """A house with a worker for exports."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        super().__init__(desk)
        self.settings = settings
        self.folder = settings.data_dir / "exports"

    def worker(self) -> ExportWork:
        return export_work(self.url, self.settings)

    async def work(self) -> None:
        work = self.worker()
        async with await work.connect() as conn:
            await work.plan(conn)
            await work.do_due(conn)

    async def want(self, kind: str, form: str = "csv", **more: Any) -> httpx.Response:
        return await self.desk.client.post(PATH, json={"kind": kind, "format": form, **more})

    async def made(self, kind: str, form: str = "csv", **more: Any) -> dict[str, Any]:
        """The export, ready."""
        wanted = await self.want(kind, form, **more)
        assert 202 == wanted.status_code, wanted.text
        await self.work()
        return await self.get(wanted.json()["id"])

    async def get(self, id_: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.desk.ask(f"exports/{id_}/")
        return found

    async def file(self, export: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.desk.client.get(export["file_url"], headers=headers)

    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.exists() else []

    def execute(self, statement: str) -> None:
        self.desk.store.execute(statement)


def table(text: str) -> list[dict[str, str]]:
    """The rows of CSV with a head."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture
async def office(database: str, tmp_path: Path) -> AsyncIterator[Office]:
    settings = Settings(data_dir=tmp_path)
    with connect(database, "wharf_owner") as conn:
        key = create_key(conn, "operator", ["all"])
    async with client_for(database, settings=settings) as client:
        client.headers["X-Api-Key"] = key.token
        office = Office(Desk(Store(database), client), settings)
        try:
            yield office
        finally:
            office.close()
