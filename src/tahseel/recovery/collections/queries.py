"""Reading notices of debt. They name claims and customers by id; no person's data is in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import F, Min, Q, QuerySet, Sum

from tahseel.kernel import bulk
from tahseel.kernel.money import Money
from tahseel.kernel.sql import prepared
from tahseel.recovery.collections.models import DebtNotice as NoticeRow
from tahseel.recovery.collections.models import InstalmentPlan
from tahseel.recovery.collections.values import (
    ClaimKey,
    DebtNotice,
    Naming,
    Plan,
    PlanState,
)
from tahseel.trust.notices.queries import served_on


def notices_of(*, customer_ids: Collection[UUID]) -> dict[UUID, list[DebtNotice]]:
    """Every notice of each customer, first issued first; customers without one are absent."""
    rows = NoticeRow.objects.filter(customer_id__in=bulk.among(customer_ids))
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


def named(keys: Collection[ClaimKey]) -> set[ClaimKey]:
    """Those of the claims that some notice names already."""
    return {(row[2], row[3]) for row in _naming(keys)}


def notices_naming(keys: Collection[ClaimKey]) -> list[Naming]:
    """The notices that name some of these claims, each with those of its claims; in no order."""
    claims: dict[UUID, set[ClaimKey]] = {}
    customers: dict[UUID, UUID] = {}
    for notice_id, customer_id, account_id, claim_id in _naming(keys):
        claims.setdefault(notice_id, set()).add((account_id, claim_id))
        customers[notice_id] = customer_id
    served = served_on(claims) if claims else {}
    return [
        Naming(notice_id, customers[notice_id], served.get(notice_id), frozenset(found))
        for notice_id, found in claims.items()
    ]


_NAMING = """
select n.id, n.customer_id, c.account_id, c.claim_id
from unnest(%s::uuid[], %s::uuid[]) as wanted(account_id, claim_id)
join collections_notice_claim c
  on c.account_id = wanted.account_id and c.claim_id = wanted.claim_id
join collections_notice n on n.id = c.notice_id
"""


def _naming(keys: Collection[ClaimKey]) -> list[tuple[UUID, UUID, UUID, UUID]]:
    """(notice, customer, account, claim) of every claim that a notice names."""
    if not keys:
        return []
    arrays = [bulk.uuid_array(key[n] for key in keys) for n in (0, 1)]
    return prepared(_NAMING, arrays).fetchall()


def _views(rows: QuerySet[NoticeRow]) -> list[DebtNotice]:
    """With the service that was proved for each, which `trust/notices` knows."""
    found = list(rows.order_by("issued_at", "id").prefetch_related("claims"))
    served = served_on([row.id for row in found])
    return [
        DebtNotice(
            notice_id=row.id,
            customer_id=row.customer_id,
            step=row.step,
            issued_on=row.issued_on,
            served_on=served.get(row.id),
            fils=row.fils,
            claims=frozenset((c.account_id, c.claim_id) for c in row.claims.all()),
        )
        for row in found
    ]


def plans_of(*, account_ids: Collection[UUID], as_of: date) -> dict[UUID, list[Plan]]:
    """The instalment plans of accounts, first agreed first; accounts without one are absent.

    `missed_on` looks at the instalments due before `as_of`.
    """
    unpaid = Q(instalments__due_on__lt=as_of, instalments__paid_fils__lt=F("instalments__fils"))
    rows = (
        InstalmentPlan.objects.filter(account_id__in=bulk.among(account_ids))
        .annotate(
            paid=Sum("instalments__paid_fils"), missed=Min("instalments__due_on", filter=unpaid)
        )
        .order_by("agreed_on", "id")
    )
    found: dict[UUID, list[Plan]] = {}
    for row in rows:
        plan = Plan(
            id=row.id,
            account_id=row.account_id,
            customer_id=row.customer_id,
            reference=row.reference,
            agreed_on=row.agreed_on,
            amount=Money(row.fils),
            paid=Money(row.paid),
            state=PlanState(row.state),
            missed_on=row.missed if row.state == PlanState.RUNNING else None,
        )
        found.setdefault(row.account_id, []).append(plan)
    return found
