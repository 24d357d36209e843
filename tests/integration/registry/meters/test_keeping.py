"""Devices that hang nowhere, and seals, in a real database."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations, queries
from tahseel.registry.meters.models import Seal, StockStep
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    NewSeal,
    NewStockStep,
    Phase,
    RegisterKind,
    SealFound,
    StockState,
)

HUNG, DAY = date(2025, 5, 1), date(2025, 6, 10)


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


@pytest.fixture
def device(town):
    meter = NewMeter(
        town.make_id(town.at), "E1", Service.ELECTRICITY, "ISKRA", Phase.SINGLE,
        (NewRegister(town.make_id(town.at), "1.8.0", RegisterKind.IMPORT, DialUnit.KWH, 6),),
    )  # fmt: skip
    operations.add_meter(**by(town, town.officer), meter=meter)
    return meter


def keep(town, meter, state, minutes=0, **facts):
    from datetime import timedelta

    step = NewStockStep(town.make_id(town.at), meter.id, state, facts.pop("day", DAY), **facts)
    operations.record_stock(actor=town.officer, at=town.at + timedelta(minutes=minutes), step=step)


def hang(town, meter):
    (unit,) = town.units(1)
    new = NewInstallation(town.make_id(town.at), meter.id, unit.services[0].id, HUNG)
    return operations.install_meter(**by(town, town.officer), installation=new)


def test_a_device_goes_through_stores_and_bench_until_it_is_scrapped(town, device):
    assert queries.stock_state(meter_id=device.id) is StockState.IN_STORE

    keep(town, device, StockState.IN_STORE, store="SHUWAIKH-1")
    keep(town, device, StockState.ON_BENCH, 1, reference="T-9")
    keep(town, device, StockState.SCRAPPED, 2)

    steps = queries.stock_steps(meter_id=device.id)
    assert [(s.state, s.store, s.reference) for s in steps] == [
        (StockState.IN_STORE, "SHUWAIKH-1", ""), (StockState.ON_BENCH, "", "T-9"),
        (StockState.SCRAPPED, "", ""),
    ]  # fmt: skip
    with pytest.raises(operations.StockRefused) as refusal:
        keep(town, device, StockState.IN_STORE, 3)
    assert refusal.value.facts == {"serial": "E1", "current": "scrapped", "wanted": "in_store"}
    with pytest.raises(operations.MeterOutOfUse):
        hang(town, device)
    assert queries.installations_of(meter_ids=[device.id]) == {}


def test_what_hangs_is_in_no_store(town, device, leaves):
    hang(town, device)

    with pytest.raises(operations.StockRefused) as refusal:
        keep(town, device, StockState.IN_STORE)

    assert refusal.value.facts["current"] == "installed"
    assert StockStep.objects.count() == 0
    assert leaves()[-1]["outcome"] == "refused"
    operations.remove_meter(
        **by(town, town.officer), meter_id=device.id, removed_on=DAY, closing={"1.8.0": "9"}
    )
    keep(town, device, StockState.ON_BENCH)
    assert queries.stock_state(meter_id=device.id) is StockState.ON_BENCH


def test_a_seal_is_used_once_and_tells_how_it_was_found(town, device):
    seal = NewSeal(town.make_id(town.at), device.id, "SL-1", HUNG)
    operations.fix_seal(**by(town, town.officer), seal=seal)
    given = {**by(town, town.officer), "number": "SL-1", "reference": "visit 4"}

    with pytest.raises(operations.SealRefused):
        operations.fix_seal(
            **by(town, town.officer), seal=NewSeal(town.make_id(town.at), device.id, "SL-1", DAY)
        )
    with pytest.raises(operations.SealRefused):
        operations.remove_seal(**given, on_day=date(2025, 4, 1), found=SealFound.INTACT)
    found = operations.remove_seal(**given, on_day=DAY, found=SealFound.BROKEN)
    with pytest.raises(operations.SealRefused):
        operations.remove_seal(**given, on_day=DAY, found=SealFound.INTACT)

    assert (found.found, found.removed_on) == (SealFound.BROKEN, DAY)
    assert [s.number for s in queries.seals(meter_id=device.id)] == ["SL-1"]


def test_many_are_kept_at_once_or_none(town, device):
    seals = [NewSeal(town.make_id(town.at), device.id, f"SL-{n}", HUNG) for n in (1, 2)]
    steps = [NewStockStep(town.make_id(town.at), device.id, StockState.IN_STORE, DAY, "S-1")]

    with pytest.raises(operations.MeterRefused):
        operations.keep_many(
            **by(town, town.house), batch="b", seals=[*seals, seals[0]], steps=steps
        )
    assert (Seal.objects.count(), StockStep.objects.count()) == (0, 0)
    assert operations.keep_many(**by(town, town.house), batch="b", seals=seals, steps=steps) == 3
    with pytest.raises(DatabaseError), transaction.atomic():
        StockStep.objects.all().delete()
