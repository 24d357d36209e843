"""Customers by a number that they have, and the records that stand for them since a merge."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import QuerySet

from tahseel.kernel import bulk, secrets
from tahseel.kernel.sql import prepared
from tahseel.registry.customers import rules
from tahseel.registry.customers.models import Customer, Document
from tahseel.registry.customers.values import CIVIL_ID_INDEX, DOCUMENT_INDEX, MOBILE_INDEX

_SURVIVORS = """
with recursive step(first, id, next) as (
  select id, id, merged_into_id from customers_customer where id = any(%s::uuid[])
  union all
  select s.first, c.id, c.merged_into_id from step s join customers_customer c on c.id = s.next
)
select first, id from step where next is null
"""


def survivors(customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """For each customer the record that stands for the person now."""
    return dict(prepared(_SURVIVORS, [bulk.uuid_array(customer_ids)]))


def by_number(text: str, limit: int) -> tuple[str, Sequence[Customer]]:
    """By what it was found, and who has it; an empty word for what can be no number."""
    digits = rules.plain_digits(text)
    if documented := _by_document(text, limit):
        return "document", documented
    if not digits or any(letter.isalpha() for letter in text):
        return "", []
    found = list(Customer.objects.filter(civil_id_index=civil_id_index(digits)))
    if not found:
        registered = Customer.objects.filter(registration_number__in=[digits, text.strip()])
        found = list(registered[:limit]) or list(_with_mobile(digits)[:limit])
    return "number", _standing(found)


def civil_id_index(digits: str) -> bytes:
    return secrets.blind_index(digits, purpose=CIVIL_ID_INDEX)


def _by_document(text: str, limit: int) -> list[Customer]:
    number = rules.plain_number(text)
    if not any(letter.isdigit() for letter in number):
        return []
    index = secrets.blind_index(number, purpose=DOCUMENT_INDEX)
    found = Document.objects.filter(number_index=index, withdrawn_at__isnull=True)
    return list(Customer.objects.filter(documents__in=found).distinct().order_by("id")[:limit])


def _with_mobile(digits: str) -> QuerySet[Customer]:
    try:
        number = rules.full_mobile(digits)
    except ValueError:
        return Customer.objects.none()
    index = secrets.blind_index(number, purpose=MOBILE_INDEX)
    return Customer.objects.filter(mobile_index=index).order_by("id")


def _standing(found: list[Customer]) -> list[Customer]:
    """The records that stand for these people now, each once."""
    if all(customer.merged_into_id is None for customer in found):
        return found
    ids = survivors([customer.id for customer in found])
    standing = Customer.objects.in_bulk(list(set(ids.values())))
    return [standing[stays] for stays in dict.fromkeys(ids[customer.id] for customer in found)]
