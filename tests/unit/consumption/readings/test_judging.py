"""The interval rules as data: named, sourced, switched by sector, in the meter's own steps."""

from __future__ import annotations

import re

import pytest

from tahseel.consumption.readings import judging
from tahseel.consumption.readings.judging import load_rules
from tahseel.consumption.readings.vee import Rule
from tahseel.countries.kuwait import country
from tahseel.kernel.quantity import Service

CONTENT = country.content("validation").decode()


def test_every_rule_has_names_in_both_languages_and_a_source() -> None:
    book = load_rules(CONTENT.encode())

    more = {*judging.COMPARING, judging.MULTIPLIER}
    assert set(book.rules) == {rule.name.lower() for rule in Rule} | more
    for rule in book.rules.values():
        assert re.search("[؀-ۿ]", rule.name_ar)
        assert rule.name_en.isascii()
        assert rule.source


def test_a_run_is_counted_in_the_intervals_of_the_meter() -> None:
    book = load_rules(CONTENT.encode())

    quarter, hour, day = (
        book.limits(Service.ELECTRICITY, "private", length) for length in (900, 3600, 86_400)
    )

    assert (quarter.stuck_slots, hour.stuck_slots, day.stuck_slots) == (24, 6, 2)
    assert (quarter.zero_slots, hour.linear_slots, day.linear_slots) == (192, 2, 0)


def test_a_sector_switches_off_only_its_own_rules() -> None:
    book = load_rules(CONTENT.encode())

    private = book.limits(Service.ELECTRICITY, "private", 900)
    government = book.limits(Service.ELECTRICITY, "government", 900)

    assert private.has(Rule.STUCK)
    assert not government.has(Rule.STUCK)
    assert private.rules ^ government.rules == 1 << Rule.STUCK


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ('code = "zero"', 'code = "stuck"'),
        ('code = "zero"', 'code = "fast"'),
        ("peak_percent = 300", "peak_percent = -300"),
        ("linear_minutes = 120", "linear_minutes = -1"),
        ("share_max_percent = 50", "share_max_percent = 101"),
        ("share_max_percent = 50", "share_max_percent = -1"),
    ],
)
def test_rules_that_are_not_whole_are_refused(text: str, other: str) -> None:
    with pytest.raises(ValueError, match=r"rule|limit|share"):
        load_rules(CONTENT.replace(text, other).encode())
