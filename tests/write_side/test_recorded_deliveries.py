"""Recorded deliveries posted one after the other, and again shuffled and repeated."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from bench.samples import events, outcomes, own_numbers, shuffled
from tests.write_side.posting import client_for, post
from tests.write_side.translation.test_samples import SAMPLES, WITHOUT_NUMBER

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "webhooks").glob("*.json"))
# The public ones lie beside the project at times.
COLLECTIONS = {"our own": FIXTURES, **({"public": SAMPLES} if SAMPLES else {})}


async def posted(url: str, bodies: list[bytes]) -> AsyncIterator[int]:
    async with client_for(url) as client:
        for body in bodies:
            yield (await post(client, body)).status_code


@pytest.mark.slow
@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_shuffled_and_repeated_they_make_the_same_events(
    database: str, other_database: str, collection: str
) -> None:
    named = list(own_numbers(COLLECTIONS[collection]))
    clean = [body for _, body in named]
    mixed = shuffled(named, Random(1))

    assert {200} == {status async for status in posted(database, clean)}
    assert {200} == {status async for status in posted(other_database, mixed)}

    assert events(database) == events(other_database)
    assert len(events(database)) >= len(clean) / 2
    if collection == "public":
        table = outcomes(database).values()
        assert len(WITHOUT_NUMBER) == sum(counts["ItemQuarantined"] for counts in table)
