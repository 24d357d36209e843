"""Landlord-metered units in a real database: who is behind whose meter, and what it makes of it."""

from __future__ import annotations

from datetime import date

import pytest

from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import operations, queries
from tahseel.registry.premises.models import Feed
from tahseel.registry.premises.values import NewServicePoint, NewUnit, Sector, UnitKind
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as accounts

FROM, UNTIL = date(2025, 5, 11), date(2025, 6, 16)


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


@pytest.fixture
def house(town):
    """A landlord's building with one meter, a basement flat and a shop without one."""
    (landlord,) = town.units(1, kind=UnitKind.BUILDING, dwellings=2)
    units = [
        NewUnit(
            town.make_id(town.at), landlord.premises_id, kind, sector, date(2000, 1, 1), number=n
        )
        for kind, sector, n in (
            (UnitKind.FLAT, Sector.INVESTMENT, "B"), (UnitKind.SHOP, Sector.COMMERCIAL, "1"),
        )
    ]  # fmt: skip
    for unit in units:
        operations.add_unit(**by(town, town.head), unit=unit)
    return landlord, *units


def feed(town, point, unit, from_day=FROM, **facts):
    operations.supply_through(
        **by(town, town.head), id=town.make_id(town.at), point_id=point.id, unit_id=unit.id,
        from_day=from_day, **facts,
    )  # fmt: skip


def test_a_home_behind_the_landlords_meter_counts_and_a_shop_turns_the_building(town, house):
    landlord, flat, shop = house
    light, water = landlord.services

    feed(town, light, flat, share=3)
    feed(town, water, flat)
    feed(town, light, shop, UNTIL, share=2)

    days = [date(2025, 5, 10), FROM, UNTIL]
    found = [queries.sector_on(unit_id=landlord.id, day=day) for day in days]
    assert [(s.sector, s.dwellings) for s in found] == [
        (Sector.INVESTMENT, 2), (Sector.INVESTMENT, 3), (Sector.COMMERCIAL, 3),
    ]  # fmt: skip
    behind = queries.fed_units(supplier_ids=[landlord.id])[landlord.id]
    assert [(b.unit_id, b.service, b.share) for b in behind] == [
        (flat.id, Service.ELECTRICITY, 3), (flat.id, Service.WATER, 1),
        (shop.id, Service.ELECTRICITY, 2),
    ]  # fmt: skip
    assert [s.supplier_id for s in queries.suppliers_of(unit_id=shop.id)] == [landlord.id]


def test_the_bill_run_is_told_of_it_from_the_day_on(town, house):
    landlord, _, shop = house
    supply.open_account(
        **by(town), id=town.make_id(town.at), unit_id=landlord.id, opened_on=town.opened,
        payer_id=town.person(),
    )  # fmt: skip
    feed(town, landlord.services[0], shop)
    operations.separate_supply(
        **by(town, town.head), unit_id=shop.id, point_id=landlord.services[0].id, on_day=UNTIL
    )

    (may,) = accounts.billable_accounts(month=BillingMonth(2025, 5))
    (june,) = accounts.billable_accounts(month=BillingMonth(2025, 6))

    assert [(s.sector, s.from_day) for s in may.sectors] == [
        (Sector.INVESTMENT, date(2000, 1, 1)), (Sector.COMMERCIAL, FROM),
    ]  # fmt: skip
    assert [s.sector for s in june.sectors] == [Sector.COMMERCIAL, Sector.INVESTMENT]
    operations.add_service_point(
        **by(town, town.head),
        id=town.make_id(town.at),
        unit_id=shop.id,
        service=Service.ELECTRICITY,
    )


def test_a_supply_that_does_not_fit_is_refused_and_nothing_changes(town, house, leaves):
    landlord, flat, _ = house
    light = landlord.services[0]
    (stranger,) = town.units(1)
    own = NewUnit(
        town.make_id(town.at), landlord.premises_id, UnitKind.FLAT, Sector.INVESTMENT,
        date(2000, 1, 1), number="2",
        services=(NewServicePoint(town.make_id(town.at), Service.ELECTRICITY),),
    )  # fmt: skip
    operations.add_unit(**by(town, town.head), unit=own)
    feed(town, light, flat)
    wrong = [(light, flat, {}), (light, stranger, {}), (light, landlord, {}), (light, own, {}),
             (light, flat, {"share": 0})]  # fmt: skip

    for point, unit, facts in wrong:
        with pytest.raises(operations.NotShareable):
            feed(town, point, unit, **facts)
    with pytest.raises(operations.NotShareable):
        operations.separate_supply(
            **by(town, town.head), unit_id=own.id, point_id=light.id, on_day=UNTIL
        )

    assert Feed.objects.count() == 1
    assert {leaf["outcome"] for leaf in leaves()[-6:]} == {"refused"}


def test_what_is_torn_down_is_no_longer_behind_the_meter(town, house):
    landlord, flat, _ = house
    feed(town, landlord.services[0], flat)

    operations.demolish_units(
        **by(town, town.head),
        id=town.make_id(town.at),
        unit_ids=[flat.id],
        on_day=UNTIL,
        reference="m/9",
    )

    assert queries.sector_on(unit_id=landlord.id, day=UNTIL).dwellings == 2
    assert Feed.objects.get().until_day == UNTIL
