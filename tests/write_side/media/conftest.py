from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.write_side.media.graph import TOKEN, Graph, graph_api
from tests.write_side.media.place import Place
from write_side.media.addresses import Addresses
from write_side.media.fetching import Fetcher, Limits
from write_side.media.store import LocalStore


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with graph_api() as graph:
        yield graph


@pytest.fixture
def files(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "media")


@pytest.fixture
def fetcher(graph: Graph, files: LocalStore) -> Fetcher:
    return Fetcher(Addresses(graph.url, "v24.0"), TOKEN, files, Limits(bytes_max=1_000_000))


@pytest.fixture
async def place(database: str, graph: Graph, fetcher: Fetcher) -> AsyncIterator[Place]:
    place = Place(database, graph, fetcher)
    yield place
    await place.close()
