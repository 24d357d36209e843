"""Where the bars stand: against plain arithmetic, in both directions."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.channels.pages.charts import FULL, displayed, draw, percentage, ticks_for
from tahseel.channels.pages.values import Chart, Series


def hundredths(text: str) -> int:
    whole, part = text.removesuffix("%").split(".")
    return int(whole) * 100 + int(part)


def chart(*values: int | None, kind: str = "bar", measure: str = "number") -> Chart:
    labels = tuple(str(n) for n in range(len(values)))
    one = Series("one", tuple(values))
    return Chart(title="t", labels=labels, series=(one,), measure=measure, kind=kind)  # type: ignore[arg-type]


@given(st.integers(min_value=0, max_value=10**15), st.sampled_from([1, 1000]))
def test_the_axis_begins_at_nothing_ends_past_the_highest_and_has_round_steps(
    highest: int, unit: int
) -> None:
    ticks = ticks_for(highest, unit)

    assert ticks[0] == 0
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= 6
    assert len({b - a for a, b in pairwise(ticks)}) == 1
    if highest:
        assert str(ticks[1]).rstrip("0") in {"1", "2", "5"}


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 10**9)), min_size=1, max_size=60),
    st.booleans(),
)
def test_a_bar_is_as_high_as_its_value_and_no_data_has_no_bar(
    values: list[int | None], mirrored: bool
) -> None:
    picture = draw(chart(*values), mirrored=mirrored)

    for slot, value in zip(picture.slots, values, strict=True):
        if value is None:
            assert slot.bars == ()
            continue
        bar = slot.bars[0]
        exact = Fraction(value * FULL, picture.ticks[-1])
        assert abs(hundredths(bar.height) - exact) <= Fraction(1, 2)
        assert hundredths(bar.y) + hundredths(bar.height) == FULL
        assert hundredths(bar.x) >= hundredths(slot.x)
        assert hundredths(bar.x) + hundredths(bar.width) <= FULL


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40))
def test_the_mirrored_chart_is_the_chart_in_a_mirror(values: list[int]) -> None:
    plain = draw(chart(*values), mirrored=False)
    mirrored = draw(chart(*values), mirrored=True)

    for left, right in zip(plain.slots, mirrored.slots, strict=True):
        a, b = left.bars[0], right.bars[0]
        end = hundredths(b.x) + hundredths(b.width)
        assert abs(FULL - end - hundredths(a.x)) <= 2
        assert a.height == b.height


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    picture = draw(chart(5, None, 10, 10, kind="line"), mirrored=False)

    assert picture.lines[0].path == "M1250 5000 M6250 0 L8750 0"
    assert [len(slot.dots) for slot in picture.slots] == [1, 0, 1, 1]


def test_water_is_drawn_in_imperial_gallons() -> None:
    picture = draw(chart(4_546_090, measure="volume"), mirrored=False)

    assert displayed(4_546_090, "volume") == 1_000_000
    assert picture.ticks[-1] == 1_000_000
    assert picture.slots[0].bars[0].height == "100.00%"


def test_percentages_are_written_without_a_float() -> None:
    assert [percentage(n) for n in (0, 5, 1234, 10_000)] == ["0.00%", "0.05%", "12.34%", "100.00%"]


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ((), "1 to 3"),
        ((Series("a", (1,)),), "as long as"),
        ((Series("a", (1, -1)),), "negative"),
    ],
)
def test_a_chart_that_would_mislead_is_refused(series: tuple[Series, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Chart(title="t", labels=("a", "b"), series=series)
