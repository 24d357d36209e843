"""Takes one customer for writing; a second writer waits."""

from __future__ import annotations

from uuid import UUID

from tahseel.kernel.errors import NotFound
from tahseel.registry.customers.models import Customer


class CustomerUnknown(NotFound):
    """No such customer."""

    code = "customer_unknown"
    text_ar = "العميل غير موجود"
    text_en = "There is no such customer"


def locked(customer_id: UUID) -> Customer:
    """The customer's row, locked until the transaction ends. Raises CustomerUnknown."""
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise CustomerUnknown()
    return customer
