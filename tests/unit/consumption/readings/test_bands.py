"""Time-of-use bands and the shapes of intervals, against a plain walk over every interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings import bands, profiles, shapes
from tahseel.consumption.readings.blocks import DAY_S, Series
from tahseel.consumption.readings.filling import completed
from tahseel.consumption.readings.judging import Estimation
from tahseel.countries.kuwait import country
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

POLICY = Estimation(linear_s=0, share_max_percent=0)
MADE = (7, 7_200, 50)
LENGTHS = (900, 1_800, 3_600, 7_200, 21_600, 86_400)
HOURS = st.lists(st.integers(0, 3), min_size=24, max_size=24).map(lambda h: np.array(h, np.int8))
TWO = """
[[set]]
code = "old"
service = "electricity"
from = 2020-01-01
source = "a law"
confidence = "H"
[[set.band]]
code = "rest"
name_ar = "س"
name_en = "Rest"
[[set.band]]
code = "peak"
name_ar = "ذ"
name_en = "Peak"
hours = [[11, 17], [20, 22]]
months = [6, 7]
[[set]]
code = "new"
service = "electricity"
from = 2026-06-01
source = "a later law"
confidence = "H"
[[set.band]]
code = "rest"
name_ar = "س"
name_en = "Rest"
"""


def test_the_country_s_own_bands_load_and_say_where_they_come_from() -> None:
    found = bands.load_bands(country.content("bands"))

    assert [one.service for one in found] == [Service.ELECTRICITY]
    assert all(one.source and band.name_ar for one in found for band in one.bands)


def test_a_set_holds_from_its_month_on_and_a_band_in_its_season_only() -> None:
    bands.install_bands(bands.load_bands(TWO.encode()))
    try:
        may, june = BillingMonth(2025, 5), BillingMonth(2025, 6)
        old = bands.in_force(june)[Service.ELECTRICITY]

        assert bands.in_force(BillingMonth(2019, 12)) == {}
        assert (old.code, bands.in_force(BillingMonth(2026, 6))[Service.ELECTRICITY].code) == (
            "old", "new",
        )  # fmt: skip
        assert np.flatnonzero(old.of_hours(june)).tolist() == [11, 12, 13, 14, 15, 16, 20, 21]
        assert not old.of_hours(may).any()
    finally:
        bands.install_bands(bands.load_bands(country.content("bands")))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("from = 2020-01-01", "from = 2020-01-02"),
        ("hours = [[11, 17], [20, 22]]", "hours = [[11, 25]]"),
        ('source = "a law"', 'source = ""'),
        ('code = "peak"', 'code = "rest"'),
        ('code = "new"', 'code = "old"'),
        ("from = 2026-06-01", "from = 2020-01-01"),
        ("months = [6, 7]", "months = [13]"),
    ],
)
def test_bands_that_are_not_sound_are_not_taken(right: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        bands.load_bands(TWO.replace(right, wrong).encode())


@given(st.sampled_from(LENGTHS), HOURS, st.data())
def test_demand_and_bands_are_those_of_a_walk_over_the_intervals(
    length: int, hours: bands.Int8, data: st.DataObject
) -> None:
    count = 2 * DAY_S // length
    values = data.draw(st.lists(st.integers(0, 9_999), min_size=count, max_size=count))
    used, told = [0] * 4, True
    for n, value in enumerate(values):
        first = n * length % DAY_S // 3_600
        mine = {int(b) for b in hours[first : first + max(1, length // 3_600)]}
        told &= len(mine) == 1
        used[mine.pop()] += value
    highest = max(values) * 3_600 / length
    since = np.arange(count, dtype=np.int64) * length
    size, amounts = np.full(count, length, np.int64), np.array(values, np.int64)

    walked = shapes.Shape.of_intervals(since, size, amounts, hours)
    series = Series("m", "E", "import", "Wh", since, size, amounts, np.zeros(count, np.int64))
    judged = completed(series, 0, 2 * DAY_S, POLICY, hours)

    assert abs(walked.demand - highest) <= 0.5
    assert walked.bands == (tuple(used) if told else None)
    assert judged is not None
    assert judged[2].bands == walked.bands
    assert abs(judged[2].demand - highest) <= 0.5


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=2), st.integers(0, 10**10))
def test_the_bands_of_a_quantity_that_a_dial_decided_add_up_to_it(
    parts: list[int], quantity: int
) -> None:
    old = bands.load_bands(TWO.encode())[0]
    whole = shapes.Shape(500, (*parts, 0, 0))
    measured = shapes.profile(whole, sum(parts), old, MADE)
    assert measured is not None

    found = shapes.of_quantity(measured, quantity)

    assert dict(measured.bands) == dict(zip(("rest", "peak"), parts, strict=True))
    assert found.demand == 500
    known = sum(used for _, used in found.bands)
    assert known == quantity if sum(parts) or not quantity else found.bands == ()


def test_a_profile_survives_its_column_and_two_parts_become_one() -> None:
    old = bands.load_bands(TWO.encode())[0]
    one = shapes.profile(shapes.Shape(500, (10, 20, 0, 0)), 30, old, MADE)
    other = shapes.profile(shapes.Shape(700, (1, 2, 0, 0)), 3, old, MADE)
    assert one is not None
    assert other is not None

    both = profiles.joined([one, other])

    assert both is not None
    assert profiles.from_list(profiles.as_list(one)) == one
    assert (both.demand, both.bands) == (700, (("rest", 11), ("peak", 22)))
    assert profiles.joined([one, None]) is None
