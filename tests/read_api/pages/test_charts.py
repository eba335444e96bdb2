"""Where in a drawing things are."""

import pytest

from read_api.pages import charts


def test_a_scale_of_counts_ends_at_a_round_number() -> None:
    scale, ticks = charts.counts([3, 87])

    assert 100 == scale.most
    assert [0, 50, 100] == [tick.value for tick in ticks]
    assert (charts.HEIGHT, 0) == (ticks[0].y, ticks[-1].y)


@pytest.mark.parametrize("values", [[], [0], [1], [7], [1_234_567]])
def test_every_count_fits_and_no_scale_is_empty(values: list[int]) -> None:
    scale, ticks = charts.counts(values)

    assert scale.most >= max(values, default=0)
    assert 2 <= len(ticks) <= charts.TICKS + 2


def test_the_parts_of_a_column_stand_upon_each_other() -> None:
    scale, _ = charts.counts([4])
    ((lower, upper),) = charts.columns(scale, [(1, 3)])

    assert lower.y == upper.y + upper.height
    assert charts.HEIGHT == lower.y + lower.height


def test_a_line_is_broken_where_there_is_nothing_and_a_single_point_is_a_dot() -> None:
    scale, _ = charts.times([60, None, 3600])

    assert ["5,180 5,180", "25,0 25,0"] == charts.lines(scale, [60, None, 3600])


@pytest.mark.parametrize("values", [[], [None], [0], [0.4, 3], [10**7], [1, 10**7]])
def test_every_time_is_within_the_plot(values: list[float | None]) -> None:
    scale, ticks = charts.times(values)

    assert ticks
    assert all(0 <= scale.y(value) <= charts.HEIGHT for value in values if value is not None)


def test_a_level_says_how_much_of_the_most_it_is() -> None:
    assert [0, 1, 3, 5] == [charts.level(value, 100, 5) for value in (0, 1, 50, 100)]
