"""Reading lots: what could be one, what each was formed of, its sample, and what must come down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.metrology import rules
from tahseel.consumption.metrology.values import (
    Batch,
    Candidate,
    Drawn,
    ExchangeOrder,
    Lot,
    LotState,
    Verdict,
)
from tahseel.kernel.quantity import Service

LOTS_MAX = 200
ORDERS_MAX = 500
# Meters that hang, by what was said last of each; one that was tested by itself is in no lot.
_STANDING = """
with standing as (
  select distinct on (i.meter_id) i.meter_id, m.service, m.make, m.phase, c.from_day, c.until_day,
    c.basis
  from meters_installation i
  join meters_meter m on m.id = i.meter_id
  join metrology_certification c on c.meter_id = i.meter_id
  where i.installed_on <= %(day)s and (i.removed_on is null or i.removed_on > %(day)s)
  order by i.meter_id, c.recorded_at desc, c.from_day desc, c.id desc
), free as (
  select s.*, extract(year from s.from_day)::int as year from standing s
  where s.basis in ('maker', 'lot') and s.until_day <= %(before)s and s.service = %(service)s
    and not exists (
      select from metrology_lot_meter l join metrology_lot o on o.id = l.lot_id
      where l.meter_id = s.meter_id and o.state <> 'accepted'
    )
)
"""
_CANDIDATES = f"""
{_STANDING}
select make, phase, year, count(*), min(until_day) from free
group by make, phase, year order by min(until_day), make, phase
"""  # noqa: S608 - our words
_MEMBERS = f"""
{_STANDING}
select meter_id from free where make = %(make)s and phase = %(phase)s and year = %(year)s
"""  # noqa: S608 - our words
_LOT = """
select id, service, make, phase, year, formed_on, size, sample, accept, seed, state, formed_at,
  formed_by, decided_at
from metrology_lot
"""
# As many as the sample has, and one more for each that was passed over.
_SAMPLE = """
select l.meter_id, l.rank, r.test_id, t.verdict, coalesce(r.passed_over, '')
from metrology_lot o
join metrology_lot_meter l on l.lot_id = o.id
left join metrology_lot_result r on r.lot_id = o.id and r.meter_id = l.meter_id
left join metrology_test t on t.id = r.test_id
where o.id = %s and l.rank <= o.sample
  + (select count(*) from metrology_lot_result p where p.lot_id = o.id and p.passed_over <> '')
order by l.rank
"""
_ORDERS = """
select o.lot_id, o.meter_id, o.due_on, o.ordered_at, exists (
    select from meters_installation i where i.meter_id = o.meter_id
    and i.installed_on <= %(day)s and (i.removed_on is null or i.removed_on > %(day)s))
from metrology_exchange_order o
"""


def candidates(*, day: date) -> list[Candidate]:
    """Of what a lot could be formed on a day, the first to end first."""
    found = []
    for one in rules.policy().samplings:
        facts: dict[str, date | str] = {
            "day": day,
            "before": day + timedelta(days=one.ahead_days),
            "service": str(one.service),
        }
        with connection.cursor() as cursor:
            cursor.execute(_CANDIDATES, facts)
            rows = cursor.fetchall()
        found += [
            Candidate(Batch(one.service, make, phase, year), size, ends, one.plan(size))
            for make, phase, year, size, ends in rows
        ]
    return sorted(found, key=lambda c: (c.ends, c.batch.service, c.batch.make, c.batch.phase))


def members(*, batch: Batch, day: date) -> list[UUID]:
    """The meters of which a lot would be formed on a day."""
    known = rules.policy().sampling(batch.service)
    if known is None:
        return []
    facts: dict[str, date | str | int] = {
        "day": day, "before": day + timedelta(days=known.ahead_days),
        "service": str(batch.service), "make": batch.make, "phase": batch.phase,
        "year": batch.year,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, facts)
        return [row[0] for row in cursor.fetchall()]


def lots(*, limit: int = LOTS_MAX) -> list[Lot]:
    """The lots that were formed last, those whose sample is being tested first."""
    return _lots(
        "order by (state = 'sampled') desc, formed_at desc, id limit %s", min(limit, LOTS_MAX)
    )


def lot(*, lot_id: UUID) -> Lot | None:
    """One lot, or None."""
    found = _lots("where id = %s", lot_id)
    return found[0] if found else None


def lot_sampling(*, meter_id: UUID) -> Lot | None:
    """The lot among whose meters a meter is while its sample is being tested."""
    found = _lots(
        "where state = 'sampled' and id in"
        " (select lot_id from metrology_lot_meter where meter_id = %s)",
        meter_id,
    )
    return found[0] if found else None


def lot_meters(*, lot_id: UUID) -> list[UUID]:
    """Every meter of a lot in the order of the draw."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select meter_id from metrology_lot_meter where lot_id = %s order by rank", [lot_id]
        )
        return [row[0] for row in cursor.fetchall()]


def sample(*, lot_id: UUID) -> list[Drawn]:
    """The meters of a lot's sample in the order of the draw, those passed over among them."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, [lot_id])
        return [
            Drawn(meter_id, rank, test_id, Verdict(verdict) if verdict else None, passed_over)
            for meter_id, rank, test_id, verdict, passed_over in cursor.fetchall()
        ]


def exchange_orders(*, lot_id: UUID, day: date) -> list[ExchangeOrder]:
    """What a lot's decision ordered down; whatever still hangs on a day first."""
    return _orders("where o.lot_id = %(lot)s order by 5 desc, o.due_on, o.meter_id", day, lot_id)


def exchanges_due(*, day: date) -> list[ExchangeOrder]:
    """Every meter that was ordered down and still hangs on a day, the longest due first."""
    return [one for one in _orders("order by 5 desc, o.due_on, o.meter_id", day) if one.hangs]


def _orders(condition: str, day: date, lot_id: UUID | None = None) -> list[ExchangeOrder]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ORDERS} {condition} limit %(limit)s",
            {"day": day, "lot": lot_id, "limit": ORDERS_MAX},
        )
        return [ExchangeOrder(*row) for row in cursor.fetchall()]


def _lots(condition: str, value: UUID | int) -> list[Lot]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_LOT} {condition}", [value])
        return [_lot(row) for row in cursor.fetchall()]


def _lot(row: tuple[Any, ...]) -> Lot:
    return Lot(
        id=row[0],
        batch=Batch(Service(row[1]), *row[2:5]),
        formed_on=row[5],
        size=row[6],
        sample=row[7],
        accept=row[8],
        seed=row[9],
        state=LotState(row[10]),
        formed_at=row[11],
        formed_by=row[12],
        decided_at=row[13],
    )
