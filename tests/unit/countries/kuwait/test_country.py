import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tahseel.countries.kuwait import country
from tahseel.kernel import calendar, ids

FILES = sorted(country.FOLDER.rglob("*.toml"))


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = list(calendar._installed), list(ids._installed)
    yield
    calendar._installed[:], ids._installed[:] = before


def facts_of(node: object) -> Iterator[dict[str, object]]:
    """Every table that claims a source."""
    if isinstance(node, dict):
        if "source" in node:
            yield node
        for child in node.values():
            yield from facts_of(child)
    elif isinstance(node, list):
        for child in node:
            yield from facts_of(child)


def test_installing_the_country_gives_the_kernel_its_parameters() -> None:
    country.install()

    assert ids.CivilId.parse("288020122596").masked == "••••••••2596"
    assert not calendar.working_calendar().is_working_day(date(2026, 2, 25))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_fact_says_where_it_comes_from_and_how_sure_we_are(file: Path) -> None:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    facts = list(facts_of(content))

    assert facts
    for fact in facts:
        assert str(fact["source"]).strip(), fact
        if fact is not content:  # a source on top tells of the whole file
            assert fact["confidence"] in country.CONFIDENCES, fact


def test_the_week_is_sunday_to_thursday() -> None:
    week = [date(2026, 4, 5 + n) for n in range(7)]  # from a Sunday on

    works = [country.working_calendar().is_working_day(day) for day in week]

    assert works == [True] * 5 + [False] * 2


def test_a_moved_holiday_is_kept_on_its_new_day() -> None:
    kuwait = country.working_calendar()

    assert kuwait.is_working_day(date(2025, 1, 27))
    assert not kuwait.is_working_day(date(2025, 1, 30))
    assert not kuwait.is_working_day(date(2026, 1, 18))


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_each_year_has_its_occasions_in_order_and_once(year: int) -> None:
    listed = country.holidays()
    days = [holiday.day for holiday in listed]
    names = {holiday.name_en for holiday in listed if holiday.day.year == year}

    assert days == sorted(set(days))
    assert names - {"Rest day between holidays"} == {
        "New Year's Day",
        "Isra and Miraj",
        "National Day",
        "Liberation Day",
        "Eid al-Fitr",
        "Day of Arafat",
        "Eid al-Adha",
        "Hijri New Year",
        "Birthday of the Prophet",
    }


def test_the_calendar_knows_where_the_list_ends() -> None:
    kuwait = country.working_calendar()

    assert kuwait.is_known(date(2027, 12, 31))
    assert not kuwait.is_known(date(2028, 1, 1))


def test_a_file_that_is_not_there_is_not_an_empty_one() -> None:
    with pytest.raises(FileNotFoundError):
        country.data("nothing")
