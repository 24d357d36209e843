"""Meters whose rows the database makes: as `add_many` and `keep_many` make them, and refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction

from tahseel.kernel.bulk import Lines
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations
from tahseel.registry.meters.models import Installation, Meter, Register, Seal, StockStep
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    NewSeal,
    NewStockStep,
    Phase,
    RegisterKind,
    StockState,
)

TABLES = (Meter, Register, Installation, Seal, StockStep)


def meter(town, serial):
    register = NewRegister(
        town.make_id(town.at), "1.8.0", RegisterKind.IMPORT, DialUnit.KWH, 6, 1, 40
    )
    return NewMeter(
        town.make_id(town.at), serial, Service.ELECTRICITY, "ISKRA", Phase.THREE, (register,)
    )


@pytest.fixture
def story(town):
    """A meter that hangs, sealed, and another that lies in a store."""
    (unit,) = town.units(1)
    hung, stored = meter(town, "E1"), meter(town, "E2")
    point = next(p.id for p in unit.services if p.service is Service.ELECTRICITY)
    made = town.make_id
    return {
        "meters": [hung, stored],
        "installations": [
            NewInstallation(made(town.at), hung.id, point, town.opened, opening={"1.8.0": "7"})
        ],
        "seals": [NewSeal(made(town.at), hung.id, "S-1", town.opened)],
        "steps": [
            NewStockStep(made(town.at), stored.id, StockState.IN_STORE, town.opened, "Shuwaikh")
        ],
    }


def opened(town, story):
    """Through statements, as a caller that holds the rows in the database would give them."""
    lines = {
        "meters": [
            f"select '{m.id}'::uuid as id, '{m.serial}' as serial, '{m.service}' as service,"
            f" '{m.make}' as make, '{m.phase}' as phase"
            for m in story["meters"]
        ],
        "registers": [
            f"select '{r.id}'::uuid as id, '{m.id}'::uuid as meter_id, '{r.code}' as code,"
            f" '{r.kind}' as kind, '{r.unit}' as unit, {r.digits} as digits,"
            f" {r.decimals} as decimals, {r.multiplier} as multiplier"
            for m in story["meters"]
            for r in m.registers
        ],
        "installations": [
            f"select '{i.id}'::uuid as id, '{i.meter_id}'::uuid as meter_id,"
            f" '{i.service_point_id}'::uuid as service_point_id,"
            f" '{i.installed_on}'::date as installed_on,"
            " jsonb_build_object('1.8.0', '7') as opening"
            for i in story["installations"]
        ],
        "seals": [
            f"select '{s.id}'::uuid as id, '{s.meter_id}'::uuid as meter_id,"
            f" '{s.number}' as number, '{s.fixed_on}'::date as fixed_on"
            for s in story["seals"]
        ],
        "steps": [
            f"select '{s.id}'::uuid as id, '{s.meter_id}'::uuid as meter_id,"
            f" '{s.state}' as state, '{s.store}' as store, '{s.on_day}'::date as on_day"
            for s in story["steps"]
        ],
    }
    given = {name: Lines(" union all ".join(each)) for name, each in lines.items()}
    return operations.add_lines(actor=town.house, at=town.at, batch="lines", **given)


def stored():
    return {model.__name__: list(model.objects.order_by("id").values()) for model in TABLES}


def test_meters_made_in_the_database_are_the_ones_that_adding_makes(town, story, leaves):
    who = {"actor": town.house, "at": town.at, "batch": "python"}
    with transaction.atomic():
        operations.add_many(**who, meters=story["meters"], installations=story["installations"])
        operations.keep_many(**who, seals=story["seals"], steps=story["steps"])
        expected = stored()
        transaction.set_rollback(True)

    count = opened(town, story)

    assert count == 2
    assert stored() == expected
    facts = leaves()[-1]["facts"]
    assert (facts["count"], facts["hung"], len(facts["digest"])) == (2, 1, 64)


@pytest.mark.parametrize(
    "change",
    [{"unit": DialUnit.CUBIC_METRE}, {"digits": 0}, {"decimals": 7}, {"multiplier": 0}],
)
def test_a_register_that_fits_no_meter_refuses_all_of_them(town, story, change):
    bad = story["meters"][1]
    wrong = replace(bad, registers=(replace(bad.registers[0], **change),))

    with pytest.raises(operations.MeterRefused) as refused:
        opened(town, {**story, "meters": [story["meters"][0], wrong]})

    assert refused.value.facts == {"serial": "E2", "rule": "register"}
    assert not any(stored().values())


def test_one_serial_for_two_meters_is_refused_by_the_database(town, story):
    first, second = story["meters"]

    with pytest.raises(operations.MeterRefused):
        opened(town, {**story, "meters": [first, replace(second, serial=first.serial)]})

    assert not any(stored().values())
