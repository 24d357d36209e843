"""Reading readings. Quantities name nobody; who may ask for an account is decided by the asker."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from tahseel.consumption.readings import (
    bands,
    columns,
    daily,
    green_button,
    incident_rows,
    judging,
    measuring,
    netting,
    recomputing,
    running,
    touching,
    validating,
)
from tahseel.consumption.readings.basis import from_lists
from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.daily import DailyConsumption
from tahseel.consumption.readings.judging import NamedRule
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.profiles import from_list
from tahseel.consumption.readings.recomputing import Recomputed
from tahseel.consumption.readings.values import Determinant, DialView, Finding, IncidentView, Method
from tahseel.kernel import bulk
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service

MONTHS_MAX = 240
plain_quantities = columns.plain_quantities
_COLUMNS = (
    "account_id, meter_id, month, version, service, quantity, method, from_at, to_at, from_value,"
    " to_value, days, estimated_share, profile::text"
)
exported = measuring.exported
_WITH_BASIS = f"{_COLUMNS}, basis::text"


@dataclass(frozen=True, slots=True)
class MonthlyConsumption:
    """One point of an account's chart. quantity: Wh or litres."""

    month: BillingMonth
    service: Service
    quantity: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files and reads were taken and parked."""

    files_accepted: int
    files_refused: int
    reads_accepted: int
    reads_rejected: int
    register_reads: int


def determinants(
    *, month: BillingMonth, account_ids: Sequence[UUID] | None = None
) -> list[Determinant]:
    """What stands for a month (the last versions), by account and meter."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select distinct on (account_id, meter_id) {_COLUMNS} from readings_determinant"  # noqa: S608
            " where month = %s and (%s::uuid[] is null or account_id = any(%s::uuid[]))"
            " order by account_id, meter_id, version desc",
            [month.ordinal, *([None if account_ids is None else list(account_ids)] * 2)],
        )
        return [_determinant(row) for row in cursor.fetchall()]


def corrected(*, month: BillingMonth) -> list[Determinant]:
    """What stands for a month and is not what was found first, by account and meter."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select distinct on (account_id, meter_id) {_COLUMNS} from readings_determinant"  # noqa: S608
            " where month = %s and version > 1 order by account_id, meter_id, version desc",
            [month.ordinal],
        )
        return [_determinant(row) for row in cursor.fetchall()]


def is_determined(
    *, account_ids: Collection[UUID], first: BillingMonth, last: BillingMonth | None
) -> bool:
    """A month of these, the last one included (None: all that follow), has a determinant."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from readings_determinant"
            " where account_id = any(%(accounts)s::uuid[]) and month >= %(first)s"
            " and (%(last)s::int is null or month <= %(last)s))",
            {
                "accounts": bulk.uuid_array(account_ids),
                "first": first.ordinal,
                "last": last.ordinal if last else None,
            },
        )
        return bool((cursor.fetchone() or (False,))[0])


def was_determined(*, month: BillingMonth) -> bool:
    """Something of a month was determined."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from readings_determinant where month = %s)", [month.ordinal]
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def measured(
    *, month: BillingMonth, period: Period, account_ids: Sequence[UUID]
) -> list[Determinant]:
    """What accounts used in a part of a month, found now and written nowhere: version 0.

    A meter without data is absent. For bills that end or begin inside a month.
    """
    answers = netting.measure(month=month, period=period, account_ids=account_ids)
    return [with_version(found, 0) for _, found in answers if isinstance(found, Determinant)]


def so_far(
    *,
    month: BillingMonth,
    account_ids: Collection[UUID] | None = None,
    meter_id: UUID | None = None,
) -> list[Determinant]:
    """What a running month came to by last night (version 0): provisional, of which no bill is."""
    rows = running.rows(_WITH_BASIS, month=month, account_ids=account_ids, meter_id=meter_id)
    return [_determinant(row) for row in rows]


def band_names(*, code: str) -> Mapping[str, tuple[str, str]]:
    """By code the Arabic and English name of each band of a set; nothing for one given up."""
    told = bands.by_code(code)
    return {one.code: (one.name_ar, one.name_en) for one in told.bands} if told else {}


def findings(
    *, month: BillingMonth, until: date, account_ids: Sequence[UUID] | None = None
) -> Iterator[Finding]:
    """What the interval rules find in a month up to a day, found now and written nowhere."""
    return validating.findings(month=month, until=until, account_ids=account_ids)


def named_rules() -> Mapping[str, NamedRule]:
    """The rules that reads are judged by, as the country has them, by code."""
    return judging.rules().rules


def intervals(*, meter_id: UUID, period: Period) -> list[Series]:
    """What the lake holds of a meter's registers over these days, in order of time."""
    return Lake(settings.LAKE).read(meter_ids=[str(meter_id)], period=period)


def green_button_file(
    *, account_id: UUID, number: str, periods: Sequence[Period], at: datetime
) -> Iterator[bytes]:
    """An account's intervals as an ESPI file, piece by piece; who may have it, the caller decides.

    number: how the file calls it; periods: days, apart from each other. Raises NoIntervals.
    """
    return green_button.written(account_id=account_id, number=number, periods=periods, at=at)


def interval_days(*, meter_id: UUID) -> Period | None:
    """From the first day of which the lake holds intervals of a meter to the last, or None."""
    found = Lake(settings.LAKE).reach(str(meter_id))
    return Period(found[0], found[1] + timedelta(days=1)) if found else None


def lake_version() -> int:
    """The newest version of any block by now."""
    return Lake(settings.LAKE).version()


def touched_since(*, lake_version: int, at: datetime) -> dict[BillingMonth, set[UUID]]:
    """Accounts, by month, whose blocks, reads or meter events came after a lake's version or an
    instant. What the database has is looked for from a day before it: who stores it says when.
    """
    return touching.since(lake_version=lake_version, at=at)


def meter_events(*, meter_id: UUID, limit: int = 50) -> list[IncidentView]:
    """What happened to a meter by what senders and readers told, newest first."""
    return incident_rows.newest(meter_id=meter_id, limit=limit)


def determinants_as_of(
    *, month: BillingMonth, as_of: datetime, account_ids: Sequence[UUID] | None = None
) -> list[Determinant]:
    """What stood for a month at an instant, by account and meter."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select distinct on (account_id, meter_id) {_WITH_BASIS} from readings_determinant"  # noqa: S608
            " where month = %s and recorded_at <= %s"
            " and (%s::uuid[] is null or account_id = any(%s::uuid[]))"
            " order by account_id, meter_id, version desc",
            [
                month.ordinal,
                as_of,
                *([None if account_ids is None else list(account_ids)] * 2),
            ],
        )
        return [_determinant(row) for row in cursor.fetchall()]


def versions(*, account_id: UUID, meter_id: UUID, month: BillingMonth) -> list[Determinant]:
    """Every version of one determinant, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_WITH_BASIS} from readings_determinant"  # noqa: S608
            " where (account_id, meter_id, month) = (%s, %s, %s) order by version",
            [account_id, meter_id, month.ordinal],
        )
        return [_determinant(row) for row in cursor.fetchall()]


def recompute(
    *, month: BillingMonth, as_of: datetime, account_ids: Sequence[UUID] | None = None
) -> list[Recomputed]:
    """What stood for a month at an instant, made again from the versions it was made from."""
    stood = determinants_as_of(month=month, as_of=as_of, account_ids=account_ids)
    return recomputing.recompute(stood)


def monthly_consumption(*, account_id: UUID, months: int = 24) -> list[MonthlyConsumption]:
    """The account's last months, oldest first, one point per month and service."""
    with connection.cursor() as cursor:
        cursor.execute(
            "with standing as (select distinct on (meter_id, month) month, service, quantity,"
            " method = 'estimated' or estimated_share > 0 as guessed from readings_determinant"
            " where account_id = %s"
            " order by meter_id, month, version desc)"
            " select month, service, sum(quantity)::bigint, bool_or(guessed)"
            " from standing where month > (select max(month) from standing) - %s"
            " group by month, service order by month, service",
            [account_id, min(months, MONTHS_MAX)],
        )
        return [MonthlyConsumption(_month(m), Service(s), q, e) for m, s, q, e in cursor.fetchall()]


def meter_consumption(
    *, meter_id: UUID, account_ids: Sequence[UUID], months: int = 24
) -> list[MonthlyConsumption]:
    """A meter's last months, oldest first, over the accounts for which it measured."""
    with connection.cursor() as cursor:
        cursor.execute(
            "with standing as (select distinct on (account_id, month) month, service, quantity,"
            " method = 'estimated' or estimated_share > 0 as guessed from readings_determinant"
            " where account_id = any(%s) and meter_id = %s"
            " order by account_id, month, version desc)"
            " select month, service, sum(quantity)::bigint, bool_or(guessed)"
            " from standing where month > (select max(month) from standing) - %s"
            " group by month, service order by month",
            [list(account_ids), meter_id, min(months, MONTHS_MAX)],
        )
        return [MonthlyConsumption(_month(m), Service(s), q, e) for m, s, q, e in cursor.fetchall()]


def register_reads(*, meter_id: UUID, limit: int = 24) -> list[DialView]:
    """The last reads of a meter's dials, newest first; of each the version that stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (at, register) register, at, version, value, quality, source"
            " from readings_register_read where meter_id = %s"
            " order by at desc, register, version desc limit %s",
            [meter_id, limit],
        )
        return [DialView(*row) for row in cursor.fetchall()]


def dial_history(
    *, meter_ids: Collection[UUID], since: datetime, until: datetime
) -> dict[tuple[UUID, str], list[DialView]]:
    """Reads of many meters' dials before an instant, by meter and register, oldest first; of each
    the version that stands.
    """
    found: dict[tuple[UUID, str], list[DialView]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (meter_id, register, at) meter_id, register, at, version, value,"
            " quality, source from readings_register_read where meter_id = any(%s::uuid[])"
            " and at >= %s and at < %s order by meter_id, register, at, version desc",
            [bulk.uuid_array(meter_ids), since, until],
        )
        for meter_id, *told in cursor.fetchall():
            found.setdefault((meter_id, told[0]), []).append(DialView(*told))
    return found


def daily_consumption(*, meter_id: UUID, period: Period) -> list[DailyConsumption]:
    """What the lake holds of a meter's import, day by day; a day without intervals is absent.

    Intervals longer than a day belong to no single day and are left out.
    """
    return daily.of(Lake(settings.LAKE).read(meter_ids=[str(meter_id)], period=period), period)


def account_daily_consumption(*, account_id: UUID, period: Period) -> list[DailyConsumption]:
    """The same for every meter that determined the account, added up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct meter_id from readings_determinant where account_id = %s"
            " and month between %s and %s and service = 'electricity'",
            [
                account_id,
                BillingMonth.of(period.start).ordinal,
                BillingMonth.of(period.end - timedelta(days=1)).ordinal,
            ],
        )
        meter_ids = [row[0] for row in cursor.fetchall()]
    days: dict[date, DailyConsumption] = {}
    for meter_id in meter_ids:
        for point in daily_consumption(meter_id=meter_id, period=period):
            before = days.get(point.day, DailyConsumption(point.day, 0, complete=True))
            days[point.day] = DailyConsumption(
                point.day, before.quantity + point.quantity, before.complete and point.complete
            )
    return [days[day] for day in sorted(days)]


def counts() -> Counts:
    """Totals over all files and register reads."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) filter (where state = 'accepted'),"
            " count(*) filter (where state = 'refused'), coalesce(sum(stored), 0)::bigint"
            " from readings_file"
        )
        accepted, refused, stored = cursor.fetchone() or (0, 0, 0)
        cursor.execute(
            "select coalesce(sum(reads) filter (where state = 'open'), 0)::bigint,"
            " coalesce(sum(reads) filter (where state = 'replayed'), 0)::bigint"
            " from readings_parked"
        )
        still_parked, replayed = cursor.fetchone() or (0, 0)
        cursor.execute("select count(*) from readings_register_read")
        row = cursor.fetchone()
    return Counts(accepted, refused, stored + replayed, still_parked, row[0] if row else 0)


def files(*, limit: int = 1_000) -> list[dict[str, Any]]:
    """Summaries of the files that came, latest first: what `readings parse` prints of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select summary::text from readings_file order by received_at desc, id desc limit %s",
            [limit],
        )
        return [json.loads(row[0]) for row in cursor.fetchall()]


def parked_by_reason() -> dict[str, int]:
    """Reads that wait, by the code of their reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select code, sum(reads)::bigint from readings_parked where state = 'open'"
            " group by code order by code"
        )
        return dict(cursor.fetchall())


def with_version(one: Determinant, version: int) -> Determinant:
    """The same determinant as another version."""
    return replace(one, version=version)


def _determinant(row: tuple[Any, ...]) -> Determinant:
    profile = from_list(orjson.loads(row[13])) if row[13] else None
    basis = from_lists(orjson.loads(row[14])) if len(row) > 14 and row[14] else ()
    found = Determinant(
        row[0],
        row[1],
        _month(row[2]),
        row[3],
        Service(row[4]),
        row[5],
        Method(row[6]),
        *row[7:13],
    )
    return replace(found, basis=basis, profile=profile) if basis or profile else found


def _month(ordinal: int) -> BillingMonth:
    return BillingMonth(ordinal // 12, ordinal % 12 + 1)
