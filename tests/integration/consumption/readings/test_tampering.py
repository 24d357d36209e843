"""What happened to meters: kept once, found by two rules, on the work-list with its weight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.integration.consumption.lake_days import AT, FIRST, MAY

from tahseel.consumption.exceptions import jobs as nightly
from tahseel.consumption.exceptions import queries as exceptions
from tahseel.consumption.exceptions.values import Wanted
from tahseel.consumption.readings import operations, queries
from tahseel.consumption.readings.values import DialRead, Finding, Incident
from tahseel.kernel import actor
from tahseel.kernel.period import BillingMonth, start_of

JOB = actor.system("test")
JUNE = BillingMonth(2026, 6)
OVER = date(2026, 7, 1)
SPACE = "http://iec.ch/TC57/2011/EndDeviceEvents#"


def found(home: Any, rule: str, month: BillingMonth = MAY) -> list[Finding]:
    every = queries.findings(month=month, until=OVER, account_ids=[home.account_id])
    return [one for one in every if one.rule == rule]


def tell(
    home: Any,
    kind: str,
    at: datetime,
    drift_s: int | None = None,
    details: Mapping[str, str] | None = None,
) -> int:
    one = Incident(home.electricity, at, None, f"test:{kind}", kind, drift_s, details or {})
    return operations.record_incidents(actor=JOB, at=AT, events=[one], source="test")


def used(home: Any, kwh: int = 310) -> None:
    """The dial says what May came to: ten kWh a day."""
    for day, value in ((FIRST, 0), (MAY.period.end, kwh * 1000)):
        rows = [DialRead(home.electricity, "1.8.0", start_of(day), value)]
        operations.store_register_reads(actor=JOB, at=AT, rows=rows, source="test")
    operations.determine(actor=JOB, at=AT, month=MAY)


def written(places: Path, name: str, serial: str, *, code: str = "3.12.141.212") -> Path:
    path = places / name
    path.write_text(
        f'<EndDeviceEvents xmlns="{SPACE}"><EndDeviceEvent><createdDateTime>2026-05-03T10:00:00Z'
        f"</createdDateTime><Assets><Names><name>{serial}</name></Names></Assets>"
        f'<EndDeviceEventType ref="{code}"/></EndDeviceEvent></EndDeviceEvents><!--{name}-->',
        encoding="utf-8",
    )
    return path


def test_an_event_is_kept_once_whatever_file_tells_it(street: Any, places: Path) -> None:
    home = street.home()
    first, again = (written(places, name, home.serial) for name in ("a.xml", "b.xml"))

    taken = operations.import_files(actor=JOB, at=AT, paths=[first, first, again])

    assert [one.state for one in taken.files] == ["accepted", "known", "accepted"]
    [kept] = queries.meter_events(meter_id=home.electricity)
    assert (kept.kind, kept.about, kept.code) == ("cover_opened", "tamper", "cim:12.141.212")
    assert kept.at == datetime(2026, 5, 3, 10, tzinfo=UTC)


def test_an_event_of_an_unknown_meter_waits_until_the_meter_is_known(
    street: Any, places: Path
) -> None:
    home = street.home()
    path = written(places, "a.xml", "STRANGER")
    operations.import_files(actor=JOB, at=AT, paths=[path])
    assert queries.parked_by_reason() == {"unknown_meter": 0}

    operations.link_usage_point(actor=JOB, at=AT, usage_point="STRANGER", meter_id=home.electricity)
    operations.replay_parked(actor=JOB, at=AT)

    assert [e.kind for e in queries.meter_events(meter_id=home.electricity)] == ["cover_opened"]


def test_what_happened_is_never_changed_or_deleted(street: Any) -> None:
    home = street.home()
    tell(home, "tampered", datetime(2026, 5, 3, 10, tzinfo=UTC))

    for statement in (
        "update readings_meter_event set kind = 'x'",
        "delete from readings_meter_event",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert len(queries.meter_events(meter_id=home.electricity)) == 1


def test_tampering_is_found_on_its_day_and_weighs_a_month_of_usual_use(street: Any) -> None:
    home = street.home()
    used(home)
    tell(home, "seal_missing", datetime(2026, 6, 3, 10, tzinfo=UTC))

    [one] = found(home, "tamper", JUNE)

    assert (one.days, one.amounts) == ((date(2026, 6, 3),), (300_000,))
    assert found(home, "tamper", MAY) == []


def test_a_power_failure_and_a_code_that_nobody_knows_fire_no_rule(street: Any) -> None:
    home = street.home()
    tell(home, "power_off", datetime(2026, 5, 3, 10, tzinfo=UTC))
    tell(home, "other", datetime(2026, 5, 3, 11, tzinfo=UTC))

    assert found(home, "tamper") == []
    assert found(home, "clock_drift") == []


def test_a_clock_that_is_off_names_the_days_since_it_was_right(street: Any) -> None:
    home = street.home()
    used(home)
    tell(home, "clock_read", datetime(2026, 5, 26, 9, tzinfo=UTC), 20)
    tell(home, "clock_read", datetime(2026, 5, 28, 9, tzinfo=UTC), -864)

    [one] = found(home, "clock_drift")

    assert one.days == tuple(date(2026, 5, day) for day in (26, 27, 28))
    assert one.amounts == (100, 100, 100)  # a hundredth of a day, of ten kWh


def test_a_clock_within_its_limit_is_right(street: Any) -> None:
    home = street.home()
    tell(home, "clock_read", datetime(2026, 5, 28, 9, tzinfo=UTC), 180)
    tell(home, "clock_read", datetime(2026, 5, 29, 9, tzinfo=UTC), -180)

    assert found(home, "clock_drift") == []


def test_a_drift_told_in_june_reaches_back_into_may(street: Any) -> None:
    home = street.home()
    tell(home, "clock_set", datetime(2026, 5, 30, 9, tzinfo=UTC))
    tell(home, "clock_wrong", datetime(2026, 6, 2, 9, tzinfo=UTC))

    [may], [june] = found(home, "clock_drift", MAY), found(home, "clock_drift", JUNE)

    assert may.days == (date(2026, 5, 30), date(2026, 5, 31))
    assert june.days == (date(2026, 6, 1), date(2026, 6, 2))


def test_the_night_puts_both_on_the_work_list_and_once(street: Any, places: Path) -> None:
    home = street.home()
    used(home)
    when = datetime(2026, 6, 5, 9, tzinfo=UTC)
    nightly.NIGHT.run(start_of(date(2026, 6, 4)), date(2026, 6, 4))
    operations.record_incidents(
        actor=JOB,
        at=datetime(2026, 6, 5, 12, tzinfo=UTC),
        events=[
            Incident(home.electricity, when, None, f"test:{kind}", kind, drift, {})
            for kind, drift in (("tampered", None), ("clock_read", 4_000))
        ],
        source="test",
    )  # fmt: skip

    for day in (6, 7):
        nightly.NIGHT.run(start_of(date(2026, 6, day)), date(2026, 6, day))

    rows = exceptions.work_list(wanted=Wanted()).rows
    told = sorted((one.rule, one.month.month, one.quantity) for one in rows)
    assert told == [
        ("clock_drift", 5, 27 * 462),
        ("clock_drift", 6, 5 * 462),
        ("tamper", 6, 300_000),
    ]
