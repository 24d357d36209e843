"""A main meter's month is what it measured less its sub-meters, whatever was exchanged or moved."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.consumption.lake_days import AT

from tahseel.consumption.exceptions import jobs as nightly
from tahseel.consumption.exceptions import queries as exceptions
from tahseel.consumption.exceptions.values import State, Wanted
from tahseel.consumption.readings import operations, queries
from tahseel.consumption.readings.values import Determinant, DetermineReport, DialRead, Method
from tahseel.kernel import actor
from tahseel.kernel.period import BillingMonth, Period, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import NewBehind

JOB = actor.system("test")
MAY = BillingMonth(2026, 5)
FIRST, END = MAY.period.start, MAY.period.end
LATER = AT + timedelta(hours=3)


class Placed:
    """A service point with a dial that counts whole kWh, and a meter that may be exchanged."""

    def __init__(self, street: Any) -> None:
        self.street, self.home = street, street.home()
        self.point: UUID = self.home.electricity_point
        self.meter: UUID = self.home.electricity
        self.devices, self.dial = [self.meter], 100

    def read(self, day: date, at: Any = AT) -> None:
        rows = [DialRead(self.meter, "1.8.0", start_of(day), self.dial * 1000)]
        operations.store_register_reads(actor=JOB, at=at, rows=rows, source="test")

    def exchange(self, day: date) -> None:
        house = self.street.town.house
        fresh = self.street.meter(f"X{len(self.devices)}-{self.meter.hex[-6:]}",
                                  Service.ELECTRICITY)  # fmt: skip
        meters.add_meter(actor=house, at=AT, meter=fresh)
        meters.exchange(
            actor=house, at=AT, id=self.street.make_id(AT), service_point_id=self.point, day=day,
            new_meter_id=fresh.id, closing={"1.8.0": str(self.dial)}, opening={"1.8.0": "7"},
        )  # fmt: skip
        self.meter, self.dial = fresh.id, 7
        self.devices.append(fresh.id)

    def months(self) -> list[Determinant]:
        found = queries.determinants(month=MAY, account_ids=[self.home.account_id])
        return [one for one in found if one.service is Service.ELECTRICITY]


def behind(street: Any, sub: Placed, main: Placed, since: date = FIRST, **facts: Any) -> None:
    meters.put_behind(
        actor=street.town.house, at=facts.pop("at", AT),
        behind=NewBehind(street.make_id(AT), sub.point, main.point, since, **facts),
    )  # fmt: skip


def run(at: Any = AT) -> DetermineReport:
    return operations.determine(actor=JOB, at=at, month=MAY)


def reasons(report: DetermineReport, place: Placed) -> set[str]:
    return {
        g.reason
        for g in report.gaps
        if g.account_id == place.home.account_id and g.service is Service.ELECTRICITY
    }


def used(place: Placed, kwh: int, at: Any = AT) -> None:
    """A month between two reads."""
    place.read(FIRST, at)
    place.dial += kwh
    place.read(END, at)


def test_the_landlord_is_told_what_no_sub_meter_measured(street: Any) -> None:
    main, one, other = Placed(street), Placed(street), Placed(street)
    behind(street, one, main)
    behind(street, other, main)
    for place, kwh in ((main, 1_000), (one, 300), (other, 450)):
        used(place, kwh)

    run()

    [net] = main.months()
    assert (net.quantity, net.method, net.estimated_share) == (250_000, Method.REGISTER, 0)
    assert (net.from_value, net.to_value, net.profile) == (None, None, None)
    assert [m.quantity for m in (*one.months(), *other.months())] == [300_000, 450_000]


def test_the_rest_knows_every_read_it_was_made_from_and_is_made_again(street: Any) -> None:
    main, sub = Placed(street), Placed(street)
    behind(street, sub, main)
    used(main, 1_000)
    used(sub, 300)
    run()

    sub.dial += 5
    sub.read(END, LATER)
    run(LATER)

    account = main.home.account_id
    told = queries.versions(account_id=account, meter_id=main.meter, month=MAY)
    assert [(v.quantity, v.sub_meters) for v in told] == [
        (700_000, (sub.meter,)), (695_000, (sub.meter,)),
    ]  # fmt: skip
    for at, quantity in ((AT, 700_000), (LATER, 695_000)):
        again = queries.recompute(month=MAY, as_of=at, account_ids=[account])
        assert [(one.holds, one.stored.quantity) for one in again] == [(True, quantity)]


def test_an_unread_sub_meter_leaves_the_main_meters_rest_unknown(street: Any) -> None:
    main, sub = Placed(street), Placed(street)
    behind(street, sub, main)
    used(main, 1_000)

    report = run()

    assert main.months() == []
    assert (reasons(report, main), reasons(report, sub)) == ({"sub_meter_unread"}, {"no_reads"})


def test_a_difference_below_zero_is_never_told_and_becomes_an_exception_until_it_is_right(
    street: Any,
) -> None:
    main, sub = Placed(street), Placed(street)
    behind(street, sub, main)
    used(main, 1_000)
    used(sub, 1_200)

    report = run()
    nightly.NIGHT.run(AT, END)

    assert main.months() == []
    assert reasons(report, main) == {"sub_meters_beyond_main"}
    [found] = exceptions.work_list(wanted=Wanted(rule="sub_meters")).rows
    assert (found.meter_id, found.quantity, found.days) == (main.meter, 200_000, MAY.period)
    main.dial += 300
    main.read(END, LATER)
    nightly.NIGHT.run(LATER, END + timedelta(days=1))
    assert exceptions.exception(exception_id=found.id).state is State.CLEARED
    run(LATER)
    assert [one.quantity for one in main.months()] == [100_000]


def test_a_late_read_of_a_sub_meter_corrects_the_main_meters_month_in_the_night(
    street: Any,
) -> None:
    main, sub = Placed(street), Placed(street)
    behind(street, sub, main)
    used(main, 1_000)
    used(sub, 300)
    run()
    nightly.NIGHT.run(AT, END)

    sub.dial += 20
    sub.read(END, LATER)
    nightly.NIGHT.run(LATER, END + timedelta(days=1))

    assert [(one.version, one.quantity) for one in main.months()] == [(2, 680_000)]


def test_a_sub_meter_put_on_record_late_corrects_what_was_told(street: Any) -> None:
    main, sub = Placed(street), Placed(street)
    used(main, 1_000)
    used(sub, 300)
    run()
    nightly.NIGHT.run(AT, END)

    behind(street, sub, main, at=LATER)
    nightly.NIGHT.run(LATER, END + timedelta(days=1))

    assert [(one.version, one.quantity) for one in main.months()] == [(2, 700_000)]


def test_a_sub_meter_of_a_sub_meter_is_taken_off_once(street: Any) -> None:
    main, sub, deep = Placed(street), Placed(street), Placed(street)
    behind(street, sub, main)
    behind(street, deep, sub)
    for place, kwh in ((main, 1_000), (sub, 600), (deep, 150)):
        used(place, kwh)

    run()

    assert [p.months()[0].quantity for p in (main, sub, deep)] == [400_000, 450_000, 150_000]


def test_an_exchanged_main_meter_that_fails_leaves_nothing_of_its_place_to_bill(
    street: Any,
) -> None:
    main, sub = Placed(street), Placed(street)
    behind(street, sub, main)
    main.read(FIRST)
    main.dial += 500
    main.exchange(FIRST + timedelta(days=10))
    used(sub, 300)

    report = run()

    assert main.months() == []
    assert reasons(report, main) == {"no_closing_read"}


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_exchanged_or_moved_nothing_is_lost_or_counted_twice(
    street: Any, seed: int
) -> None:
    """Against a count day by day of what everybody used."""
    chance = random.Random(seed)
    main, subs = Placed(street), [Placed(street) for _ in range(chance.randint(1, 3))]
    days = list(Period(FIRST, END))
    changes = {sub: chance.choice([None, *days[3:28]]) for sub in (main, *subs)}
    since = {sub: chance.choice([FIRST, FIRST, *days[2:25]]) for sub in subs}
    until = {s: chance.choice([None, None, *(d for d in days if d > since[s])]) for s in subs}
    for sub in subs:
        behind(street, sub, main, since[sub], until_day=until[sub])
    rest = dict.fromkeys((main, *subs), 0)
    for place in rest:
        place.read(FIRST)
    for day in days:
        marks = {*since.values(), *until.values(), day if day in changes.values() else None}
        for place in rest:
            if changes[place] == day:
                place.exchange(day)
            if day in marks:
                place.read(day)
        for sub in subs:
            kwh = chance.randint(0, 30)
            sub.dial, rest[sub] = sub.dial + kwh, rest[sub] + kwh
            if since[sub] <= day and (until[sub] is None or day < until[sub]):
                main.dial += kwh
        own = chance.randint(5, 9)
        main.dial, rest[main] = main.dial + own, rest[main] + own
    for place in rest:
        place.read(END)

    run()

    for place, kwh in rest.items():
        told = place.months()
        assert sum(one.quantity for one in told) == kwh * 1000, (seed, place is main)
        assert min(one.quantity for one in told) >= 0
        assert {one.meter_id for one in told} == set(place.devices)
    again = queries.recompute(month=MAY, as_of=AT, account_ids=[main.home.account_id])
    assert all(one.holds for one in again)
