"""A debt moves to another account: by a signed assumption, and once a second person agrees.

What is open and undisputed of named claims leaves the old account, and a claim on the new one stems
from each of them. The ledger passes the sum over an account that is empty before and after. A part
that is disputed stays where it is: nobody takes over what may not be owed. The new claims have a
due day of their own, and no notice names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import Claim, NewClaim, PaymentPart
from tahseel.books.ledger import operations as ledger
from tahseel.books.transfers import events, guarding, queries, rules
from tahseel.books.transfers.operations import telling
from tahseel.books.transfers.values import KIND, MOVE, Leaving, Part, Transfer
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import AssumptionView
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit import operations as audit

MAKERS = ("clerk", "office_head", "revenue_manager")
CHECKERS = {0: ("office_head", "revenue_manager"), 1: ("revenue_manager",)}
_PART = {
    "account_id": "uuid",
    "claim_id": "uuid",
    "transfer_id": "uuid",
    "amount": "int8",
    "to_account_id": "uuid",
    "new_claim_id": "uuid",
}


class NothingToMove(Refusal):
    """No claim was named, or nothing of it."""

    code = "transfer_of_nothing"
    text_ar = "لا يوجد مبلغ قائم غير معترض عليه لنقله"
    text_en = "Nothing that is open and undisputed was named to be moved"


class ClaimNotTheirs(NotFound):
    """A claim that is named is not one of the old debtor's on the old account."""

    code = "transfer_claim_unknown"
    text_ar = "المطالبة {claim} ليست على المدين الأصلي في هذا الحساب"
    text_en = "Claim {claim} is not owed by the old debtor on the old account"


class PartTooLarge(Refusal):
    """More of a claim would move than is open and undisputed."""

    code = "transfer_part_too_large"
    text_ar = "القائم غير المعترض عليه من المطالبة {claim} هو {payable} فقط"
    text_en = "Only {payable} of claim {claim} is open and undisputed"
    http_status = 409


class TransferWaits(Refusal):
    """A transfer by this paper is asked for, and nobody has decided yet."""

    code = "transfer_waits"
    text_ar = "نقل المديونية بموجب {document} بانتظار الاعتماد"
    text_en = "A transfer by paper {document} waits for an approval"
    http_status = 409


@audit.audited("transfers.propose_move", subject="assumption_id")
def propose_move(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    assumption_id: UUID,
    parts: Mapping[UUID, Money],
    reason: str,
) -> UUID:
    """Ask that parts of the old debtor's claims move to the new debtor's account.

    parts: by claim; `rules.reaching` fills a paper's sum. Returns the approval's id; the same again
    under the same id answers the same. Raises NotAllowed, AssumptionUnknown, AssumptionUsed,
    AssumptionExceeded, NothingToMove, ClaimNotTheirs, PartTooLarge, TransferWaits, InputDiffers,
    what a guard refuses, and what `approvals.submit` raises.
    """
    require(actor, *MAKERS)
    paper = _paper(assumption_id)
    payload = {
        "assumption": str(assumption_id),
        "from_account": str(paper.from_account_id),
        "to_account": str(paper.to_account_id),
        "parts": [{"claim": str(key), "fils": parts[key].fils} for key in sorted(parts)],
        "fils": sum(amount.fils for amount in parts.values()),
    }
    audit.note(
        from_account=paper.from_account_id,
        to_account=paper.to_account_id,
        amount_fils=payload["fils"],
    )
    ledger.lock_accounts({paper.from_account_id, paper.to_account_id})
    if asked_before(actor, approval_id, MOVE, payload):
        return approval_id
    _require_free(paper, _total(parts))
    _require_owed(paper, parts, at)
    if any(one.assumption_id == assumption_id for one in queries.waiting(as_of=at)):
        raise TransferWaits(document=paper.document)
    return approvals.submit(
        actor=actor, at=at, operation=MOVE, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def asked_before(
    actor: Actor, approval_id: UUID, operation: str, payload: Mapping[str, object]
) -> bool:
    """This person has asked for just this under the id. Raises InputDiffers for anything else."""
    before = approvals_queries.find(approval_id)
    if before is None:
        return False
    if (before.operation, before.maker_id, dict(before.payload)) != (operation, actor.id, payload):
        raise InputDiffers(operation=operation)
    audit.note(approval=approval_id, again=True)
    return True


def move_agreed(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> Transfer:
    """What runs once the second person agrees. Raises as `propose_move`; the request then waits."""
    return _move(
        actor=actor,
        at=at,
        assumption_id=UUID(str(payload["assumption"])),
        parts={UUID(one["claim"]): Money(int(one["fils"])) for one in payload["parts"]},
        approval_id=approval_id,
    )


@audit.audited("transfers.move", subject="assumption_id")
def _move(
    *,
    actor: Actor,
    at: datetime,
    assumption_id: UUID,
    parts: Mapping[UUID, Money],
    approval_id: UUID,
) -> Transfer:
    paper = _paper(assumption_id)
    ledger.lock_accounts({paper.from_account_id, paper.to_account_id})
    transfer = rules.transfer_id(approval_id)
    paper = supply.use_assumption(
        actor=actor, at=at, id=assumption_id, transfer_id=transfer, amount=_total(parts)
    )
    owed = _require_owed(paper, parts, at)
    asked_by = approvals_queries.by_id(approval_id).maker_id
    done = _made(
        paper, parts, owed, transfer=transfer, asked_by=asked_by, agreed_by=actor.id, at=at
    )
    old, new = debtors(paper)
    _close_old(done, actor, at)
    _open_new(done, new, actor, at)
    ledger.post(actor=actor, at=at, entries=rules.entries(done))
    _keep(done)
    events.announce(events.MOVED, done, customer_ids={old, new}, at=at)
    return done


def debtors(paper: AssumptionView) -> tuple[UUID, UUID]:
    """Who owes and who takes over today: a paper keeps the names of records that were merged."""
    both = (paper.from_customer_id, paper.to_customer_id)
    now = customers.survivors(customer_ids=both)
    return now.get(both[0], both[0]), now.get(both[1], both[1])


def _paper(assumption_id: UUID) -> AssumptionView:
    paper = supply_queries.assumption(assumption_id=assumption_id)
    if paper is None:
        raise supply.AssumptionUnknown()
    return paper


def _total(parts: Mapping[UUID, Money]) -> Money:
    return Money(sum(amount.fils for amount in parts.values()))


def _require_free(paper: AssumptionView, total: Money) -> None:
    """Raises AssumptionUsed, AssumptionExceeded: as the use of the paper will."""
    if not paper.in_force:
        raise supply.AssumptionUsed(document=paper.document)
    if total > paper.amount:
        raise supply.AssumptionExceeded(asked=total.dinars(), signed=paper.amount.dinars())


def _require_owed(
    paper: AssumptionView, parts: Mapping[UUID, Money], at: datetime
) -> dict[UUID, Claim]:
    """The claims, under the account's lock. Raises what `propose_move` says of them."""
    if not parts or any(amount.fils <= 0 for amount in parts.values()):
        raise NothingToMove()
    keys = [(paper.from_account_id, claim_id) for claim_id in parts]
    found = {claim.id: claim for claim in claims_queries.claims_by_key(keys).values()}
    debtor, _ = debtors(paper)
    for claim_id, amount in sorted(parts.items()):
        claim = found.get(claim_id)
        if claim is None or claim.customer_id != debtor:
            raise ClaimNotTheirs(claim=claim.reference if claim else str(claim_id))
        if amount > claim.payable:
            raise PartTooLarge(claim=claim.reference, payable=claim.payable.dinars())
    guarding.ask(at=at, leaving=Leaving(paper.from_account_id, debtor, parts))
    return found


def _made(
    paper: AssumptionView,
    parts: Mapping[UUID, Money],
    owed: Mapping[UUID, Claim],
    *,
    transfer: UUID,
    asked_by: str,
    agreed_by: str,
    at: datetime,
) -> Transfer:
    day, account_id = local_day(at), paper.from_account_id
    called = rules.reference(transfer, day)
    in_order = sorted(parts, key=lambda claim_id: (owed[claim_id].due_date, claim_id))
    return Transfer(
        id=transfer,
        reference=called,
        assumption_id=paper.id,
        from_account_id=account_id,
        to_account_id=paper.to_account_id,
        amount=_total(parts),
        moved_on=day,
        recorded_at=at,
        asked_by=asked_by,
        agreed_by=agreed_by,
        parts=tuple(
            Part(
                account_id=account_id,
                claim_id=claim_id,
                reference=owed[claim_id].reference,
                kind=owed[claim_id].kind,
                due_date=owed[claim_id].due_date,
                amount=parts[claim_id],
                new_claim_id=rules.new_claim_id(transfer, account_id, claim_id),
                new_reference=f"{called}-{n}",
            )
            for n, claim_id in enumerate(in_order, start=1)
        ),
    )


def _close_old(done: Transfer, actor: Actor, at: datetime) -> None:
    """Meet each old claim with its part, and no other one."""
    met = claims.apply_many(
        actor=actor,
        at=at,
        payments=[
            PaymentPart(
                part.account_id, rules.met_by(done.id, part.claim_id), part.amount, (part.claim_id,)
            )
            for part in done.parts
        ],
    )
    for part, outcome in zip(done.parts, met, strict=True):
        if [(one.claim_id, one.amount) for one in outcome.allocations] != [
            (part.claim_id, part.amount)
        ]:
            raise Broken(f"transfer {done.reference} met another claim than {part.reference}")


def _open_new(done: Transfer, customer_id: UUID, actor: Actor, at: datetime) -> None:
    due = done.moved_on + timedelta(days=rules.terms().due_days)
    claims.open_claims(
        actor=actor,
        at=at,
        claims=[
            NewClaim(
                account_id=done.to_account_id,
                id=part.new_claim_id,
                reference=part.new_reference,
                kind=KIND,
                opened_on=done.moved_on,
                due_date=due,
                amount=part.amount,
                customer_id=customer_id,
            )
            for part in done.parts
        ],
    )


def _keep(done: Transfer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into transfers_transfer (id, reference, assumption_id, from_account_id,"
            " to_account_id, amount, moved_on, recorded_at, asked_by, agreed_by)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                done.id,
                done.reference,
                done.assumption_id,
                done.from_account_id,
                done.to_account_id,
                done.amount.fils,
                done.moved_on,
                done.recorded_at,
                done.asked_by,
                done.agreed_by,
            ],
        )
    rows = [
        (p.account_id, p.claim_id, done.id, p.amount.fils, done.to_account_id, p.new_claim_id)
        for p in done.parts
    ]
    bulk.copy_rows(table="transfers_part", columns=_PART, rows=rows)


def register() -> None:
    """Called when the product is assembled."""
    approvals.register(
        MOVE,
        move_agreed,
        roles=CHECKERS,
        makers=MAKERS,
        tier_of=telling.tier_of,
        in_words=telling.move_in_words,
    )
