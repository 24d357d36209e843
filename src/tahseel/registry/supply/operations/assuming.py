"""Signed assumptions: who takes over whose debt. The ledger moves the money; this says it may."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import answering, events
from tahseel.registry.supply.models import Assumption, Liability
from tahseel.registry.supply.operations.linking import require_alive
from tahseel.registry.supply.values import AssumptionView
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


class AssumptionUnsigned(Refusal):
    """Nobody takes over a debt without a signed paper and a sum above nothing."""

    code = "assumption_unsigned"
    text_ar = "حوالة الدين تحتاج إلى إقرار موقّع ومبلغ"
    text_en = "An assumption of debt needs a signed paper and a sum"


class AssumptionWithoutDebtor(Refusal):
    """The old debtor never was liable there, or the new one is not liable here."""

    code = "assumption_without_debtor"
    text_ar = "المدين الأصلي أو المحال عليه ليس مسؤولاً عن الحساب المذكور"
    text_en = "The old or the new debtor is not liable for the account that is named"


class AssumptionUnknown(NotFound):
    """No such assumption stands."""

    code = "assumption_unknown"
    text_ar = "لا توجد حوالة دين قائمة بهذا الرقم"
    text_en = "There is no such standing assumption of debt"


class AssumptionUsed(Refusal):
    """The ledger has moved its debt; only the return of that transfer gives the paper back."""

    code = "assumption_used"
    text_ar = "نُقلت المديونية بموجب حوالة الدين {document}؛ يلزم التراجع عن النقل أولاً"
    text_en = "The debt of paper {document} has been moved; take the transfer back first"
    http_status = 409


class AssumptionExceeded(Refusal):
    """More would be moved than he signed for."""

    code = "assumption_exceeded"
    text_ar = "المبلغ {asked} يتجاوز ما وُقّع عليه ({signed})"
    text_en = "{asked} is more than was signed for ({signed})"


def _kept(id_: UUID, given: dict[str, Any], *, actor: Actor, at: datetime) -> bool:
    """The paper is on record under its id; False where it was before. Raises InputDiffers."""
    fresh = {**given, "recorded_at": at, "recorded_by": actor.id}
    paper, made = Assumption.objects.get_or_create(id=id_, defaults=fresh)
    if not made and any(getattr(paper, name) != value for name, value in given.items()):
        raise InputDiffers(operation="supply.sign_assumption")
    return made


@audited("supply.sign_assumption", subject="id")
def sign_assumption(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    from_account_id: UUID,
    from_customer_id: UUID,
    to_account_id: UUID,
    to_customer_id: UUID,
    amount: Money,
    document: str,
    signed_on: date,
) -> None:
    """Record that a customer has signed to take over another's debt on an account.

    It allows one transfer on the ledger up to the sum, and moves nothing by itself. Raises
    NotAllowed, AssumptionUnsigned, AssumptionWithoutDebtor, DeadCustomer; the same again under
    the same id is done already, another one InputDiffers.
    """
    require_duty(actor, "supply.sign_assumption")
    same = (from_account_id, from_customer_id) == (to_account_id, to_customer_id)
    if not document.strip() or amount.fils <= 0 or same:
        raise AssumptionUnsigned()
    require_alive(to_customer_id, signed_on)
    was = Liability.objects.filter(account_id=from_account_id, customer_id=from_customer_id)
    now = Liability.objects.filter(
        account_id=to_account_id, customer_id=to_customer_id, from_day__lte=signed_on
    ).exclude(until_day__lte=signed_on)
    if not was.exists() or not now.exists():
        raise AssumptionWithoutDebtor()
    given = {
        "from_account_id": from_account_id,
        "from_customer_id": from_customer_id,
        "to_account_id": to_account_id,
        "to_customer_id": to_customer_id,
        "amount_fils": amount.fils,
        "document": document.strip(),
        "signed_on": signed_on,
    }
    if not _kept(id, given, actor=actor, at=at):
        return
    events.assumption_signed(assumption_id=id, account_id=from_account_id, fils=amount.fils, at=at)
    note(
        from_account=str(from_account_id),
        to_account=str(to_account_id),
        from_customer=str(from_customer_id),
        to_customer=str(to_customer_id),
        amount_fils=amount.fils,
        document=document.strip(),
    )


@audited("supply.withdraw_assumption", subject="id")
def withdraw_assumption(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    reason: str,
) -> None:
    """Take an assumption back before the ledger has moved the debt.

    Raises NotAllowed, AssumptionUnknown, AssumptionUsed, AssumptionUnsigned.
    """
    require_duty(actor, "supply.withdraw_assumption")
    found = _in_force(id)
    if not reason.strip():
        raise AssumptionUnsigned()
    found.withdrawn_at, found.withdrawn_because = at, reason.strip()
    found.save(update_fields=["withdrawn_at", "withdrawn_because"])
    note(
        from_account=str(found.from_account_id),
        to_account=str(found.to_account_id),
        reason=reason.strip(),
    )


@audited("supply.use_assumption", subject="id")
def use_assumption(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    transfer_id: UUID,
    amount: Money,
) -> AssumptionView:
    """Let one transfer of the ledger stand on an assumption; called in the transfer's transaction.

    The row stays locked until then, so that two transfers never stand on one paper. Raises
    NotAllowed, AssumptionUnknown, AssumptionUsed, AssumptionExceeded, DeadCustomer.
    """
    require_duty(actor, "supply.use_assumption")
    found = _in_force(id)
    if amount.fils > found.amount_fils:
        raise AssumptionExceeded(asked=amount.dinars(), signed=Money(found.amount_fils).dinars())
    signed = found.to_customer_id
    taker = customers.survivors(customer_ids=[signed]).get(signed, signed)
    require_alive(taker, local_day(at))
    found.moved_by, found.moved_fils = transfer_id, amount.fils
    found.save(update_fields=["moved_by", "moved_fils"])
    _note_sides(found, transfer=str(transfer_id), amount_fils=amount.fils)
    return answering.assumption_view(found)


@audited("supply.free_assumption", subject="id")
def free_assumption(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    transfer_id: UUID,
) -> None:
    """The transfer that stood on it was taken back: it may move its debt again, or be withdrawn.

    Raises NotAllowed, AssumptionUnknown.
    """
    require_duty(actor, "supply.free_assumption")
    rows = Assumption.objects.select_for_update().filter(pk=id, moved_by=transfer_id)
    found = rows.first()
    if found is None:
        raise AssumptionUnknown()
    found.moved_by, found.moved_fils = None, 0
    found.save(update_fields=["moved_by", "moved_fils"])
    _note_sides(found, transfer=str(transfer_id))


def _in_force(assumption_id: UUID) -> Assumption:
    """Locked. Raises AssumptionUnknown, AssumptionUsed."""
    rows = Assumption.objects.select_for_update().filter(pk=assumption_id, withdrawn_at=None)
    found = rows.first()
    if found is None:
        raise AssumptionUnknown()
    if found.moved_by is not None:
        raise AssumptionUsed(document=found.document)
    return found


def _note_sides(found: Assumption, **facts: object) -> None:
    note(
        from_account=str(found.from_account_id),
        to_account=str(found.to_account_id),
        from_customer=str(found.from_customer_id),
        to_customer=str(found.to_customer_id),
        **facts,
    )
