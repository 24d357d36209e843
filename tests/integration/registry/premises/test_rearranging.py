"""Units split, merged and demolished in a real database: dated, traced, never deleted."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.guarding import MeterStillHangs
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)
from tahseel.registry.premises import operations, queries
from tahseel.registry.premises.models import Lineage, PointMove, Unit, UnitAct, UnitSector
from tahseel.registry.premises.values import (
    NewServicePoint,
    NewUnit,
    Sector,
    UnitKind,
    UnitState,
)
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as accounts
from tahseel.registry.supply.guarding import AccountStillOpen

DAY = date(2025, 6, 10)


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


def flat(town, like, number, *, points=0, on=DAY):
    new = [NewServicePoint(town.make_id(town.at), Service.WATER) for _ in range(points)]
    return NewUnit(
        town.make_id(town.at), like.premises_id, UnitKind.FLAT, Sector.INVESTMENT, on,
        number=number, services=tuple(new),
    )  # fmt: skip


def hang(town, point_id, serial="E1"):
    register = NewRegister(
        town.make_id(town.at), "1.8.0", RegisterKind.IMPORT, DialUnit.KWH, digits=6
    )
    meter = NewMeter(
        town.make_id(town.at), serial, Service.ELECTRICITY, "ISKRA", Phase.SINGLE, (register,)
    )
    meters.add_meter(**by(town, town.officer), meter=meter)
    hung = NewInstallation(
        town.make_id(town.at), meter.id, point_id, date(2024, 1, 1), opening={"1.8.0": "000100"}
    )
    meters.install_meter(**by(town, town.officer), installation=hung)
    return meter


def split(town, unit, into, points, **facts):
    given = {"on_day": DAY, "reference": "permit 7/2025", **facts}
    operations.split_unit(
        **by(town, town.head),
        id=town.make_id(town.at),
        unit_id=unit.id,
        into=into,
        points=points,
        **given,
    )


def gone(unit):
    """Every service point out of use."""
    return {point.id: None for point in unit.services}


def test_a_split_unit_ends_where_its_parts_begin_and_its_points_follow(town):
    (unit,) = town.units(1, number="7")
    light, water = unit.services
    first, second = flat(town, unit, "7A"), flat(town, unit, "7B", points=1)

    split(town, unit, [first, second], {light.id: first.id, water.id: second.id})

    views = queries.units(unit_ids=[unit.id, first.id, second.id])
    assert (views[unit.id].state, views[unit.id].ended_on) == (UnitState.SPLIT, DAY)
    assert views[first.id].state == views[second.id].state == UnitState.STANDING
    then, now = date(2025, 6, 9), DAY
    assert [p.id for p in queries.service_points(unit_ids=[unit.id], day=then)[unit.id]] == [
        light.id, water.id,
    ]  # fmt: skip
    assert queries.service_points(unit_ids=[unit.id], day=now) == {}
    assert [p.id for p in queries.service_points(unit_ids=[first.id], day=now)[first.id]] == [
        light.id
    ]
    waters = queries.service_points(unit_ids=[second.id], day=now)[second.id]
    assert [(p.number, p.id == water.id) for p in waters] == [(1, False), (2, True)]
    assert queries.sector_on(unit_id=unit.id, day=then) is not None
    assert queries.sector_on(unit_id=unit.id, day=now) is None


def test_merged_units_become_one_and_every_point_keeps_its_past(town):
    like, other = town.units(2)
    other = NewUnit(
        town.make_id(town.at), like.premises_id, UnitKind.FLAT, Sector.INVESTMENT,
        date(2000, 1, 1), number="2",
        services=(NewServicePoint(town.make_id(town.at), Service.ELECTRICITY),),
    )  # fmt: skip
    operations.add_unit(**by(town, town.head), unit=other)
    whole = flat(town, like, "1-2")
    light, water = like.services
    second = other.services[0]

    operations.merge_units(
        **by(town, town.head), id=town.make_id(town.at), unit_ids=[like.id, other.id], on_day=DAY,
        reference="permit 8/2025", into=whole,
        points={light.id: whole.id, second.id: whole.id, water.id: None},
    )  # fmt: skip

    now = queries.service_points(unit_ids=[whole.id], day=DAY)[whole.id]
    assert {(p.id, p.service) for p in now} == {
        (light.id, Service.ELECTRICITY), (second.id, Service.ELECTRICITY),
    }  # fmt: skip
    assert sorted(p.number for p in now) == [1, 2]
    placements = queries.point_placements(ids=[water.id])[water.id]
    assert [(p.unit_id, p.from_day, p.until_day) for p in placements] == [(like.id, None, DAY)]


def test_lineage_is_told_over_generations_in_both_directions(town):
    (unit,) = town.units(1, number="1")
    first, second = flat(town, unit, "1A"), flat(town, unit, "1B")
    split(town, unit, [first, second], gone(unit))
    again = flat(town, unit, "1", on=date(2025, 9, 1))

    operations.merge_units(
        **by(town, town.head), id=town.make_id(town.at), unit_ids=[first.id, second.id],
        on_day=date(2025, 9, 1), reference="permit 9/2025", into=again, points={},
    )  # fmt: skip

    steps = queries.lineage(unit_id=first.id)
    assert [(s.by, s.from_unit, s.to_unit) for s in steps] == [
        (UnitState.SPLIT, unit.id, first.id), (UnitState.MERGED, first.id, again.id),
    ]  # fmt: skip
    assert len(queries.lineage(unit_id=again.id)) == 4
    assert Unit.objects.count() == 4


def test_a_house_torn_down_and_built_again_may_have_the_same_address_and_number(town):
    (unit,) = town.units(1, kind=UnitKind.VILLA, paci_number="15667788")

    operations.demolish_units(
        **by(town, town.head), id=town.make_id(town.at), unit_ids=[unit.id], on_day=DAY,
        reference="municipality 44/2025",
    )  # fmt: skip
    again = NewUnit(
        town.make_id(town.at), unit.premises_id, UnitKind.VILLA, Sector.PRIVATE,
        date(2026, 1, 1), paci_number="15667788",
    )  # fmt: skip
    operations.add_unit(**by(town, town.head), unit=again)

    found = queries.find_units(text="15667788")
    assert [(v.id, v.state) for v in found] == [
        (again.id, UnitState.STANDING), (unit.id, UnitState.DEMOLISHED),
    ]  # fmt: skip
    assert queries.service_points(unit_ids=[unit.id], day=DAY) == {}


def test_nothing_ends_while_an_account_is_open_there(town, leaves):
    (unit,) = town.units(1, number="7")
    account = supply.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        payer_id=town.person(),
    )  # fmt: skip
    first, second = flat(town, unit, "7A"), flat(town, unit, "7B")
    points = {point.id: first.id for point in unit.services}

    with pytest.raises(AccountStillOpen) as refusal:
        split(town, unit, [first, second], points)

    assert refusal.value.facts == {"number": account.number, "day": "2025-06-10"}
    assert (UnitAct.objects.count(), Unit.objects.count()) == (0, 1)
    assert UnitSector.objects.get().until_day is None
    assert leaves()[-1]["outcome"] == "refused"
    supply.close_account(**by(town), account_id=account.id, closed_on=DAY)
    split(town, unit, [first, second], points)
    assert queries.units(unit_ids=[unit.id])[unit.id].state == UnitState.SPLIT


def test_no_account_is_opened_on_a_unit_that_is_gone(town):
    (unit,) = town.units(1)
    operations.demolish_units(
        **by(town, town.head),
        id=town.make_id(town.at),
        unit_ids=[unit.id],
        on_day=DAY,
        reference="m/1",
    )

    with pytest.raises(operations.UnitGone):
        supply.open_account(
            **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=DAY,
            payer_id=town.person(),
        )  # fmt: skip
    with pytest.raises(operations.UnitGone):
        operations.set_sector(
            **by(town, town.head), unit_id=unit.id, sector=Sector.PRIVATE, from_day=date(2025, 9, 1)
        )

    assert accounts.accounts_of_units(unit_ids=[unit.id], day=DAY) == {}


def test_a_point_is_not_taken_out_of_use_under_a_meter(town):
    (unit,) = town.units(1)
    meter = hang(town, unit.services[0].id)
    tear_down = {"unit_ids": [unit.id], "on_day": DAY, "reference": "m/2"}

    with pytest.raises(MeterStillHangs) as refusal:
        operations.demolish_units(**by(town, town.head), id=town.make_id(town.at), **tear_down)

    assert refusal.value.facts["serial"] == "E1"
    assert PointMove.objects.count() == 0
    meters.remove_meter(
        **by(town, town.officer), meter_id=meter.id, removed_on=DAY, closing={"1.8.0": "000900"}
    )
    operations.demolish_units(**by(town, town.head), id=town.make_id(town.at), **tear_down)
    assert PointMove.objects.count() == 2


def test_a_meter_that_stays_measures_for_the_new_unit_from_the_day_on(town):
    (unit,) = town.units(1, number="7")
    light, water = unit.services
    meter = hang(town, light.id)
    old = supply.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        payer_id=town.person(),
    )  # fmt: skip
    supply.close_account(**by(town), account_id=old.id, closed_on=DAY)
    first, second = flat(town, unit, "7A"), flat(town, unit, "7B")
    split(town, unit, [first, second], {light.id: first.id, water.id: second.id})
    new = supply.open_account(
        **by(town), id=town.make_id(town.at), unit_id=first.id, opened_on=DAY,
        payer_id=town.person(),
    )  # fmt: skip

    june = BillingMonth(2025, 6)
    measured = accounts.accounts_at_meters(meter_ids=[meter.id], period=june.period)
    billed = accounts.billable_accounts(month=june)

    assert {(m.account_id, m.from_day, m.until_day) for m in measured} == {
        (old.id, date(2025, 6, 1), DAY), (new.id, DAY, date(2025, 7, 1)),
    }  # fmt: skip
    assert {b.account_id: [(m.from_day, m.until_day) for m in b.meters] for b in billed} == {
        old.id: [(date(2025, 6, 1), DAY)], new.id: [(DAY, date(2025, 7, 1))],
    }  # fmt: skip
    assert accounts.account_at(meter_id=meter.id, day=date(2025, 6, 9)) == old.id
    assert accounts.account_at(meter_id=meter.id, day=DAY) == new.id


def test_a_split_that_does_not_fit_is_refused_with_its_reason_and_nothing_changes(town, leaves):
    unit, stranger = town.units(2, number="7")
    first, second = flat(town, unit, "7A"), flat(town, unit, "7B")
    points = {point.id: first.id for point in unit.services}
    elsewhere = flat(town, stranger, "7C")
    late = flat(town, unit, "7D", on=date(2025, 6, 11))
    wrong = [
        (operations.UnitsDoNotFit, [first], points, {}),
        (operations.UnitsDoNotFit, [first, elsewhere], points, {}),
        (operations.UnitsDoNotFit, [first, late], points, {}),
        (operations.PointsUnmapped, [first, second], {}, {}),
        (operations.PointsUnmapped, [first, second], {**points, stranger.id: first.id}, {}),
        (operations.PointsUnmapped, [first, second], dict.fromkeys(points, stranger.id), {}),
        (operations.UnitChangedLater, [first, second], points, {"on_day": date(2000, 1, 1)}),
        (operations.UnitChangedLater, [first, second], points, {"on_day": date(2026, 3, 2)}),
    ]

    for refusal, into, mapping, facts in wrong:
        moved = [
            NewUnit(**{**{f: getattr(n, f) for f in n.__slots__}, "from_day": facts["on_day"]})
            for n in into
        ] if facts else into  # fmt: skip
        with pytest.raises(refusal):
            split(town, unit, moved, mapping, **facts)

    assert (UnitAct.objects.count(), Unit.objects.count()) == (0, 2)
    assert {leaf["outcome"] for leaf in leaves()[-len(wrong) :]} == {"refused"}


def test_a_unit_ends_once(town):
    (unit,) = town.units(1, number="7")
    split(town, unit, [flat(town, unit, "7A"), flat(town, unit, "7B")], gone(unit))

    with pytest.raises(operations.UnitGone) as refusal:
        split(town, unit, [flat(town, unit, "7C"), flat(town, unit, "7D")], gone(unit))

    assert refusal.value.facts == {"ended_on": "2025-06-10"}
    assert Lineage.objects.count() == 2


def test_the_database_itself_keeps_what_happened(town):
    (unit,) = town.units(1, number="7")
    split(town, unit, [flat(town, unit, "7A"), flat(town, unit, "7B")], gone(unit))

    with pytest.raises(DatabaseError), transaction.atomic():
        Lineage.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        UnitAct.objects.update(reference="another")
    with pytest.raises(IntegrityError), transaction.atomic():
        Unit.objects.filter(pk=unit.id).update(state="standing")

    assert Lineage.objects.count() == 2
