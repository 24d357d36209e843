"""A debt that moved is given back, exactly and once, by two people.

The new claims fall away and the old ones are owed again as they were: their notices still name
them, and what followed from those may follow again. It is refused once anything was done to the
new claims; that is taken back first.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import Claim, PaymentPart
from tahseel.books.ledger import operations as ledger
from tahseel.books.transfers import events, queries, rules
from tahseel.books.transfers.operations import moving, telling
from tahseel.books.transfers.values import KIND, RETURN, Transfer
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import local_day
from tahseel.registry.supply import operations as supply
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit import operations as audit


class TransferUnknown(NotFound):
    """No debt moved under this id."""

    code = "transfer_unknown"
    text_ar = "لا يوجد نقل مديونية بهذا الرقم"
    text_en = "No debt was moved under this number"


class TransferReturned(Refusal):
    """It has been given back."""

    code = "transfer_returned"
    text_ar = "رُدّت المديونية {reference} سابقاً"
    text_en = "The debt {reference} has been given back already"
    http_status = 409


class TransferTouched(Refusal):
    """Something was paid, disputed or moved on of a new claim: that is taken back first."""

    code = "transfer_touched"
    text_ar = "سُدد أو اعتُرض أو نُقل جزء من المطالبة {claim}؛ يُتراجع عن ذلك أولاً"
    text_en = "Of claim {claim} something was paid, disputed or moved on; that is taken back first"
    http_status = 409


class ReturnUnexplained(Refusal):
    """Whoever gives a debt back says why."""

    code = "transfer_return_unexplained"
    text_ar = "يجب ذكر سبب رد المديونية"
    text_en = "Say why the debt is given back"


@audit.audited("transfers.propose_return", subject="transfer_id")
def propose_return(
    *, actor: Actor, at: datetime, approval_id: UUID, transfer_id: UUID, reason: str
) -> UUID:
    """Ask that a debt that moved be given back; returns the approval's id.

    The same again under the same id answers the same. Raises NotAllowed, TransferUnknown,
    TransferReturned, TransferTouched, TransferWaits, ReturnUnexplained, InputDiffers, and what
    `approvals.submit` raises.
    """
    require(actor, *moving.MAKERS)
    found = _found(transfer_id)
    ledger.lock_accounts({found.from_account_id, found.to_account_id})
    payload = {
        "transfer": str(transfer_id),
        "assumption": str(found.assumption_id),
        "from_account": str(found.from_account_id),
        "to_account": str(found.to_account_id),
        "fils": found.amount.fils,
    }
    audit.note(
        from_account=found.from_account_id,
        to_account=found.to_account_id,
        amount_fils=found.amount.fils,
    )
    if moving.asked_before(actor, approval_id, RETURN, payload):
        return approval_id
    if not reason.strip():
        raise ReturnUnexplained()
    _untouched(found)
    if any(one.transfer_id == transfer_id for one in queries.waiting(as_of=at)):
        raise moving.TransferWaits(document=found.reference)
    return approvals.submit(
        actor=actor, at=at, operation=RETURN, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def return_agreed(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> Transfer:
    """What runs once the second person agrees. Raises as `propose_return`."""
    return _return(
        actor=actor,
        at=at,
        transfer_id=UUID(str(payload["transfer"])),
        approval_id=approval_id,
    )


@audit.audited("transfers.return", subject="transfer_id")
def _return(*, actor: Actor, at: datetime, transfer_id: UUID, approval_id: UUID) -> Transfer:
    found = _found(transfer_id)
    ledger.lock_accounts({found.from_account_id, found.to_account_id})
    new = _untouched(found)
    _reverse(found, actor, at)
    _drop(found, actor, at)
    for part in found.parts:
        claims.reopen(
            actor=actor,
            at=at,
            account_id=part.account_id,
            payment_id=rules.met_by(found.id, part.claim_id),
        )
    supply.free_assumption(actor=actor, at=at, id=found.assumption_id, transfer_id=transfer_id)
    asked = approvals_queries.by_id(approval_id)
    _keep(transfer_id, asked.maker_id, actor.id, asked.reason, at)
    keys = [(part.account_id, part.claim_id) for part in found.parts]
    old = claims_queries.claims_by_key(keys).values()
    both = {claim.customer_id for claim in (*old, *new)}
    events.announce(events.RETURNED, found, customer_ids=both, at=at)
    done = queries.by_id(transfer_id)
    assert done is not None
    return done


def _found(transfer_id: UUID) -> Transfer:
    found = queries.by_id(transfer_id)
    if found is None:
        raise TransferUnknown()
    return found


def _untouched(found: Transfer) -> list[Claim]:
    """The new claims, as they were opened. Under both accounts' locks, so it stays so.

    Raises TransferReturned, TransferTouched.
    """
    again = queries.by_id(found.id)
    if again is None or not again.stands:
        raise TransferReturned(reference=found.reference)
    keys = [(found.to_account_id, part.new_claim_id) for part in found.parts]
    new = claims_queries.claims_by_key(keys)
    for key in keys:
        if new[key].payable != new[key].amount:
            raise TransferTouched(claim=new[key].reference)
    return list(new.values())


def _reverse(found: Transfer, actor: Actor, at: datetime) -> None:
    for entry in rules.entries(found):
        ledger.reverse(
            actor=actor,
            at=at,
            id=derived_id(entry.id, "reversal"),
            account_id=entry.account_id,
            entry_id=entry.id,
            business_date=local_day(at),
            source=KIND,
            source_id=found.id,
        )


def _drop(found: Transfer, actor: Actor, at: datetime) -> None:
    """The new claims fall away, each by itself."""
    dropped = claims.apply_many(
        actor=actor,
        at=at,
        payments=[
            PaymentPart(
                found.to_account_id,
                rules.dropped_by(found.id, part.claim_id),
                part.amount,
                (part.new_claim_id,),
            )
            for part in found.parts
        ],
    )
    for part, outcome in zip(found.parts, dropped, strict=True):
        if [one.claim_id for one in outcome.allocations] != [part.new_claim_id]:
            raise Broken(f"transfer {found.reference} dropped another claim")


def _keep(transfer_id: UUID, asked_by: str, agreed_by: str, reason: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into transfers_return (transfer_id, recorded_at, asked_by, agreed_by, reason)"
            " values (%s, %s, %s, %s, %s)",
            [transfer_id, at, asked_by, agreed_by, reason],
        )


def register() -> None:
    """Called when the product is assembled."""
    approvals.register(
        RETURN,
        return_agreed,
        roles=moving.CHECKERS,
        makers=moving.MAKERS,
        tier_of=telling.tier_of,
        in_words=telling.return_in_words,
    )
