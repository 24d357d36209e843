"""The running month: determined every night, apart from what bills are made of."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.integration.consumption.lake_days import AT, FIRST, HOURS, MAY, fill, lived_in

from tahseel.charging.billing import operations as billing
from tahseel.consumption.readings import jobs, operations, queries
from tahseel.consumption.readings.values import DialRead, Method
from tahseel.kernel import actor
from tahseel.kernel.period import BillingMonth, start_of

JOB = actor.system("test")
UNTIL = date(2026, 5, 11)


def night(day: date) -> None:
    jobs.SO_FAR.run(AT + timedelta(days=(day - FIRST).days), day)


def test_every_night_takes_the_place_of_the_night_before(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in, hours=range(240))
    night(date(2026, 5, 8))
    (before,) = queries.so_far(month=MAY, account_ids=[home.account_id])

    night(UNTIL)

    (found,) = queries.so_far(month=MAY, account_ids=[home.account_id])
    assert before.quantity == sum(map(lived_in, range(7 * 24)))
    assert found.quantity == sum(map(lived_in, range(240)))
    assert (found.version, found.method, found.days) == (0, Method.INTERVAL, 10)
    assert found.basis[0].version == 1  # type: ignore[union-attr]
    assert queries.so_far(month=MAY, meter_id=home.electricity) == [found]


def test_demand_and_bands_are_told_and_the_bands_make_the_whole(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in, hours=range(240))

    night(UNTIL)

    (found,) = queries.so_far(month=MAY)
    peak = sum(lived_in(h) for h in range(240) if 11 <= h % 24 < 17)
    assert found.profile is not None
    assert found.profile.demand == max(map(lived_in, range(24)))
    assert dict(found.profile.bands) == {"off_peak": found.quantity - peak, "peak": peak}


def test_a_month_of_a_read_dial_has_its_demand_and_the_bands_of_what_the_dial_says(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    used = sum(map(lived_in, range(HOURS)))
    rows = [
        DialRead(home.electricity, "1.8.0", start_of(day), value)
        for day, value in ((FIRST, 1_000), (MAY.period.end, 1_000 + used + 744))
    ]
    operations.store_register_reads(actor=JOB, at=AT, rows=rows, source="test")

    operations.determine(actor=JOB, at=AT, month=MAY)

    (found,) = queries.determinants(month=MAY)
    assert (found.method, found.quantity) == (Method.REGISTER, used + 744)
    assert found.profile is not None
    assert found.profile.demand == max(map(lived_in, range(24)))
    assert sum(part for _, part in found.profile.bands) == used + 744
    (again,) = queries.recompute(month=MAY, as_of=AT)
    assert again.holds


def test_a_meter_of_which_nothing_is_known_has_no_row_and_loses_the_one_it_had(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in, hours=range(24))
    night(date(2026, 5, 2))
    had = queries.so_far(month=MAY)

    night(UNTIL)

    assert len(had) == 1
    assert queries.so_far(month=MAY) == []


def test_on_the_first_the_month_that_ended_is_whole_and_then_it_gives_way(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    night(date(2026, 6, 1))
    (whole,) = queries.so_far(month=MAY)

    night(date(2026, 6, 2))

    assert (whole.days, whole.quantity) == (31, sum(map(lived_in, range(HOURS))))
    assert queries.so_far(month=MAY, account_ids=[home.account_id]) == []


def test_no_bill_is_ever_made_of_a_running_month(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    night(date(2026, 6, 1))

    report = billing.run(actor=JOB, at=AT, month=MAY, issued_on=AT.date())

    assert report.bills == 0
    assert dict(report.parked) == {"no_determinant": 1}
    assert queries.determinants(month=MAY) == []
    assert not queries.is_determined(account_ids=[home.account_id], first=MAY, last=None)


def test_two_nights_alike_leave_the_same(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in, hours=range(240))
    night(UNTIL)
    first = queries.so_far(month=MAY)

    night(UNTIL)

    assert queries.so_far(month=MAY) == first
    assert len(first) == 1
    assert queries.so_far(month=BillingMonth(2026, 6)) == []
    assert home.electricity == first[0].meter_id
