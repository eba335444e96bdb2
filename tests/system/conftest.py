"""Places to run Wharf in; all that was started there is ended."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.ledger import SETTINGS
from tests.system.service import Place, as_url

BROKERS = {"RabbitMQ": "WHARF_TEST_AMQP_URL", "Redis": "WHARF_TEST_REDIS_URL"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """With an embedded PostgreSQL and generated secrets, as after a fresh clone."""
    place = Place(tmp_path)
    yield place
    place.end()


@pytest.fixture
def server_place(tmp_path: Path, database: str) -> Iterator[Place]:
    """With a database server and secrets that were set."""
    place = Place(tmp_path, DATABASE_URL=as_url(database), **SETTINGS)
    yield place
    place.end()


@pytest.fixture(params=BROKERS)
def broker_url(request: pytest.FixtureRequest) -> str:
    name = BROKERS[request.param]
    if name not in os.environ:
        pytest.skip(f"no {request.param}: {name} is not set")
    return os.environ[name]
