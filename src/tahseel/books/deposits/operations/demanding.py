"""What is asked for when a deposit is too little: a letter, a day, and an end when it is there.

A demand is no debt: it stands on no ledger, and nobody is held or cut off because of it. It says
how much the deposit must come to, and ends by itself when what is held comes to it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.books.deposits import events, queries, rules, store
from tahseel.books.deposits.values import (
    DEMAND_LIFE,
    Demand,
    DemandState,
    Proposal,
)
from tahseel.books.ledger import operations as ledger
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices.values import NewNotice

DECIDING_ROLES = ("office_head", "revenue_manager")
NOTICE_KIND = "deposit"


class DemandUnknown(NotFound):
    """Nothing of that number is demanded now."""

    code = "deposit_demand_unknown"
    text_ar = "لا توجد مطالبة بتأمين قائمة بهذا الرقم"
    text_en = "No such demand for a deposit is open"


class WithdrawalUnexplained(Refusal):
    """A demand that is taken back says why."""

    code = "deposit_withdrawal_unexplained"
    text_ar = "يجب ذكر سبب سحب المطالبة بالتأمين"
    text_en = "A reason is given for taking a demand for a deposit back"


@audit.audited("deposits.demand", subject="account_id")
def demand(
    *, actor: Actor, at: datetime, account_id: UUID, proposal: Proposal, on_day: date
) -> Demand | None:
    """Ask in writing for what is missing to a deposit; None when nothing is.

    Guarantees that end soon do not count. An older demand is overtaken. Raises NotAllowed.
    """
    require(actor, *DECIDING_ROLES)
    held = queries.lasting_cover(account_id=account_id, day=on_day)
    if held >= proposal.wanted:
        audit.note(demanded_fils=0)
        return None
    found = Demand(
        account_id=account_id,
        id=derived_id(proposal.id, "demand"),
        customer_id=proposal.customer_id,
        kind=proposal.kind,
        wanted=proposal.wanted,
        amount=proposal.wanted - held,
        demanded_on=on_day,
        due_on=on_day + timedelta(days=rules.policy().demand.days),
        notice_id=derived_id(proposal.id, "demand-letter"),
    )
    store.end_demands(account_id=account_id, state=DemandState.OVERTAKEN, on=on_day)
    store.demand(found, actor=actor, at=at)
    notices.issue_many(actor=actor, at=at, notices=[_letter(found)])
    events.demanded(found, at=at)
    audit.note(demanded_fils=found.amount.fils, due_on=found.due_on.isoformat())
    return found


@audit.audited("deposits.withdraw_demand", subject="demand_id")
def withdraw_demand(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    demand_id: UUID,
    on_day: date,
    reason: str,
) -> None:
    """Ask no longer. Raises NotAllowed, DemandUnknown, WithdrawalUnexplained, WrongState."""
    require(actor, *DECIDING_ROLES)
    if not reason.strip():
        raise WithdrawalUnexplained()
    ledger.lock_accounts([account_id])
    found = queries.demand(account_id=account_id, demand_id=demand_id)
    if found is None:
        raise DemandUnknown()
    DEMAND_LIFE.require(found.state, DemandState.WITHDRAWN)
    store.end_demands(
        account_id=account_id, state=DemandState.WITHDRAWN, on=on_day, reason=reason.strip()
    )
    events.demand_ended(found, state=DemandState.WITHDRAWN, at=at)
    audit.note(account_id=account_id, reason=reason.strip())


def meet(*, account_id: UUID, day: date, at: datetime) -> None:
    """End the open demand of an account when what is held has come to what is wanted.

    The caller holds the account's lock.
    """
    for found in queries.open_demands(account_ids=[account_id]):
        if queries.lasting_cover(account_id=account_id, day=day) >= found.wanted:
            ended = max(day, found.demanded_on)
            store.end_demands(account_id=account_id, state=DemandState.MET, on=ended)
            events.demand_ended(found, state=DemandState.MET, at=at)


def _letter(found: Demand) -> NewNotice:
    letter = rules.policy().demand
    number = supply.accounts(account_ids=[found.account_id])[found.account_id].number
    facts = {
        "account": number,
        "amount": found.amount.dinars(),
        "wanted": found.wanted.dinars(),
        "day": found.due_on.isoformat(),
    }
    return NewNotice(
        id=found.notice_id,
        kind=NOTICE_KIND,
        channel=letter.channel,
        recipient_customer_id=found.customer_id,
        subject=f"{letter.subject_ar} | {letter.subject_en}",
        body_ar=letter.body_ar.format_map(facts),
        body_en=letter.body_en.format_map(facts),
        address="",
        reference=number,
    )
