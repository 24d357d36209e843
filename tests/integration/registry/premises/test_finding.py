"""Units found by address and automatic number, in a real database."""

from __future__ import annotations

from datetime import date

import pytest

from tahseel.registry.premises import operations, queries, rules
from tahseel.registry.premises.models import Premises, Unit
from tahseel.registry.premises.values import NewPremises, NewUnit, Sector, UnitKind


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


@pytest.fixture
def building(town):
    """Two flats and a shop in one building of Salmiya, a villa in a named street of Surra."""
    new_id = lambda: town.make_id(town.at)  # noqa: E731
    mixed = NewPremises(new_id(), "salmiya", "10", "٥", building="12")
    house = NewPremises(new_id(), "surra", "3", "سالم المبارك", parcel="77")
    rows = [
        (mixed, UnitKind.FLAT, "1", "1", "15667701"),
        (mixed, UnitKind.FLAT, "3", "7", "1566 7702"),
        (mixed, UnitKind.SHOP, "0", "1", "15667703"),
        (house, UnitKind.VILLA, "", "", None),
    ]
    units = [
        NewUnit(
            new_id(), place.id, kind, Sector.PRIVATE, date(2020, 1, 1),
            floor=floor, number=number, paci_number=automatic,
        )
        for place, kind, floor, number, automatic in rows
    ]  # fmt: skip
    operations.add_many(**by(town, town.house), batch="b", premises=[mixed, house], units=units)
    return units


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("السالمية قطعة 10 شقة 7", [1]),
        ("flat 7 street 5 Salmiya", [1]),
        ("Salmiyah block 10", [2, 0, 1]),
        ("محل السالمية", [2]),
        ("15667702", [1]),
        ("١٥٦٦٧٧٠٣", [2]),
        ("156677", [2, 0, 1]),
        ("hawalli 12", [2, 0, 1]),
        ("الدور 3", [1]),
        ("Salem Mubarak", [3]),
        ("شارع سالم المبارك قسيمة ٧٧", [3]),
        ("capital", [3]),
        ("السالمية قطعة 11", []),
        ("surra flat", []),
        ("' or 1=1", []),
        ("", []),
    ],
)
def test_a_unit_is_found_by_any_part_of_its_address(building, text, meant):
    found = queries.find_units(text=text)

    assert [view.id for view in found] == [building[n].id for n in meant]


def test_what_is_found_tells_the_address_rung_by_rung(building):
    (view,) = queries.find_units(text="15667702")

    assert rules.ladder(view, "en") == [
        ("Governorate", "Hawalli"), ("Area", "Salmiya"), ("Block", "10"), ("Street", "5"),
        ("Building", "12"), ("Floor", "3"), ("Unit", "flat 7"),
    ]  # fmt: skip
    assert rules.ladder(view, "ar")[-2:] == [("الدور", "3"), ("الوحدة", "شقة 7")]
    assert view.paci_number == "15667702"
    assert [u.id for u in queries.units_at(premises_id=view.premises_id)] == [
        building[n].id for n in (2, 0, 1)
    ]


def test_never_more_is_shown_than_asked_for(building):
    assert len(queries.find_units(text="Salmiya", limit=2)) == 2


def test_an_automatic_number_of_another_form_is_refused_and_nothing_changes(town, building, leaves):
    unit = NewUnit(
        town.make_id(town.at), building[0].premises_id, UnitKind.OFFICE, Sector.COMMERCIAL,
        date(2020, 1, 1), paci_number="1566-770",
    )  # fmt: skip

    with pytest.raises(operations.AddressNumberInvalid) as refusal:
        operations.add_unit(**by(town, town.head), unit=unit)

    assert refusal.value.facts == {"number": "1566-770"}
    assert Unit.objects.count() == 4
    assert leaves()[-1]["outcome"] == "refused"


def test_the_same_street_written_in_other_digits_is_the_same_address(town, building):
    again = NewPremises(town.make_id(town.at), "salmiya", "١٠", "5", building="12")

    with pytest.raises(operations.PlaceRefused):
        operations.add_premises(**by(town, town.head), premises=again)

    assert Premises.objects.count() == 2
