"""Units whose rows the database makes: as `add_many` makes them, and refused for the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from tests.integration.registry.premises.test_premises import by

from tahseel.kernel.bulk import Lines
from tahseel.kernel.ids import derived_id
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import operations
from tahseel.registry.premises.models import Certificate, Premises, ServicePoint, Unit, UnitSector
from tahseel.registry.premises.operations.adding import sector_id
from tahseel.registry.premises.values import (
    NewPremises,
    NewServicePoint,
    NewUnit,
    Sector,
    UnitKind,
)

ROOT = UUID(int=1)
MODELS = (Premises, Unit, UnitSector, Certificate, ServicePoint)


def text(value):
    return "null" if value is None else f"'{value}'"


def added(town, place, unit):
    """Through statements, as a caller that holds the rows in the database would give them."""
    unit_id = f"'{unit.id}'::uuid"
    until = text(unit.certificate_until)
    points = [
        f"select '{p.id}'::uuid as id, {unit_id} as unit_id, '{p.service}' as service,"
        f" {p.number} as number"
        for p in unit.services
    ]
    paper = derived_id(unit.id, "certificate", unit.from_day.isoformat())
    return operations.add_lines(
        **by(town, town.house),
        batch="lines",
        premises=[place],
        units=Lines(
            f"select {unit_id} as id, '{place.id}'::uuid as premises_id, '{unit.kind}' as kind,"
            f" '{unit.floor}' as floor, '{unit.number}' as number,"
            f" {text(unit.paci_number)} as paci_number"
        ),
        sectors=Lines(
            f"select '{sector_id(unit.id, unit.from_day)}'::uuid as id, {unit_id} as unit_id,"
            f" '{unit.sector}' as sector, {unit.dwellings} as dwellings,"
            f" '{unit.from_day}'::date as from_day"
        ),
        papers=Lines(
            f"select '{paper}'::uuid as id, {unit_id} as unit_id, '{unit.sector}' as sector,"
            f" {text(unit.certificate)} as number, '{unit.from_day}'::date as valid_from,"
            f" {until}::date as valid_until where {text(unit.certificate)} is not null"
        ),
        points=Lines(" union all ".join(points)),
    )


def farm(town):
    place = NewPremises(town.make_id(town.at), "salmiya", "10", "5", building="12")
    points = tuple(NewServicePoint(town.make_id(town.at), service, 1) for service in Service)
    unit = NewUnit(
        town.make_id(town.at), place.id, UnitKind.VILLA, Sector.AGRICULTURAL, date(2020, 1, 1),
        floor="3", number="7", paci_number="10000000", dwellings=2, certificate="AG-1",
        certificate_until=date(2027, 1, 1), services=points,
    )  # fmt: skip
    return place, unit


def stored():
    return [sorted(model.objects.values_list(), key=str) for model in MODELS]


def test_units_made_in_the_database_are_the_ones_that_adding_makes(town, leaves):
    from django.db import transaction

    place, unit = farm(town)
    with transaction.atomic():
        operations.add_many(**by(town, town.house), batch="b", premises=[place], units=[unit])
        expected = stored()
        transaction.set_rollback(True)

    count = added(town, place, unit)

    assert count == 1
    assert stored() == expected
    assert all(expected)
    leaf = leaves()[-1]
    assert (leaf["action"], leaf["facts"]["count"]) == ("premises.add_lines", 1)
    assert len(leaf["facts"]["digest"]) == 64


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"paci_number": "12"}, operations.AddressNumberInvalid),
        ({"sector": Sector.PRIVATE}, operations.CertificateDoesNotFit),
        ({"premises_id": derived_id(ROOT, "nowhere")}, operations.PlaceRefused),
    ],
)
def test_what_adding_refuses_the_lines_refuse_and_nothing_changes(town, leaves, changed, refusal):
    place, unit = farm(town)
    place = replace(place, id=changed.get("premises_id", place.id))
    unit = replace(unit, **changed)
    if refusal is operations.PlaceRefused:  # its address is taken
        other = replace(place, id=town.make_id(town.at))
        operations.add_premises(**by(town, town.house), premises=other)
    before = stored()

    with pytest.raises(refusal):
        added(town, place, unit)

    assert stored() == before
    assert leaves()[-1]["outcome"] == "refused"
