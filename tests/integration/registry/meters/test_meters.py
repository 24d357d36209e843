"""Meters against a real database: one place a meter, one meter a point, one exchange."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations, queries
from tahseel.registry.meters.models import Installation, Meter
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)

DAY = date(2025, 5, 10)


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


def a_meter(town, serial, service=Service.ELECTRICITY, unit=DialUnit.KWH):
    register = NewRegister(
        town.make_id(town.at), "1.8.0", RegisterKind.IMPORT, unit, digits=6, decimals=1
    )
    phase = Phase.THREE if service is Service.ELECTRICITY else Phase.NONE
    return NewMeter(town.make_id(town.at), serial, service, "make", phase, (register,))


def hung(town, serial="E-1"):
    """A meter at the electricity point of a new unit; returns (meter, point, unit)."""
    (unit,) = town.units(1)
    meter, point = a_meter(town, serial), unit.services[0]
    operations.add_meter(**by(town, town.officer), meter=meter)
    installation = NewInstallation(
        town.make_id(town.at), meter.id, point.id, date(2025, 1, 1), opening={"1.8.0": "0"}
    )
    operations.install_meter(**by(town, town.officer), installation=installation)
    return meter, point, unit


def events(name):
    with connection.cursor() as cursor:
        cursor.execute("select subject, facts from kernel_outbox where name = %s", [name])
        return cursor.fetchall()


def test_an_exchange_is_one_event_with_the_values_of_both_meters(town):
    old, point, _ = hung(town)
    new = a_meter(town, "E-2")
    operations.add_meter(**by(town, town.officer), meter=new)

    operations.exchange(
        **by(town, town.officer), id=town.make_id(town.at), service_point_id=point.id, day=DAY,
        new_meter_id=new.id, closing={"1.8.0": "004321.5"}, opening={"1.8.0": "000000.0"},
    )  # fmt: skip

    before = queries.installed_at(service_point_id=point.id, day=date(2025, 5, 9))
    after = queries.installed_at(service_point_id=point.id, day=DAY)
    assert (before.serial, after.serial) == ("E-1", "E-2")
    assert (before.removed_on, before.closing) == (DAY, {"1.8.0": "004321.5"})
    ((subject, facts),) = events("meters:meter:exchanged")
    assert subject == str(point.id)
    assert "004321.5" in str(facts)
    assert events("meters:meter:removed") == []
    may = queries.installations(service_point_ids=[point.id], period=BillingMonth(2025, 5).period)
    assert [view.meter_id for view in may[point.id]] == [old.id, new.id]


@pytest.mark.parametrize(
    ("closing", "opening"),
    [
        ({"1.8.0": "9999999"}, {"1.8.0": "0"}),
        ({"1.8.0": "5"}, {"1.8.0": "0.25"}),
        ({"2.8.0": "5"}, {"1.8.0": "0"}),
        ({}, {"1.8.0": "0"}),
        ({"1.8.0": "5"}, {}),
        ({"1.8.0": "five"}, {"1.8.0": "0"}),
    ],
)
def test_an_exchange_with_an_impossible_dial_changes_nothing(town, leaves, closing, opening):
    _, point, _ = hung(town)
    new = a_meter(town, "E-2")
    operations.add_meter(**by(town, town.officer), meter=new)

    with pytest.raises(operations.DialInvalid):
        operations.exchange(
            **by(town, town.officer), id=town.make_id(town.at), service_point_id=point.id, day=DAY,
            new_meter_id=new.id, closing=closing, opening=opening,
        )  # fmt: skip

    (only,) = Installation.objects.all()
    assert only.removed_on is None
    assert events("meters:meter:exchanged") == []
    assert leaves()[-1]["facts"]["code"] == "dial_invalid"


def test_a_meter_that_hangs_elsewhere_is_refused_with_the_facts(town):
    meter, _, _ = hung(town)
    (other,) = town.units(1)
    second = NewInstallation(town.make_id(town.at), meter.id, other.services[0].id, DAY)

    with pytest.raises(operations.InstallationOverlap) as refusal:
        operations.install_meter(**by(town, town.officer), installation=second)

    assert refusal.value.facts == {"serial": "E-1", "installed_on": "2025-01-01"}
    assert Installation.objects.count() == 1


def test_a_water_meter_does_not_fit_an_electricity_point(town):
    (unit,) = town.units(1)
    meter = a_meter(town, "W-1", Service.WATER, DialUnit.CUBIC_METRE)
    operations.add_meter(**by(town, town.officer), meter=meter)
    wrong = NewInstallation(town.make_id(town.at), meter.id, unit.services[0].id, DAY)

    with pytest.raises(operations.ServiceDiffers):
        operations.install_meter(**by(town, town.officer), installation=wrong)

    assert not Installation.objects.exists()


def test_a_meter_is_taken_down_once_and_may_hang_elsewhere_from_that_day(town):
    meter, point, _ = hung(town)
    (other,) = town.units(1)
    given = {
        **by(town, town.officer),
        "meter_id": meter.id,
        "removed_on": DAY,
        "closing": {"1.8.0": "7"},
    }

    operations.remove_meter(**given)
    with pytest.raises(operations.NotInstalled):
        operations.remove_meter(**given)
    moved = NewInstallation(town.make_id(town.at), meter.id, other.services[0].id, DAY)
    operations.install_meter(**by(town, town.officer), installation=moved)

    assert queries.installed_at(service_point_id=point.id, day=DAY) is None
    assert queries.where_installed(meter_id=meter.id, day=DAY).service_point_id == (
        other.services[0].id
    )


def test_a_serial_stands_once_and_a_register_fits_its_service(town):
    operations.add_meter(**by(town, town.officer), meter=a_meter(town, "E-1"))
    wrong = [
        a_meter(town, "E-1"),
        a_meter(town, "E-9", unit=DialUnit.CUBIC_METRE),
    ]

    for meter in wrong:
        with pytest.raises(operations.MeterRefused):
            operations.add_meter(**by(town, town.officer), meter=meter)

    assert list(queries.meters_by_serial(serials=["E-1", "E-9"])) == ["E-1"]
    assert queries.meter_by_serial(serial="E-1").register("1.8.0").rollover == 1_000_000
    assert Meter.objects.count() == 1


def test_the_database_itself_refuses_two_meters_at_one_point(town):
    _, point, _ = hung(town)
    second = a_meter(town, "E-2")
    operations.add_meter(**by(town, town.officer), meter=second)

    with pytest.raises(IntegrityError), transaction.atomic():
        Installation.objects.create(
            id=town.make_id(town.at), meter_id=second.id, service_point_id=point.id,
            installed_on=DAY,
        )  # fmt: skip

    assert Installation.objects.count() == 1


def test_a_batch_that_overlaps_is_refused_whole(town, leaves):
    (unit,) = town.units(1)
    meters = [a_meter(town, "E-1"), a_meter(town, "E-2")]
    hangings = [
        NewInstallation(town.make_id(town.at), meter.id, unit.services[0].id, DAY)
        for meter in meters
    ]

    with pytest.raises(operations.MeterRefused):
        operations.add_many(
            **by(town, town.house), batch="fleet", meters=meters, installations=hangings
        )

    assert not Meter.objects.exists()
    assert leaves()[-1]["facts"]["rule"] == "meters_point_holds_one_meter"
