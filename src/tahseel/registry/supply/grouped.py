"""The trees of main accounts as they stood on a day, for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tahseel.kernel import bulk
from tahseel.registry.supply.models import Child
from tahseel.registry.supply.values import ChildSpan, GroupedAccount

_TREE = """
with recursive down (id, parent_id) as (
  select %(root)s::uuid, null::uuid
  union
  select c.child_id, c.parent_id from supply_child c join down on c.parent_id = down.id
  where c.from_day <= %(day)s and (c.until_day is null or c.until_day > %(day)s)
)
select a.id, a.number, a.unit_id, down.parent_id from down
join supply_account a on a.id = down.id order by a.number
"""


def spans(account_ids: Collection[UUID]) -> dict[UUID, list[ChildSpan]]:
    """By account, under which mains it was, the oldest first; see `queries.parent_spans`."""
    found: dict[UUID, list[ChildSpan]] = defaultdict(list)
    for row in Child.objects.filter(child_id__in=bulk.among(account_ids)).order_by("from_day"):
        found[row.child_id].append(
            ChildSpan(
                row.id, row.child_id, row.parent_id, row.from_day, row.until_day, row.agreement
            )
        )
    return dict(found)


def has_children(account_id: UUID, day: date) -> bool:
    """See `queries.has_children`."""
    rows = Child.objects.filter(parent_id=account_id, from_day__lte=day)
    return rows.filter(Q(until_day__isnull=True) | Q(until_day__gt=day)).exists()


def tree(account_id: UUID, day: date) -> list[GroupedAccount]:
    """See `queries.accounts_under`."""
    with connection.cursor() as cursor:
        cursor.execute(_TREE, {"root": account_id, "day": day})
        return [GroupedAccount(*row) for row in cursor.fetchall()]
