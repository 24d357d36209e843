"""Departments between ministries and their sites, and agreements that hold for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tahseel.app.demo.values import BUILDER
from tahseel.kernel.ids import derived_id
from tahseel.recovery.government import operations as government
from tahseel.recovery.government.values import AgreementKind, NewAgreement
from tahseel.registry.customers.values import CustomerKind, NewCustomer

AR, EN = "إدارة الشؤون المالية والخدمات", "Finance and services department"
SUBJECT_AR = "تزويد الجهة ومرافقها بالكهرباء والماء"
SUBJECT_EN = "Supply of electricity and water to the body and its sites"


def with_departments(customers: Sequence[NewCustomer]) -> list[NewCustomer]:
    """The same people and bodies; each site comes to lie under a department of its ministry.

    Ids follow from the ministry's, so that nothing else of the country changes.
    """
    ministries = {c.id: c for c in customers if _is_ministry(c)}
    made: list[NewCustomer] = []
    known: set[UUID] = set()
    for customer in customers:
        above = ministries.get(customer.parent_id) if customer.parent_id else None
        if above is None:
            made.append(customer)
            continue
        department = _department(above)
        if department.id not in known:
            known.add(department.id)
            made.append(department)
        made.append(replace(customer, parent_id=department.id))
    return made


def _is_ministry(customer: NewCustomer) -> bool:
    return customer.kind is CustomerKind.GOVERNMENT and customer.parent_id is None


def _department(ministry: NewCustomer) -> NewCustomer:
    return replace(
        ministry,
        id=derived_id(ministry.id, "department"),
        name_ar=f"{ministry.name_ar} - {AR}",
        name_en=f"{ministry.name_en} - {EN}",
        registration_number=f"{ministry.registration_number}-1",
        parent_id=ministry.id,
    )


def conclude(customers: Sequence[NewCustomer], *, at: datetime) -> Mapping[UUID, str]:
    """A supply agreement with each ministry; the numbers by ministry."""
    made = {}
    for customer in filter(_is_ministry, customers):
        number = f"MEW-{customer.registration_number}-{at:%Y}"
        government.conclude_agreement(
            actor=BUILDER,
            at=at,
            agreement=NewAgreement(
                id=derived_id(customer.id, "supply-agreement"),
                body_id=customer.id,
                kind=AgreementKind.SUPPLY,
                number=number,
                subject_ar=SUBJECT_AR,
                subject_en=SUBJECT_EN,
                from_day=at.date(),
            ),
        )
        made[customer.id] = number
    return made
