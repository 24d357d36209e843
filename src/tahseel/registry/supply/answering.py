"""Answers for which many rows are joined: who is liable for service points, whose debt moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tahseel.kernel.money import Money
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply.models import Assumption
from tahseel.registry.supply.values import Answer, AssumptionView, Capacity, Vacancy

_ANSWERS = """
select p.id, a.id, l.customer_id, l.capacity, l.vacancy
from unnest(%(points)s::uuid[], %(units)s::uuid[]) as p (id, unit_id)
left join supply_account a on a.unit_id = p.unit_id
  and a.opened_on <= %(day)s and (a.closed_on is null or a.closed_on > %(day)s)
left join supply_liability l on l.account_id = a.id
  and l.from_day <= %(day)s and (l.until_day is null or l.until_day > %(day)s)
order by p.id
"""


def liable_for(service_point_ids: Collection[UUID], day: date) -> dict[UUID, list[Answer]]:
    """By service point; see `queries.liable_for`."""
    placements = premises.point_placements(ids=service_point_ids)
    units = {
        point: next((view.unit_id for view in views if day in view), None)
        for point, views in placements.items()
    }
    found: dict[UUID, list[Answer]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, {"points": list(units), "units": list(units.values()), "day": day})
        for point, account, customer, capacity, vacancy in cursor.fetchall():
            why = Vacancy(vacancy or Vacancy.NO_ACCOUNT) if customer is None else None
            as_what = Capacity(capacity or Capacity.VACANT)
            found[point].append(Answer(point, account, customer, as_what, why))
    return dict(found)


def assumptions(account_id: UUID) -> list[AssumptionView]:
    """Those that stand; see `queries.assumptions`."""
    rows = Assumption.objects.filter(
        Q(from_account_id=account_id) | Q(to_account_id=account_id), withdrawn_at=None
    )
    return [assumption_view(row) for row in rows.order_by("signed_on", "id")]


def assumption_view(row: Assumption) -> AssumptionView:
    """One row as others see it."""
    return AssumptionView(
        row.id,
        row.from_account_id,
        row.from_customer_id,
        row.to_account_id,
        row.to_customer_id,
        Money(row.amount_fils),
        row.document,
        row.signed_on,
        row.moved_by,
        Money(row.moved_fils),
    )
