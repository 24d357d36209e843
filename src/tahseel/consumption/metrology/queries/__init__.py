"""Reading tests, certifications and corrections. A meter names nobody, so no purpose is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.consumption.metrology import rules
from tahseel.consumption.metrology.values import (
    CORRECT,
    Basis,
    Certification,
    Correction,
    MeanError,
    MonthCorrected,
    Proposed,
    TestKind,
    TestPoint,
    TestView,
    Verdict,
)
from tahseel.consumption.readings import queries as readings
from tahseel.kernel import bulk
from tahseel.kernel.period import BillingMonth, Period, local_day, months_between
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import queries as meters
from tahseel.registry.supply import queries as supply
from tahseel.trust.approvals import queries as approvals

ROWS_MAX = 200
_TEST = (
    "select id, meter_id, service, kind, tested_on, accuracy_class, reference, certificate,"
    " points::text, error_parts, error_weight, verdict, recorded_at, recorded_by"
    " from metrology_test"
)
_CORRECTION = (
    "select id, test_id, meter_id, service, from_day, until_day, error_parts, error_weight, reason,"
    " confirmed_at, confirmed_by from metrology_correction"
)
# Of each meter that hangs on a day, the certification that was said last.
_STANDING = """
with standing as (
  select distinct on (i.meter_id) i.meter_id, c.from_day, c.until_day, c.basis, c.reference,
    c.recorded_at
  from meters_installation i
  join metrology_certification c on c.meter_id = i.meter_id
  where i.installed_on <= %(day)s and (i.removed_on is null or i.removed_on > %(day)s)
  order by i.meter_id, c.recorded_at desc, c.from_day desc, c.id desc
)
select meter_id, from_day, until_day, basis, reference, recorded_at from standing
where until_day <= %(before)s order by until_day, meter_id limit %(limit)s
"""


def meter_test(*, test_id: UUID) -> TestView | None:
    """One test, or None."""
    found = _tests("where id = %s", test_id)
    return found[0] if found else None


def meter_tests(*, meter_id: UUID) -> list[TestView]:
    """Every test of a meter, newest first."""
    return _tests("where meter_id = %s order by tested_on desc, recorded_at desc, id", meter_id)


def recent_tests(*, limit: int = ROWS_MAX) -> list[TestView]:
    """The tests recorded last."""
    return _tests("order by recorded_at desc, id limit %s", min(limit, ROWS_MAX))


def certification(*, meter_id: UUID) -> Certification | None:
    """What was said last about a meter's certification; None when nothing ever was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select meter_id, from_day, until_day, basis, reference, recorded_at"
            " from metrology_certification where meter_id = %s"
            " order by recorded_at desc, from_day desc, id desc limit 1",
            [meter_id],
        )
        row = cursor.fetchone()
    return _certification(row) if row else None


def uncertified(*, day: date, within_days: int = 0, limit: int = ROWS_MAX) -> list[Certification]:
    """Meters that hang on a day with a certification that ended, or ends within so many days.

    The longest overdue first. A meter of which nothing was ever said is not among them.
    """
    facts: dict[str, date | int] = {
        "day": day,
        "before": day + timedelta(days=within_days),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, facts)
        return [_certification(row) for row in cursor.fetchall()]


def correction_of(*, test_id: UUID) -> Correction | None:
    """What two people agreed to make of a failed test, or None."""
    found = _corrections("where test_id = %s", test_id)
    return found[0] if found else None


def corrections_of(*, meter_id: UUID) -> list[Correction]:
    """Every correction of a meter, newest days first."""
    return _corrections("where meter_id = %s order by from_day desc", meter_id)


def corrections_waiting(*, as_of: datetime) -> dict[UUID, UUID]:
    """Tests whose correction somebody has asked for, each with the approval that waits."""
    waiting = approvals.waiting(as_of=as_of, operation=CORRECT)
    return {UUID(str(view.payload["test"])): view.id for view in waiting}


def uncorrected(*, limit: int = ROWS_MAX) -> list[TestView]:
    """Failed tests of which nobody has decided yet what they correct, oldest first."""
    return _tests(
        "t where verdict = 'failed' and error_parts <> 0 and not exists"
        " (select from metrology_correction c where c.test_id = t.id)"
        " order by tested_on, id limit %s",
        limit,
    )


def proposed(*, found: TestView) -> Proposed | None:
    """What a failed test would correct by what stands today; None when no day is left."""
    span = rules.span(rules.policy().reach, since=_known_good(found), tested_on=found.tested_on)
    if span is None or not found.error.parts:
        return None
    hung = supply.accounts_at_meters(meter_ids=[found.meter_id], period=span)
    months = [
        month
        for one in months_between(
            BillingMonth.of(span.start), BillingMonth.of(span.end - timedelta(days=1)).next()
        )
        for month in _months(found, span, one, {on.account_id for on in hung})
    ]
    return Proposed(found, span, tuple(sorted(months, key=lambda m: (m.month, m.account_id))))


def _months(
    found: TestView, span: Period, month: BillingMonth, account_ids: Collection[UUID]
) -> list[MonthCorrected]:
    rows = []
    for one in readings.determinants(month=month, account_ids=list(account_ids)):
        first = local_day(one.from_at)
        whole = Period(first, first + timedelta(days=max(one.days, 1)))
        covered = span.overlap(whole)
        if one.meter_id != found.meter_id or covered is None:
            continue
        change = rules.difference(
            one.quantity, covered=covered.days, days=whole.days, error=found.error
        )
        rows.append(
            MonthCorrected(
                account_id=one.account_id,
                month=month,
                version=one.version,
                days=whole.days,
                covered=covered.days,
                measured=one.quantity,
                difference=change,
            )
        )
    return rows


def _known_good(found: TestView) -> date:
    """The last day on which the meter was known to be right, or that is corrected already."""
    days = [one.tested_on for one in meter_tests(meter_id=found.meter_id)
            if one.verdict is Verdict.PASSED and one.tested_on <= found.tested_on]  # fmt: skip
    days += [
        one.span.end
        for one in corrections_of(meter_id=found.meter_id)
        if one.span.end <= found.tested_on
    ]
    hung = meters.installations_of(meter_ids=[found.meter_id]).get(found.meter_id, [])
    days += [hung[0].installed_on] if hung else []
    return max(days, default=found.tested_on)


def _tests(condition: str, *values: UUID | int) -> list[TestView]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_TEST} {condition}", list(values))
        return [_test(row) for row in cursor.fetchall()]


def _test(row: tuple[Any, ...]) -> TestView:
    return TestView(
        id=row[0],
        meter_id=row[1],
        service=Service(row[2]),
        kind=TestKind(row[3]),
        tested_on=row[4],
        accuracy_class=row[5],
        reference=row[6],
        certificate=row[7],
        points=tuple(TestPoint(*point) for point in orjson.loads(row[8])),
        error=MeanError(row[9], row[10]),
        verdict=Verdict(row[11]),
        recorded_at=row[12],
        recorded_by=row[13],
    )


def _certification(row: tuple[Any, ...]) -> Certification:
    return Certification(row[0], row[1], row[2], Basis(row[3]), row[4], row[5])


def _corrections(condition: str, value: UUID) -> list[Correction]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_CORRECTION} {condition}", [value])
        rows = cursor.fetchall()
        cursor.execute(
            "select correction_id, account_id, month, version, days, covered, measured, difference"
            " from metrology_corrected_month where correction_id = any(%s::uuid[])"
            " order by month, account_id",
            [bulk.uuid_array(row[0] for row in rows)],
        )
        months: dict[UUID, list[MonthCorrected]] = defaultdict(list)
        for correction_id, account_id, month, *figures in cursor.fetchall():
            one = MonthCorrected(account_id, BillingMonth.from_ordinal(month), *figures)
            months[correction_id].append(one)
    return [
        Correction(
            id=row[0],
            test_id=row[1],
            meter_id=row[2],
            service=Service(row[3]),
            span=Period(row[4], row[5]),
            error=MeanError(row[6], row[7]),
            reason=row[8],
            confirmed_at=row[9],
            confirmed_by=row[10],
            months=tuple(months[row[0]]),
        )
        for row in rows
    ]
