"""Takes customers for writing: a second writer waits, a record that was merged takes nothing."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from tahseel.kernel import bulk
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.sql import prepared
from tahseel.registry.customers.models import Customer

_HELD = """
select id, merged_into_id from customers_customer where id = any(%s::uuid[]) order by id
for key share
"""


_HELD_LINES = """
select c.id, c.merged_into_id from customers_customer c
where c.id in (select customer_id from ({lines}) as lines) order by c.id for key share
"""


class CustomerUnknown(NotFound):
    """No such customer."""

    code = "customer_unknown"
    text_ar = "العميل غير موجود"
    text_en = "There is no such customer"


class MergedRecord(Refusal):
    """The record was merged: whoever it was stands under another one now."""

    code = "merged_record"
    text_ar = "دُمج سجل هذا العميل في سجل آخر؛ استخدم السجل الباقي"
    text_en = "This record was merged into another one; use the one that stays"
    http_status = 409


def locked(customer_id: UUID, *, merged: bool = False) -> Customer:
    """The customer's row, locked until the transaction ends.

    merged: a record that was merged is asked for too. Raises CustomerUnknown, MergedRecord.
    """
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise CustomerUnknown()
    if customer.merged_into_id is not None and not merged:
        raise MergedRecord(into=str(customer.merged_into_id))
    return customer


def require_standing(*, customer_ids: Collection[UUID]) -> None:
    """Refuse records that were merged; whoever adds a row to a customer's asks first.

    Until the transaction ends none of them can be merged, so no row is left behind on a record that
    goes. Unknown ids are for the caller's foreign key. Raises MergedRecord.
    """
    for _, into in prepared(_HELD, [bulk.uuid_array(customer_ids)]).fetchall():
        if into is not None:
            raise MergedRecord(into=str(into))


def require_standing_lines(*, lines: bulk.Lines) -> None:
    """The same for everybody whom lines name as `customer_id`. Raises MergedRecord."""
    held = _HELD_LINES.format(lines=lines.statement)
    with connection.cursor() as cursor:
        cursor.execute(
            f"with held as ({held}) select merged_into_id from held"  # noqa: S608 - our words
            " where merged_into_id is not null limit 1",
            dict(lines.values),
        )
        if (row := cursor.fetchone()) is not None:
            raise MergedRecord(into=str(row[0]))
