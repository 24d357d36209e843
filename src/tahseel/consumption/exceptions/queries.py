"""Reading the work-list. Meters and accounts are numbers here; no person is named."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.exceptions.values import (
    EDIT,
    ExceptionView,
    FieldOrder,
    FindingView,
    OrderKind,
    OrderState,
    Price,
    PricedBy,
    State,
    Wanted,
    WorkList,
)
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.trust.approvals import queries as approvals

PAGE_MAX = 200
_COLUMNS = """
id, account_id, meter_id, register, service, sector, area, rule, month, first_day, until_day,
quantity, ver, fils, priced_by, state, opened_at, changed_at, closed_at, closed_by, reason
"""
_ORDER = """
id, exception_id, meter_id, kind, task, state, ordered_at, ordered_by, done_on, result, closed_at,
closed_by, about
"""
_WANTED = """
state = %(state)s and (%(rule)s = '' or rule = %(rule)s)
and (%(sector)s = '' or sector = %(sector)s)
and (%(area)s = '' or area = %(area)s) and (%(service)s = '' or service = %(service)s)
"""
_TOTALS = f"""
select count(*), coalesce(sum(fils), 0)::bigint from exceptions_exception where {_WANTED}
"""  # noqa: S608 - our words
_PAGE = f"""
select {_COLUMNS} from exceptions_exception where {_WANTED}
order by fils desc nulls last, id limit %(limit)s offset %(offset)s
"""  # noqa: S608 - our words


@dataclass(frozen=True, slots=True)
class LastRun:
    """The night before: when, and what it had seen of the lake."""

    at: datetime
    lake_version: int


def work_list(*, wanted: Wanted, limit: int = 50, offset: int = 0) -> WorkList:
    """A page of the work-list, dearest first; what has no price yet comes last."""
    facts: dict[str, str | int] = {
        "rule": wanted.rule,
        "sector": wanted.sector,
        "area": wanted.area,
        "service": wanted.service,
        "state": str(wanted.state),
        "limit": min(limit, PAGE_MAX),
        "offset": offset,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, facts)
        count, fils = cursor.fetchone() or (0, 0)
        cursor.execute(_PAGE, facts)
        rows = tuple(_view(row) for row in cursor.fetchall())
    return WorkList(rows, count, Money(fils))


def exception(*, exception_id: UUID) -> ExceptionView | None:
    """One exception, or None."""
    found = _where("id = %s", [exception_id])
    return found[0] if found else None


def of_meter(*, meter_id: UUID, limit: int = PAGE_MAX) -> list[ExceptionView]:
    """The exceptions of a meter, newest days first."""
    return _where("meter_id = %s order by first_day desc, id limit %s", [meter_id, limit])


def open_of(
    *, rule: str, month: BillingMonth, sectors: Collection[str], account_ids: Collection[UUID]
) -> list[ExceptionView]:
    """The open exceptions of a rule in a month among these accounts, in these sectors."""
    return _where(
        "state = 'open' and rule = %s and month = %s and sector = any(%s)"
        " and account_id = any(%s::uuid[]) order by id",
        [rule, month.ordinal, sorted(sectors), list(account_ids)],
    )


def edits_waiting(*, as_of: datetime) -> dict[UUID, UUID]:
    """Exceptions whose edit somebody has asked for, each with the approval that waits."""
    waiting = approvals.waiting(as_of=as_of, operation=EDIT)
    return {UUID(str(view.payload["exception"])): view.id for view in waiting}


def field_order(*, order_id: UUID) -> FieldOrder | None:
    """One field order, or None."""
    found = _orders("id = %s", [order_id])
    return found[0] if found else None


def orders_of(*, exception_id: UUID) -> list[FieldOrder]:
    """The field orders for an exception, newest first."""
    return _orders("exception_id = %s order by ordered_at desc, id desc", [exception_id])


def orders_about(*, about: Collection[UUID]) -> dict[UUID, list[FieldOrder]]:
    """The field orders for things that are no exceptions, by the thing; newest first."""
    found: dict[UUID, list[FieldOrder]] = {}
    for one in _orders("about = any(%s::uuid[]) order by ordered_at desc, id desc", [list(about)]):
        if one.about is not None:
            found.setdefault(one.about, []).append(one)
    return found


def orders_out(*, limit: int = PAGE_MAX) -> list[FieldOrder]:
    """What crews have to do, oldest first."""
    return _orders("state = 'ordered' order by ordered_at, id limit %s", [min(limit, PAGE_MAX)])


def orders_out_at(*, meter_ids: Collection[UUID]) -> list[FieldOrder]:
    """What crews have to do at these meters, oldest first."""
    return _orders(
        "state = 'ordered' and meter_id = any(%s::uuid[]) order by ordered_at, id",
        [list(meter_ids)],
    )


def findings(*, exception_id: UUID) -> list[FindingView]:
    """What was found of an exception over time, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select found_at, first_day, until_day, quantity, ver from exceptions_finding"
            " where exception_id = %s order by found_at",
            [exception_id],
        )
        return [
            FindingView(at, Period(first, until), quantity, ver)
            for at, first, until, quantity, ver in cursor.fetchall()
        ]


def open_counts() -> dict[str, dict[str, int]]:
    """How many exceptions are open, by `rule`, by `sector` and by `area`."""
    found: dict[str, dict[str, int]] = {"rule": {}, "sector": {}, "area": {}}
    with connection.cursor() as cursor:
        cursor.execute(
            "select rule, sector, area, count(*) from exceptions_exception where state = 'open'"
            " group by grouping sets ((rule), (sector), (area))"
        )
        for rule, sector, area, count in cursor.fetchall():
            name = "rule" if rule is not None else "sector" if sector is not None else "area"
            found[name][rule or sector or area or ""] = count
    return found


def prices(*, account_ids: Collection[UUID]) -> dict[tuple[UUID, str], Price]:
    """What accounts paid last, by account and service."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, service, fils, quantity from exceptions_price"
            " where account_id = any(%s::uuid[])",
            [list(account_ids)],
        )
        return {(a, service): Price(fils, q) for a, service, fils, q in cursor.fetchall()}


def mean_prices() -> dict[str, Price]:
    """What everybody paid together, by service: for accounts that have no bill yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select service, sum(fils)::bigint, sum(quantity)::bigint from exceptions_price"
            " group by service"
        )
        return {service: Price(fils, quantity) for service, fils, quantity in cursor.fetchall()}


def last_run() -> LastRun | None:
    """The last night that judged, or None."""
    with connection.cursor() as cursor:
        cursor.execute("select at, lake_version from exceptions_run order by at desc limit 1")
        row = cursor.fetchone()
    return LastRun(*row) if row else None


def _orders(condition: str, values: list[Any]) -> list[FieldOrder]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_ORDER} from exceptions_field_order where {condition}",  # noqa: S608
            values,
        )
        return [_order(row) for row in cursor.fetchall()]


def _order(row: tuple[Any, ...]) -> FieldOrder:
    return FieldOrder(
        id=row[0],
        exception_id=row[1],
        meter_id=row[2],
        kind=OrderKind(row[3]),
        task=row[4],
        state=OrderState(row[5]),
        ordered_at=row[6],
        ordered_by=row[7],
        done_on=row[8],
        result=row[9],
        closed_at=row[10],
        closed_by=row[11],
        about=row[12],
    )


def _where(condition: str, values: list[Any]) -> list[ExceptionView]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from exceptions_exception where {condition}",  # noqa: S608
            values,
        )
        return [_view(row) for row in cursor.fetchall()]


def _view(row: tuple[Any, ...]) -> ExceptionView:
    return ExceptionView(
        id=row[0],
        account_id=row[1],
        meter_id=row[2],
        register=row[3],
        service=Service(row[4]),
        sector=row[5],
        area=row[6],
        rule=row[7],
        month=BillingMonth.from_ordinal(row[8]),
        days=Period(row[9], row[10]),
        quantity=row[11],
        version=row[12],
        at_risk=None if row[13] is None else Money(row[13]),
        priced_by=PricedBy(row[14]),
        state=State(row[15]),
        opened_at=row[16],
        changed_at=row[17],
        closed_at=row[18],
        closed_by=row[19],
        reason=row[20],
    )
