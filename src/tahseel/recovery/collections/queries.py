"""Reading notices of debt. They name claims and customers by id; no person's data is in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from tahseel.recovery.collections.models import DebtNotice as NoticeRow
from tahseel.recovery.collections.models import NoticeClaim
from tahseel.recovery.collections.values import ClaimKey, DebtNotice
from tahseel.trust.notices.queries import services_of


def notices_of(*, customer_ids: Collection[UUID]) -> dict[UUID, list[DebtNotice]]:
    """Every notice of each customer, first issued first; customers without one are absent."""
    rows = NoticeRow.objects.filter(customer_id__in=list(customer_ids))
    found: dict[UUID, list[DebtNotice]] = {}
    for notice in _views(rows):
        found.setdefault(notice.customer_id, []).append(notice)
    return found


def notified_claims(*, customer_id: UUID, as_of: date) -> list[DebtNotice]:
    """A customer's notices whose service was proved by a day."""
    notices = notices_of(customer_ids=[customer_id]).get(customer_id, [])
    return [n for n in notices if n.served_on is not None and n.served_on <= as_of]


def customers_notified(*, issued_by: date) -> list[UUID]:
    """Customers to whom a notice was issued on that day or before, served or not, by id."""
    rows = NoticeRow.objects.filter(issued_on__lte=issued_by).order_by("customer_id")
    return list(rows.values_list("customer_id", flat=True).distinct())


def unserved(*, issued_by: date) -> list[DebtNotice]:
    """Notices issued by a day whose service has not been proved yet."""
    return [
        notice
        for notice in _views(NoticeRow.objects.filter(issued_on__lte=issued_by))
        if notice.served_on is None
    ]


def named(*, customer_ids: Collection[UUID]) -> set[ClaimKey]:
    """The claims that some notice to these customers names already."""
    rows = NoticeClaim.objects.filter(notice__customer_id__in=list(customer_ids))
    return set(rows.values_list("account_id", "claim_id"))


def _views(rows: QuerySet[NoticeRow]) -> list[DebtNotice]:
    """With the service that was proved for each, which `trust/notices` knows."""
    found = list(rows.order_by("issued_at", "id").prefetch_related("claims"))
    services = services_of([row.id for row in found])
    return [
        DebtNotice(
            notice_id=row.id,
            customer_id=row.customer_id,
            step=row.step,
            issued_on=row.issued_on,
            served_on=services[row.id].served_on if row.id in services else None,
            fils=row.fils,
            claims=frozenset((c.account_id, c.claim_id) for c in row.claims.all()),
        )
        for row in found
    ]
