"""Bills with what explains them, one or many at once: a page shows one, a printer thousands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from tahseel.charging.billing import explaining
from tahseel.charging.billing.queries.bills import correcting, views
from tahseel.charging.billing.queries.forwarding import standings
from tahseel.charging.billing.queries.holding import past
from tahseel.charging.billing.values import (
    Bill,
    BillView,
    Compared,
    Explanation,
    MeterUse,
    MonthBilled,
    Past,
)
from tahseel.charging.tariffs.values import CONSUMPTION
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Determinant, DialView, Method
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import MeterView

MONTHS_TOLD = 12
NEIGHBOURS_MAX = 20_000
INSTANT = timedelta(microseconds=1)

Like = tuple[str, str, int]
"""Whom a unit is compared with: its area, its sector, the month."""
Medians = dict[Service, int]
"""What the half of them used, by service."""

# Whole months that stand, of one area and sector; an account is one neighbour, whoever paid.
_NEIGHBOURS = """
select service, percentile_disc(0.5) within group (order by quantity), count(*)
from (
  select b.account_id, l.service, sum(l.quantity) as quantity
  from billing_bill b
  join billing_line l on l.account_id = b.account_id and l.bill_id = b.id and l.kind = %(kind)s
  join supply_account a on a.id = b.account_id
  join premises_unit u on u.id = a.unit_id
  join premises_premises p on p.id = u.premises_id and p.area_id = %(area)s
  where b.month = %(month)s and b.sector = %(sector)s
    and b.from_day = %(start)s and b.to_day = %(end)s
    and not exists (
      select from billing_bill c where c.account_id = b.account_id and c.corrects = b.id
    )
  group by b.account_id, l.service
  limit %(most)s
) used
group by service
"""
_POSTED = """
select b.account_id, b.id
from premises_premises p
join premises_unit u on u.premises_id = p.id
join supply_account a on a.unit_id = u.id
join billing_bill b on b.account_id = a.id and b.month = %s
where p.area_id = %s and not exists (
  select from billing_bill c where c.account_id = b.account_id and c.corrects = b.id
)
order by length(p.block), p.block, length(p.street), p.street, p.parcel, length(p.building),
  p.building, length(u.floor), u.floor, u.kind, length(u.number), u.number, a.number, b.sequence
"""


def explanations(
    bills: Sequence[Bill], *, areas: Mapping[UUID, str], known: dict[Like, Medians]
) -> list[Explanation]:
    """Bills of one month with what explains each, in their order.

    areas: the code of the area in which each account lies. known: medians of neighbours that were
    found before; those found now are added, so that a batch asks once for each.
    """
    shown = views(bills)
    ids = {bill.account_id for bill in bills}
    last = max((bill.month.ordinal for bill in bills), default=0)
    before = past(account_ids=ids, months=range(last - MONTHS_TOLD, last + 1)) if ids else {}
    uses = _meters(shown)
    others = correcting(bills)
    stood = {bill.id: one for bill, one in zip(bills, standings(bills), strict=True)}
    return [
        Explanation(
            view=view,
            meters=uses[view.bill.id],
            compared=_compared(
                view,
                before.get(view.bill.account_id, ()),
                _neighbours(view.bill, areas.get(view.bill.account_id, ""), known),
            ),
            cost=explaining.cost_of(view, explaining.policy()),
            before=others.get(view.bill.corrects) if view.bill.corrects else None,
            after=next((one for one in others.values() if one.corrects == view.bill.id), None),
            standing=stood[view.bill.id],
        )
        for view in shown
    ]


def in_posting_order(*, month: BillingMonth, area: str) -> list[tuple[UUID, UUID]]:
    """(account id, bill id) of the bills of a month and area that stand, as a postman walks."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTED, [month.ordinal, area])
        return [(account, bill) for account, bill in cursor.fetchall()]


def _compared(
    view: BillView, before: Sequence[Past], neighbours: Mapping[Service, int]
) -> tuple[Compared, ...]:
    """Each service of a bill beside the same customer's other months, and beside neighbours."""
    used: dict[Service, int] = {}
    guessed: set[Service] = set()
    for line in view.lines:
        if line.kind == CONSUMPTION:
            used[line.service] = used.get(line.service, 0) + line.quantity
            if line.method == Method.ESTIMATED:
                guessed.add(line.service)
    bill, now = view.bill, view.bill.month.ordinal
    found = []
    for service, quantity in sorted(used.items()):
        mine = {
            one.month: one
            for one in before
            if (one.customer_id, one.service) == (bill.customer_id, service)
        }
        months = [
            MonthBilled(month, one.quantity, one.estimated > 0)
            for month, one in sorted(mine.items())
            if now - MONTHS_TOLD <= month < now
        ]
        months.append(MonthBilled(now, quantity, service in guessed))
        last, year = mine.get(now - 1), mine.get(now - MONTHS_TOLD)
        found.append(
            Compared(
                service=service,
                quantity=quantity,
                last_month=last.quantity if last else None,
                last_year=year.quantity if year else None,
                neighbours=neighbours.get(service),
                months=tuple(months),
            )
        )
    return tuple(found)


def _neighbours(bill: Bill, area: str, known: dict[Like, Medians]) -> Mapping[Service, int]:
    """Medians of the area and sector, of services that enough others used; for whole months."""
    if not area or bill.period != bill.month.period:
        return {}
    like = (area, bill.sector, bill.month.ordinal)
    if like not in known:
        with connection.cursor() as cursor:
            cursor.execute(
                _NEIGHBOURS,
                {
                    "kind": CONSUMPTION,
                    "area": area,
                    "month": bill.month.ordinal,
                    "sector": bill.sector,
                    "start": bill.month.period.start,
                    "end": bill.month.period.end,
                    "most": NEIGHBOURS_MAX,
                },
            )
            least = explaining.policy().neighbours_min
            rows = cursor.fetchall()
        known[like] = {Service(one): int(q) for one, q, count in rows if count >= least}
    return known[like]


def _meters(shown: Sequence[BillView]) -> dict[UUID, tuple[MeterUse, ...]]:
    """By bill, an entry a meter with the reads that its determinant lies between."""
    devices = meters.meters(meter_ids={line.meter_id for view in shown for line in view.lines})
    rows: dict[tuple[int, UUID, UUID], Determinant] = {}
    by_month: dict[int, list[BillView]] = defaultdict(list)
    for view in shown:
        by_month[view.bill.month.ordinal].append(view)
    for month, some in by_month.items():
        ids = [view.bill.account_id for view in some]
        for row in readings.determinants(month=some[0].bill.month, account_ids=ids):
            rows[month, row.account_id, row.meter_id] = row
    dials = _dials(rows.values())
    return {view.bill.id: _meters_of(view, devices, rows, dials) for view in shown}


def _dials(rows: Collection[Determinant]) -> Mapping[tuple[UUID, datetime], list[DialView]]:
    """What dials showed where determinants that come from them begin and end, by meter."""
    read = [row for row in rows if row.from_value is not None]
    found: dict[tuple[UUID, datetime], list[DialView]] = defaultdict(list)
    if not read:
        return found
    told = readings.dial_history(
        meter_ids={row.meter_id for row in read},
        since=min(row.from_at for row in read),
        until=max(row.to_at for row in read) + INSTANT,
    )
    for (meter_id, _), shown in told.items():
        for one in shown:
            found[meter_id, one.at].append(one)
    return found


def _quality(shown: Sequence[DialView], value: int | None) -> str:
    """How a read is known: that of the dial which showed the value, else what all of them have."""
    same = {one.quality for one in shown if one.value == value} or {one.quality for one in shown}
    return same.pop() if len(same) == 1 else ""


def _meters_of(
    view: BillView,
    devices: Mapping[UUID, MeterView],
    rows: Mapping[tuple[int, UUID, UUID], Determinant],
    dials: Mapping[tuple[UUID, datetime], Sequence[DialView]],
) -> tuple[MeterUse, ...]:
    bill, found = view.bill, []
    for meter_id, line in {line.meter_id: line for line in reversed(view.lines)}.items():
        row = rows.get((bill.month.ordinal, bill.account_id, meter_id))
        stands = row if row and row.version == line.determinant_version else None
        from_dials = dials.get((meter_id, stands.from_at), ()) if stands else ()
        to_dials = dials.get((meter_id, stands.to_at), ()) if stands else ()
        used = (
            one.quantity
            for one in view.lines
            if one.meter_id == meter_id and one.kind == CONSUMPTION
        )
        found.append(
            MeterUse(
                service=line.service,
                serial=devices[meter_id].serial if meter_id in devices else "",
                method=Method(line.method),
                version=line.determinant_version,
                quantity=sum(used),
                from_at=stands.from_at if stands else None,
                to_at=stands.to_at if stands else None,
                from_value=line.from_value,
                to_value=line.to_value,
                from_quality=_quality(from_dials, line.from_value),
                to_quality=_quality(to_dials, line.to_value),
                sub_meters=_sub_meters(stands) if stands and line.from_value is None else (),
            )
        )
    return tuple(sorted(found, key=lambda use: (use.service, use.serial)))


def _sub_meters(one: Determinant) -> tuple[str, ...]:
    """The serials of sub-meters that a quantity is less; only one without dials is."""
    told = readings.versions(account_id=one.account_id, meter_id=one.meter_id, month=one.month)
    ids = next(version.sub_meters for version in told if version.version == one.version)
    known = meters.meters(meter_ids=ids) if ids else {}
    return tuple(sorted(meter.serial for meter in known.values()))
