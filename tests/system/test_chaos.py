"""A seed of the chaos bench. Its verdict does not depend on speed: it waits for what must be."""

import shutil
from itertools import pairwise

import pytest

from bench.chaos.controls import CONTROLS, Control, losses
from bench.chaos.plan import FAULTS, PAIRS, plan
from bench.chaos.run import run

REAL = [
    pytest.mark.deep,
    pytest.mark.service,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server is installed"),
]
SEED = 7
SEVERAL = 8


@pytest.mark.parametrize(
    "control",
    [pytest.param(control, marks=REAL, id=control.name) for control in CONTROLS],
)
def test_an_installation_with_a_fault_is_caught_losing(control: Control) -> None:
    assert losses(control) > 0


@pytest.mark.parametrize("seed", [pytest.param(SEED, marks=REAL)])
def test_nothing_is_lost_doubled_or_different_when_everything_fails(seed: int) -> None:
    found = run(seed, plan(seed, SEVERAL))

    assert found.acknowledged > 0
    assert found.faultless, found


def test_a_plan_is_drawn_from_its_seed_alone() -> None:
    assert plan(3, 12) == plan(3, 12) != plan(4, 12)


def test_over_thirty_seeds_every_fault_comes_and_each_pair_overlaps() -> None:
    plans = [plan(seed, 12) for seed in range(1, 31)]
    drawn = {fault.what for planned in plans for fault in planned}
    pairs = {
        (first.what, second.what)
        for planned in plans
        for first, second in pairwise(planned)
        if second.at_s < first.at_s + first.for_s
    }

    assert set(FAULTS) == drawn
    assert set(PAIRS) <= pairs
