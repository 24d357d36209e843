"""What others read of supply: an account's page, a search, the facts of a bill run."""

from __future__ import annotations

from datetime import date

from tahseel.kernel.actor import Purpose
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises.values import Sector, UnitKind
from tahseel.registry.supply import operations, queries
from tahseel.registry.supply.values import Capacity

MAY = BillingMonth(2025, 5)


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


def reading(town):
    return {**by(town), "purpose": Purpose.CUSTOMER_SERVICE, "as_of": date(2025, 5, 20)}


def account_of(town, payer, opened_on=None, **facts):
    (unit,) = town.units(1, **facts)
    account = operations.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, payer_id=payer,
        opened_on=opened_on or town.opened,
    )  # fmt: skip
    return account, unit


def electricity_meter(town, serial, unit, installed_on, removed_on=None):
    register = NewRegister(
        town.make_id(town.at), "1.8.0", RegisterKind.IMPORT, DialUnit.KWH, digits=6
    )
    meter = NewMeter(
        town.make_id(town.at), serial, Service.ELECTRICITY, "make", Phase.SINGLE, (register,)
    )
    hung = NewInstallation(
        town.make_id(town.at), meter.id, unit.services[0].id, installed_on, removed_on
    )
    meters.add_many(**by(town, town.house), batch=serial, meters=[meter], installations=[hung])
    return meter


def test_an_account_page_shows_the_payer_of_the_day_masked_and_leaves_leaves(town, leaves):
    payer = town.person("نورة السالم", "Noura Alsalem")
    account, _ = account_of(town, payer)
    before = len(leaves())

    view = queries.account_view(**reading(town), account_id=account.id)
    same = queries.account_by_number(**reading(town), number=account.number)

    assert view == same
    assert (view.payer.id, view.payer.name("en")) == (payer, "Noura Alsalem")
    assert view.liability.capacity is Capacity.OWNER
    assert (view.governorate, view.sector) == ("hawalli", Sector.INVESTMENT)
    assert view.address("en").startswith("Salmiya, block")
    assert [leaf["action"] for leaf in leaves()[before:]] == ["read"] * 4


def test_an_unknown_or_mistyped_number_shows_nothing(town):
    account, _ = account_of(town, town.person())
    mistyped = account.number[:-1] + str((int(account.number[-1]) + 1) % 10)

    assert queries.account_by_number(**reading(town), number=mistyped) is None
    assert queries.account_view(**reading(town), account_id=town.make_id(town.at)) is None


def test_a_search_finds_by_name_account_number_and_meter_serial(town):
    payer = town.person("نورة السالم", "Noura Alsalem")
    account, unit = account_of(town, payer)
    electricity_meter(town, "KW-77-A", unit, town.opened)

    for typed in ("noura al salem", "نوره السالم", account.number, "KW-77-A"):
        (found,) = queries.find(**reading(town), text=typed)
        assert (found.customer.id, found.accounts) == (payer, (account,)), typed
    assert queries.find(**reading(town), text="سعود الفهد") == []


def test_accounts_of_a_customer_follow_the_day(town):
    payer, heir = town.people(2)
    account, _ = account_of(town, payer)
    operations.transfer(
        **by(town), account_id=account.id, to_customer_id=heir, on_day=date(2025, 6, 1),
        capacity=Capacity.OWNER,
    )  # fmt: skip

    assert queries.accounts_of(customer_id=payer, as_of=date(2025, 5, 31)) == [account]
    assert queries.accounts_of(customer_id=payer, as_of=date(2025, 6, 1)) == []
    assert queries.accounts_of(customer_id=heir, as_of=date(2025, 6, 1)) == [account]
    assert queries.accounts_ever_of(customer_id=payer) == [account]


def test_a_bill_run_is_told_sector_payer_dwellings_services_and_meters_of_the_month(town):
    first, second = town.people(2)
    account, unit = account_of(town, first, dwellings=4, kind=UnitKind.BUILDING)
    old = electricity_meter(town, "E-1", unit, date(2020, 1, 1), date(2025, 5, 11))
    new = electricity_meter(town, "E-2", unit, date(2025, 5, 11))
    operations.transfer(
        **by(town), account_id=account.id, to_customer_id=second, on_day=date(2025, 5, 16),
        capacity=Capacity.TENANT,
    )  # fmt: skip
    premises.set_sector(
        **by(town, town.head), unit_id=unit.id, sector=Sector.INDUSTRIAL,
        from_day=date(2025, 5, 21), dwellings=4,
    )  # fmt: skip
    premises.record_certificate(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, kind="productive_factory",
        number="PAI-9", valid_from=date(2025, 5, 21), valid_until=date(2025, 6, 1),
    )  # fmt: skip

    (may,) = queries.billable_accounts(month=MAY)
    (june,) = queries.billable_accounts(month=MAY.next(), account_ids=[account.id])

    assert (may.from_day, may.until_day) == (date(2025, 5, 1), date(2025, 6, 1))
    assert [span.customer_id for span in may.liabilities] == [first, second]
    assert [span.sector for span in may.sectors] == [Sector.INVESTMENT, Sector.INDUSTRIAL]
    assert (may.payer_id, may.unit_count, may.sector) == (second, 4, Sector.INDUSTRIAL)
    assert may.services == {Service.ELECTRICITY, Service.WATER}
    assert [(m.meter_id, m.from_day, m.until_day) for m in may.meters] == [
        (old.id, date(2025, 5, 1), date(2025, 5, 11)),
        (new.id, date(2025, 5, 11), date(2025, 6, 1)),
    ]
    assert (may.productive, june.productive) == (True, False)


def test_an_account_is_billable_only_in_months_in_which_it_is_open(town):
    account, _ = account_of(town, town.person(), opened_on=date(2025, 5, 31))
    operations.close_account(**by(town), account_id=account.id, closed_on=date(2025, 7, 1))

    months = [MAY.previous(), MAY, MAY.next(), MAY.next().next()]
    open_days = [
        [(a.from_day, a.until_day) for a in queries.billable_accounts(month=month)]
        for month in months
    ]

    assert open_days == [
        [],
        [(date(2025, 5, 31), date(2025, 6, 1))],
        [(date(2025, 6, 1), date(2025, 7, 1))],
        [],
    ]
    assert queries.billable_accounts(month=MAY, account_ids=[]) == []


def test_a_meter_leads_to_the_accounts_for_which_it_measured(town):
    account, unit = account_of(town, town.person())
    meter = electricity_meter(town, "E-1", unit, date(2020, 1, 1))
    operations.close_account(**by(town), account_id=account.id, closed_on=date(2025, 5, 10))
    second = operations.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, payer_id=town.person(),
        opened_on=date(2025, 5, 12),
    )  # fmt: skip

    found = queries.accounts_at_meters(meter_ids=[meter.id], period=MAY.period)

    assert sorted((f.account_id, f.from_day, f.until_day) for f in found) == sorted(
        [
            (account.id, date(2025, 5, 1), date(2025, 5, 10)),
            (second.id, date(2025, 5, 12), date(2025, 6, 1)),
        ]
    )
    assert queries.account_at(meter_id=meter.id, day=date(2025, 5, 11)) is None
    assert queries.account_at(meter_id=meter.id, day=date(2025, 5, 12)) == second.id
