"""Which days may be booked, and data that cannot be used."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.appointments import rules
from tahseel.countries.kuwait import country

CONTENT = country.content("appointments").decode()
POLICY = rules.load_policy(CONTENT.encode())


@given(today=st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_only_working_days_from_tomorrow_up_to_the_horizon_may_be_booked(today: date) -> None:
    found = rules.bookable(POLICY, today=today, is_working=lambda day: day.weekday() not in (4, 5))

    every = [today + timedelta(days=n) for n in range(1, 22)]
    assert found == [day for day in every if day.weekday() not in (4, 5)]


def test_an_area_without_a_figure_of_its_own_has_that_of_all_others() -> None:
    text = CONTENT + '\n[[places]]\narea = "A1"\nplaces = 2\nsource = "s"\nconfidence = "GK"\n'

    known = rules.load_policy(text.encode())

    assert (known.places_in("A1"), known.places_in("A2")) == (2, 6)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('area = "*"', 'area = "A1"'),
        ("places = 6", "places = -1"),
        ("first_days = 1", "first_days = 0"),
        ("last_days = 21", "last_days = 0"),
        ("until_hour = 11", "until_hour = 8"),
        ("{account}", "{customer}"),
        ("[booking]", "[booking"),
    ],
)
def test_data_that_cannot_be_used_are_refused(before: str, after: str) -> None:
    with pytest.raises(rules.AppointmentsPolicyWrong):
        rules.load_policy(CONTENT.replace(before, after, 1).encode())
