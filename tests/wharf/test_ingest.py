"""What comes in, for who looks after it."""

import httpx
import pytest

from tests.projections.log import as_superuser
from tests.wharf.ledger.desk import desk_at
from tests.write_side.posting import Store, delivery, post
from wharf.ingest import Commits, quantile_ms


async def test_figures_of_what_came_and_an_alarm_before_anything_did(database: str) -> None:
    async with desk_at(Store(database), ["events:read"]) as desk:

        async def ask() -> httpx.Response:
            return await desk.client.get("/api/admin/ingest/")

        before = (await ask()).json()
        await desk.got(delivery(), delivery())
        await post(desk.client, delivery(), "another secret")
        after = (await ask()).json()
        with as_superuser(database) as conn:
            conn.execute("alter table log.deliveries disable trigger deliveries_are_append_only")
            conn.execute("update log.deliveries set received_at = now() - interval '61 min'")
        silent = (await ask()).json()

    assert (True, None, 0) == (before["alarm"], before["last_verified_at"], before["last_hour"])
    assert (False, 2, 2) == (after["alarm"], after["last_minute"], after["last_hour"])
    assert {"stored": 2, "duplicate": 0, "ignored": 0, "quarantined": 0} == after["deliveries"]
    here = after["this_process"]
    assert {"200": 2, "401": 1} == here["answers"]
    assert 0 < here["commit_ms_p50"] <= here["commit_ms_p99"]
    assert (True, 0) == (silent["alarm"], silent["last_hour"])
    assert 3_600 < silent["silent_seconds"] < 4_000


@pytest.mark.parametrize(
    ("commits", "share", "expected"),
    [
        ([], 0.5, None),
        ([(0.004, 1)], 0.99, 4.0),
        # Ninety-nine deliveries waited for the slow one.
        ([(0.001, 1), (0.5, 99)], 0.5, 500.0),
        ([(0.001, 99), (0.5, 1)], 0.5, 1.0),
        ([(0.001, 99), (0.5, 1)], 1.0, 500.0),
    ],
)
def test_a_quantile_is_of_deliveries_not_of_commits(
    commits: list[tuple[float, int]], share: float, expected: float | None
) -> None:
    assert expected == quantile_ms(commits, share)


def test_only_the_latest_commits_count() -> None:
    commits = Commits()
    for _ in range(3_000):
        commits.committed(1, 1.0)
    for _ in range(2_000):
        commits.committed(1, 0.01)

    assert 10.0 == commits.quantile_ms(1.0)
