"""The address of an automatic number, as the civil registry now writes it, reaches its building."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.integration.registry.feeds.conftest import Feeds
from tests.integration.registry.feeds.test_feeds import standings

from tahseel.kernel.history import About
from tahseel.registry.premises.values import NewUnit, UnitKind

NUMBER = "17432150"
BESIDE = "17432151"


def told(feeds: Feeds, paci: str = NUMBER, **facts: Any) -> str:
    """The registry writes: Surra, block 4, street 9, building 12."""
    right = {"area": "السرة", "block": "٤", "street": "9", "parcel": "", "building": "12"}
    day = {"from_day": "2026-11-18"}
    given = {key: facts.pop(key) for key in ("number", "version", "state") if key in facts}
    return feeds.publish("address", paci_number=paci, **{**right, **day, **facts}, **given)


def home(feeds: Feeds) -> NewUnit:
    (unit,) = feeds.town.units(1, paci_number=NUMBER)
    return unit  # type: ignore[no-any-return]


def neighbour(feeds: Feeds, unit: NewUnit, paci: str | None = BESIDE) -> NewUnit:
    """A second flat in the same building."""
    from tahseel.registry.premises import operations

    flat = NewUnit(
        feeds.town.make_id(feeds.town.at), unit.premises_id, UnitKind.FLAT, unit.sector,
        unit.from_day, number=(paci or "9")[-1], paci_number=paci,
    )  # fmt: skip
    operations.add_unit(actor=feeds.town.head, at=feeds.town.at, unit=flat)
    return flat


def address(unit: NewUnit, language: str = "en") -> str:
    from tahseel.registry.premises import queries

    return queries.address(unit_id=unit.id, language=language)


def test_a_house_has_the_address_that_the_registry_writes(feeds: Feeds, leaves: Any) -> None:
    unit = home(feeds)
    number = told(feeds)

    feeds.night()

    assert standings()[number, 1] == ("applied", "")
    assert address(unit) == "Surra, block 4, street 9, building 12"
    assert address(unit, "ar") == "السرة، قطعة 4، شارع 9، مبنى 12"
    (leaf,) = (leaf for leaf in leaves() if leaf["action"] == "premises.correct_address")
    assert (leaf["actor"]["id"], leaf["facts"]["reference"]) == ("system:registry-feeds", number)


def test_the_story_of_the_unit_tells_both_addresses_and_the_registry(feeds: Feeds) -> None:
    from tahseel.registry.premises import history

    unit = home(feeds)
    before = address(unit)
    number = told(feeds)
    feeds.night()

    steps = history.steps(About(units=frozenset({unit.id})))

    (step,) = (step for step in steps if step.code == "premises.readdressed")
    assert step.facts["address_en"] == "Surra, block 4, street 9, building 12"
    assert step.facts["address_ar"] == "السرة، قطعة 4، شارع 9، مبنى 12"
    assert (step.facts["before_en"], step.facts["reference"]) == (before, number)
    assert (step.day, step.actor) == (date(2026, 11, 18), "system:registry-feeds")


def test_a_building_is_readdressed_when_it_was_told_of_each_of_its_numbers(feeds: Feeds) -> None:
    unit = home(feeds)
    flat, without = neighbour(feeds, unit), neighbour(feeds, unit, None)
    before = address(unit)
    first = told(feeds)
    feeds.night()
    alone = standings()[first, 1], address(unit)
    second = told(feeds, BESIDE)

    feeds.night()
    feeds.night()

    assert alone == (("parked", "neighbours_not_told"), before)
    assert {standings()[first, 1][0], standings()[second, 1][0]} == {"applied"}
    assert address(flat).startswith("Surra, block 4, street 9, building 12")
    assert address(without).startswith("Surra, block 4")


def test_neighbours_that_are_told_to_lie_elsewhere_keep_the_building_where_it_is(
    feeds: Feeds,
) -> None:
    unit = home(feeds)
    neighbour(feeds, unit)
    before = address(unit)
    numbers = [told(feeds), told(feeds, BESIDE, street="10")]

    feeds.night()

    assert {standings()[number, 1] for number in numbers} == {("parked", "neighbours_not_told")}
    assert address(unit) == before


def test_an_address_that_is_taken_unknown_or_to_come_is_parked(feeds: Feeds) -> None:
    unit, (other,) = home(feeds), feeds.town.units(1, paci_number=BESIDE)
    before = address(unit)
    block, street = before.split(", ")[1:3]
    taken = told(
        feeds, BESIDE, area="Salmiya", block=block.split()[1], street=street.split()[1],
        building="",
    )  # fmt: skip
    nowhere = told(feeds, area="الأندلس الجديدة")
    later = told(feeds, from_day="2026-11-26")

    feeds.night()

    assert standings()[taken, 1] == ("parked", "place_refused")
    assert standings()[nowhere, 1] == ("parked", "area_unknown")
    assert standings()[later, 1] == ("parked", "address_changed_later")
    assert (address(unit), address(other) != before) == (before, True)


def test_an_older_record_does_not_bring_an_older_address_back(feeds: Feeds) -> None:
    unit = home(feeds)
    told(feeds)
    feeds.night()
    old = told(feeds, street="1", from_day="2026-10-01")
    same = told(feeds, from_day="2026-11-19")

    feeds.night()

    assert standings()[old, 1] == ("parked", "address_changed_later")
    assert standings()[same, 1] == ("applied", "known_already")
    assert address(unit) == "Surra, block 4, street 9, building 12"


def test_a_corrected_address_replaces_the_one_that_was_applied(feeds: Feeds) -> None:
    unit = home(feeds)
    number = told(feeds)
    feeds.night()
    told(feeds, street="90", number=number, version=2, state="corrected")
    other = told(feeds, BESIDE)

    feeds.night()

    assert standings()[number, 2] == ("applied", "")
    assert standings()[other, 1] == ("unconcerned", "")
    assert address(unit) == "Surra, block 4, street 90, building 12"
