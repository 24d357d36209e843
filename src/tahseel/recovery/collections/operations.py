"""Writing notices of debt, and recording that they were served."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import Claim
from tahseel.kernel import bulk, outbox
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import input_hash
from tahseel.kernel.ids import derived_id, new_id
from tahseel.kernel.period import start_of
from tahseel.recovery.collections import events, queries, rules
from tahseel.recovery.collections.models import DebtNotice, NoticeClaim
from tahseel.recovery.collections.values import (
    NewPlan,
    ServeReport,
    ServiceProof,
    Step,
    Strategy,
    TakenNotice,
)
from tahseel.registry.customers import queries as customers_queries
from tahseel.trust.audit.operations import audited, note
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices.values import DeliveryStatus, NewDelivery, NewNotice

BATCH = 1_000
Progress = Callable[[int, int], object]
_PLAN = {
    "id": "uuid", "account_id": "uuid", "customer_id": "uuid", "reference": "text",
    "agreed_on": "date", "fils": "int8", "state": "text", "recorded_at": "timestamptz",
}  # fmt: skip
_INSTALMENT = {
    "id": "uuid", "plan_id": "uuid", "due_on": "date", "fils": "int8", "paid_fils": "int8",
}  # fmt: skip


class PlanRefused(Refusal):
    """A plan or one of its instalments is on record already."""

    code = "plan_refused"
    text_ar = "اتفاقية التقسيط مسجلة من قبل ({rule})"
    text_en = "The instalment plan is on record already ({rule})"
    http_status = 409


@audited("collections.serve_notices", subject="business_date")
def serve_notices(
    *,
    actor: Actor,
    at: datetime,
    business_date: date,
    progress: Progress | None = None,
    strategy: Strategy | None = None,
) -> ServeReport:
    """Issue one notice to each customer with overdue claims that no notice has named.

    Run again on the same day it finds nothing left to name. `progress(done, total)` counts
    debtors. A notice issued here starts no term before `record_service` proves its delivery.
    """
    strategy = strategy or rules.strategy()
    debtors = [debtor.customer_id for debtor in claims_queries.debtors(business_date)]
    issued: list[tuple[DebtNotice, list[Claim]]] = []
    for start in range(0, len(debtors), BATCH):
        batch = debtors[start : start + BATCH]
        issued += _serve_batch(actor, at, business_date, batch, strategy)
        if progress:
            progress(min(start + BATCH, len(debtors)), len(debtors))
    fils = sum(notice.fils for notice, _ in issued)
    return ServeReport(len(debtors), len(issued), fils, tuple(n.id for n, _ in issued))


def _serve_batch(
    actor: Actor, at: datetime, day: date, customer_ids: list[UUID], strategy: Strategy
) -> list[tuple[DebtNotice, list[Claim]]]:
    """Choose, write and announce the notices of some customers."""
    made = list(_choose(at, day, customer_ids, strategy))
    notices.issue_many(
        actor=actor, at=at, notices=[_letter(notice, claims, step) for notice, claims, step in made]
    )
    DebtNotice.objects.bulk_create([notice for notice, _, _ in made])
    NoticeClaim.objects.bulk_create(
        [_named(notice, claim) for notice, claims, _ in made for claim in claims]
    )
    outbox.announce_many([_issued(notice, claims, at) for notice, claims, _ in made])
    return [(notice, claims) for notice, claims, _ in made]


def _choose(
    at: datetime, day: date, customer_ids: list[UUID], strategy: Strategy
) -> Iterator[tuple[DebtNotice, list[Claim], Step]]:
    kinds = customers_queries.kinds(customer_ids=customer_ids)
    overdue_of = claims_queries.overdue_of(customer_ids, day)
    named = queries.named([(c.account_id, c.id) for found in overdue_of.values() for c in found])
    for customer_id in customer_ids:
        step = strategy.step_for(kinds.get(customer_id, ""), day)
        overdue = overdue_of.get(customer_id)
        if step is None or not overdue:
            continue
        claims = rules.claims_to_name(overdue=overdue, named=named, step=step, day=day)
        if claims:
            notice = DebtNotice(
                id=derived_id(customer_id, "debt-notice", step.code, day.isoformat()),
                customer_id=customer_id,
                step=step.code,
                issued_at=at,
                issued_on=day,
                fils=sum(claim.payable.fils for claim in claims),
            )
            yield notice, claims, step


def _letter(notice: DebtNotice, claims: list[Claim], step: Step) -> NewNotice:
    return NewNotice(
        id=notice.id,
        kind="debt",
        channel=step.channel,
        recipient_customer_id=notice.customer_id,
        subject=f"{step.subject_ar} | {step.subject_en}",
        body_ar=rules.body(step.body_ar, claims=claims, step=step),
        body_en=rules.body(step.body_en, claims=claims, step=step),
        address="",
        reference=claims[0].reference,
    )


def _named(notice: DebtNotice, claim: Claim) -> NoticeClaim:
    return NoticeClaim(
        id=derived_id(notice.id, str(claim.account_id), str(claim.id)),
        notice=notice,
        account_id=claim.account_id,
        claim_id=claim.id,
        reference=claim.reference,
        fils=claim.payable.fils,
    )


def _issued(notice: DebtNotice, claims: list[Claim], at: datetime) -> outbox.Announcement:
    facts = {
        "customer_ids": [str(notice.customer_id)],
        "claim_ids": [str(claim.id) for claim in claims],
        "amount_fils": notice.fils,
    }
    return outbox.Announcement(new_id(at), at, events.NOTICE_ISSUED, str(notice.id), None, facts)


@audited("collections.record_service", subject="proofs")
def record_service(*, actor: Actor, at: datetime, proofs: Sequence[ServiceProof]) -> int:
    """Record that notices of debt were delivered, with the carrier's evidence; how many were new.

    Whether that is service in law is for `trust/notices` to say, by the channel and the proof. The
    same proof again changes nothing. Raises NotFound for a notice that collections never sent, and
    what `notices.record_deliveries` raises.
    """
    ids = {proof.notice_id for proof in proofs}
    unknown = ids - set(DebtNotice.objects.filter(pk__in=ids).values_list("id", flat=True))
    if unknown:
        raise NotFound(notice=str(min(unknown)))
    deliveries = [
        NewDelivery(
            id=derived_id(proof.notice_id, "delivered", proof.served_at.isoformat()),
            notice_id=proof.notice_id,
            status=DeliveryStatus.DELIVERED,
            proof=proof.evidence,
            occurred_at=proof.served_at,
        )
        for proof in proofs
    ]
    return notices.record_deliveries(actor=actor, at=at, deliveries=deliveries)


@audited("collections.take_on_plans", subject="batch")
def take_on_plans(*, actor: Actor, at: datetime, batch: str, plans: Sequence[NewPlan]) -> int:
    """Put plans on record that another system agreed, by COPY, all or none; how many there are.

    A plan of which nothing is left is paid, any other one runs. Raises PlanRefused.
    """
    rows = [
        (p.id, p.account_id, p.customer_id, p.reference, p.agreed_on, p.amount.fils,
         str(rules.state_of(p)), at)
        for p in plans
    ]  # fmt: skip
    parts = [
        (derived_id(p.id, "instalment", one.due_on.isoformat()), p.id, one.due_on,
         one.amount.fils, one.paid.fils)
        for p in plans
        for one in p.instalments
    ]  # fmt: skip
    try:
        with transaction.atomic():
            bulk.copy_rows(table="collections_plan", columns=_PLAN, rows=rows)
            bulk.copy_rows(table="collections_instalment", columns=_INSTALMENT, rows=parts)
            bulk.settle_constraints()
    except bulk.BROKEN_RULES as broken:
        raise PlanRefused(rule=bulk.rule_broken(broken)) from broken
    note(count=len(plans), digest=input_hash({"plans": rows, "instalments": parts}).hex())
    return len(plans)


@audited("collections.take_on_notices", subject="batch")
def take_on_notices(
    *, actor: Actor, at: datetime, batch: str, notices_served: Sequence[TakenNotice]
) -> int:
    """Put notices on record that another system issued and served, with their proof of service.

    They stand as if they had been issued here: a hold may follow, by decision alone. Raises what
    `notices.issue_many` and `record_deliveries` raise, as for a proof that is not whole.
    """
    by_day: dict[date, list[TakenNotice]] = {}
    for one in notices_served:
        by_day.setdefault(one.issued_on, []).append(one)
    for day, issued in sorted(by_day.items()):
        notices.issue_many(
            actor=actor, at=start_of(day), notices=[_taken_letter(one) for one in issued]
        )
    rows = [_taken_row(one) for one in notices_served]
    DebtNotice.objects.bulk_create(rows)
    NoticeClaim.objects.bulk_create(
        [
            _named(row, claim)
            for row, one in zip(rows, notices_served, strict=True)
            for claim in one.claims
        ]
    )
    record_service(
        actor=actor,
        at=at,
        proofs=[
            ServiceProof(one.id, start_of(one.served_on), dict(one.proof)) for one in notices_served
        ],
    )
    note(count=len(rows), fils=sum(row.fils for row in rows))
    return len(rows)


def _taken_row(one: TakenNotice) -> DebtNotice:
    return DebtNotice(
        id=one.id,
        customer_id=one.customer_id,
        step="taken_on",
        issued_at=start_of(one.issued_on),
        issued_on=one.issued_on,
        fils=sum(claim.open.fils for claim in one.claims),
    )


def _taken_letter(one: TakenNotice) -> NewNotice:
    """The old system's notice: its number and its claims; its own words were not handed over."""
    named = ", ".join(claim.reference for claim in one.claims)
    return NewNotice(
        id=one.id,
        kind="debt",
        channel=one.channel,
        recipient_customer_id=one.customer_id,
        subject="إنذار من النظام السابق | Notice of the former system",
        body_ar=f"إنذار رقم {one.reference} صادر من النظام السابق بالمطالبات: {named}",
        body_en=f"Notice {one.reference} of the former system, naming the claims: {named}",
        address="",
        reference=one.reference,
    )
