"""Deposits against use: once a year for each tenancy, and before a guarantee ends."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.books.deposits import events, queries, rules, store
from tahseel.books.deposits.operations.demanding import DECIDING_ROLES, demand
from tahseel.books.deposits.values import (
    DEPOSIT,
    PROPOSAL_LIFE,
    REFUND,
    Deposit,
    DepositKind,
    DepositState,
    NewDeposit,
    Proposal,
    ProposalKind,
    ProposalState,
)
from tahseel.books.ledger import operations as ledger
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit


class ProposalUnknown(NotFound):
    """No such proposal is open."""

    code = "deposit_proposal_unknown"
    text_ar = "لا يوجد اقتراح تأمين قائم بهذا الرقم"
    text_en = "No such proposal on a deposit is open"


class DecisionUnexplained(Refusal):
    """A proposal that is refused says why."""

    code = "deposit_decision_unexplained"
    text_ar = "يجب ذكر سبب رفض اقتراح التأمين"
    text_en = "A reason is given for refusing a proposal on a deposit"


@audit.audited("deposits.review", subject="day")
def review(*, actor: Actor, at: datetime, day: date) -> list[Proposal]:
    """Compare deposits with use and propose; an earlier open proposal of an account is overtaken.

    Looked at are the tenancies whose anniversary falls in the month of `day`, and those with a
    guarantee that ends soon. An account with too few months known is left alone.
    """
    found = []
    for case in queries.cases_for_review(day=day):
        floor, cover = case.floor, case.cover
        by_use = ZERO
        if case.months >= rules.policy().months_known_min:
            by_use = rules.wanted_by_use(billed=case.billed, months=case.months)
        kind = rules.proposed(held=cover, floor=floor, by_use=by_use) if case.due else None
        if kind is None and case.ending:
            kind = ProposalKind.RENEW
        if kind is None or (kind is ProposalKind.RETURN and not by_use):
            continue
        found.append(
            Proposal(
                account_id=case.account_id,
                id=derived_id(case.account_id, "deposit-review", day.isoformat()),
                customer_id=case.customer_id,
                kind=kind,
                reviewed_on=day,
                held=cover,
                wanted=max(floor, by_use),
                monthly=Money(case.billed.fils // case.months) if case.months else ZERO,
                months=case.months,
            )
        )
    store.overtake(account_ids=[one.account_id for one in found], at=at, by=actor.id)
    store.propose(found, at=at)
    if found:
        events.proposed(reviewed_on=day.isoformat(), count=len(found), at=at)
    audit.note(proposed=len(found))
    return found


@audit.audited("deposits.decide_proposal", subject="proposal_id")
def decide_proposal(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    proposal_id: UUID,
    accept: bool,
    on_day: date,
    reason: str = "",
) -> None:
    """Decide what a review proposed.

    Accepting a return owes the excess back at once; accepting a raise or a renewal demands in
    writing what is missing.

    Raises NotAllowed, ProposalUnknown, DecisionUnexplained.
    """
    require(actor, *DECIDING_ROLES)
    ledger.lock_accounts([account_id])
    proposal = queries.proposal(account_id=account_id, proposal_id=proposal_id)
    if proposal is None or proposal.state is not ProposalState.OPEN:
        raise ProposalUnknown()
    if not accept and not reason.strip():
        raise DecisionUnexplained()
    state = ProposalState.ACCEPTED if accept else ProposalState.REFUSED
    PROPOSAL_LIFE.require(proposal.state, state)
    if accept and proposal.kind is ProposalKind.RETURN:
        _give_back(proposal, actor=actor, at=at, on_day=on_day)
    elif accept:
        demand(actor=actor, at=at, account_id=account_id, proposal=proposal, on_day=on_day)
    store.decided(proposal, state=state, at=at, by=actor.id, reason=reason.strip())
    audit.note(account_id=account_id, kind=str(proposal.kind), accepted=accept)


def _give_back(proposal: Proposal, *, actor: Actor, at: datetime, on_day: date) -> None:
    """Owe back what money exceeds the wanted sum; the rest is carried into one deposit."""
    held = queries.held_for_update(account_id=proposal.account_id, customer_id=proposal.customer_id)
    excess = Money(sum(one.amount.fils for one in held if one.covers(on_day))) - proposal.wanted
    for deposit in reversed([one for one in held if one.kind is DepositKind.CASH]):
        back = min(excess, deposit.amount)
        if back.fils <= 0:
            break
        _part(deposit, back, actor=actor, at=at, on_day=on_day)
        excess -= back


def _part(deposit: Deposit, back: Money, *, actor: Actor, at: datetime, on_day: date) -> None:
    entry = rules.entry(deposit, "owed-back", debit=DEPOSIT, credit=REFUND, amount=back, day=on_day)
    ledger.post(actor=actor, at=at, entries=[entry])
    stays = deposit.amount - back
    store.ended(
        deposit, state=DepositState.REFUND_DUE, netted=ZERO, refund=back, on=on_day, carried=stays
    )
    if stays:
        rest = NewDeposit(
            account_id=deposit.account_id,
            id=derived_id(deposit.id, "carried"),
            customer_id=deposit.customer_id,
            kind=DepositKind.CASH,
            amount=stays,
            taken_on=on_day,
            tender=deposit.tender,
            reference=str(deposit.id),
        )
        store.insert([rest], actor=actor, at=at)
