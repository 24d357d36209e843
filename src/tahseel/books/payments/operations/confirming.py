"""Finding out: ask the gateway, judge its answer, and post a captured payment exactly once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from tahseel.books.payments import events, facilities, queries, rules, store
from tahseel.books.payments.gateways.interface import Answer, Outcome
from tahseel.books.payments.operations import posting
from tahseel.books.payments.values import (
    INTENT,
    CaseKind,
    Confirmation,
    IntentState,
    MessageKind,
    Paid,
    PaymentIntent,
    Received,
    SweepReport,
)
from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, Fault, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.trust.audit import operations as audit

SWEEP_MAX = 500
CLOSED = frozenset({IntentState.NOT_CAPTURED, IntentState.CANCELLED})


class UnknownPayment(Refusal):
    """No payment of ours has this track id."""

    code = "payment_unknown"
    text_ar = "عملية الدفع غير معروفة"
    text_en = "This payment is not known"
    http_status = 404


def confirm(*, actor: Actor, at: datetime, track_id: str) -> Confirmation:
    """Ask the gateway what became of a payment; captured with our amount, it is posted.

    Posting, closing of claims and the event are one transaction; called again or at the same
    time it posts once. The network is asked outside any transaction. Raises UnknownPayment, Fault
    (`retry`: the next sweep asks again).
    """
    if connection.in_atomic_block:
        raise RuntimeError("the gateway is asked outside transactions")
    intent = store.find_intent(track_id=track_id)
    if intent is None:
        _refuse_unknown(actor=actor, at=at, track_id=track_id)
        raise UnknownPayment(track_id=track_id)
    if not _worth_asking(intent, at):
        return Confirmation(intent, queries.payments_of_intent(intent.id), fresh=False)
    try:
        answer = facilities.gateway(intent.gateway).inquire(track_id=track_id, amount=intent.amount)
    except Fault:
        _postpone(intent, at)
        raise
    done = _conclude(actor=actor, at=at, track_id=track_id, answer=answer)
    if done.fresh:
        outbox.wake()
    return done


def sweep(*, actor: Actor, at: datetime, limit: int = SWEEP_MAX) -> SweepReport:
    """Ask about every payment whose next inquiry is due, at most `limit`, the oldest first.

    One payment that cannot be asked about or posted never stops the others: it waits, and what is
    not the network's fault opens a case.
    """
    posted = failed = 0
    due = store.due_intents(at=at, limit=min(limit, SWEEP_MAX))
    for intent_id, track_id in due:
        try:
            posted += confirm(actor=actor, at=at, track_id=track_id).fresh
        except Fault:
            failed += 1
        except (Refusal, Broken) as error:
            failed += 1
            _park(actor=actor, at=at, intent_id=intent_id, error=error)
    return SweepReport(asked=len(due) - failed, posted=posted, failed=failed)


def open_case(*, intent_id: UUID, kind: CaseKind, at: datetime, reported: Money | None) -> None:
    """Open a case once and announce it; part of the running transaction."""
    if not store.open_case(intent_id=intent_id, kind=kind, at=at, reported=reported):
        return
    store.add_step(intent_id, step="case_opened", at=at, kind=str(kind))
    outbox.announce(
        name=events.CASE_OPENED,
        subject=str(intent_id),
        at=at,
        facts={"kind": str(kind), "reported_fils": None if reported is None else reported.fils},
    )


@audit.audited("payments.confirm", subject="track_id")
def _refuse_unknown(*, actor: Actor, at: datetime, track_id: str) -> None:
    raise UnknownPayment(track_id=track_id)


@audit.audited("payments.park", subject="intent_id")
def _park(*, actor: Actor, at: datetime, intent_id: UUID, error: Refusal | Broken) -> None:
    """Put a payment that cannot go on aside, for a person to look at; it is tried again later."""
    intent = store.find_intent(intent_id=intent_id, lock=True)
    if intent is None or intent.state is IntentState.POSTED:
        return
    accounts = [str(share.account_id) for share in intent.shares]
    audit.note(error=str(error), accounts=accounts)
    open_case(intent_id=intent_id, kind=CaseKind.NOT_POSTED, at=at, reported=None)
    _wait(intent, at)


def _worth_asking(intent: PaymentIntent, at: datetime) -> bool:
    if intent.state is IntentState.POSTED:
        return False
    policy = facilities.installed().policy
    due = intent.next_inquiry_at is not None and intent.next_inquiry_at <= at
    if intent.state in CLOSED:
        return due
    just_asked = intent.inquired_at is not None and at - intent.inquired_at < policy.pause_least
    return due or not just_asked


def _postpone(intent: PaymentIntent, at: datetime) -> None:
    """The gateway did not answer: ask again later, ever more rarely."""
    with transaction.atomic():
        locked = store.find_intent(intent_id=intent.id, lock=True)
        if locked is not None and locked.state is not IntentState.POSTED:
            _wait(locked, at)


def _wait(intent: PaymentIntent, at: datetime) -> None:
    policy = facilities.installed().policy
    store.update_intent(
        intent.id,
        inquiries=intent.inquiries + 1,
        next_inquiry_at=at + policy.pause(intent.inquiries),
    )


@audit.audited("payments.confirm", subject="track_id")
def _conclude(*, actor: Actor, at: datetime, track_id: str, answer: Answer) -> Confirmation:
    """Judge one answer under the intent's lock."""
    intent = store.find_intent(track_id=track_id, lock=True)
    if intent is None:
        raise UnknownPayment(track_id=track_id)
    if intent.state is IntentState.POSTED:
        return Confirmation(intent, queries.payments_of_intent(intent.id), fresh=False)
    _keep(intent, at, answer)
    judgement = rules.judge(
        amount=intent.amount,
        track_id=track_id,
        claimed=Outcome(intent.claimed) if intent.claimed else None,
        answer=answer,
        expired=at >= intent.expires_at,
    )
    moves = judgement.state is not None and INTENT.allows(intent.state, judgement.state)
    state = judgement.state if moves and judgement.state is not None else intent.state
    audit.note(answer=str(answer.outcome), state=str(state))
    _schedule(intent, at, state, judgement.case)
    if judgement.case is not None:
        open_case(intent_id=intent.id, kind=judgement.case, at=at, reported=answer.amount)
    if state is not intent.state:
        store.add_step(intent.id, step=str(state), at=at, answer=str(answer.outcome))
        store.update_intent(intent.id, state=str(state))
    payments: tuple[Paid, ...] = ()
    if state is IntentState.CAPTURED:
        payments = _post(actor, at, intent, answer, doubt=judgement.case is not None)
    return Confirmation(_again(intent.id), payments, fresh=bool(payments))


def _schedule(
    intent: PaymentIntent, at: datetime, state: IntentState, case: CaseKind | None
) -> None:
    again = rules.next_inquiry(
        state=state,
        case=case,
        inquiries=intent.inquiries,
        at=at,
        expires_at=intent.expires_at,
        policy=facilities.installed().policy,
    )
    store.update_intent(
        intent.id, inquiries=intent.inquiries + 1, inquired_at=at, next_inquiry_at=again
    )


def _post(
    actor: Actor, at: datetime, intent: PaymentIntent, answer: Answer, *, doubt: bool
) -> tuple[Paid, ...]:
    """Captured becomes posted: ledger, claims, payment rows, event, state, in this transaction."""
    reference = dict(answer.reference)
    received = [
        Received(
            id=derived_id(intent.id, "payment", str(share.account_id)),
            account_id=share.account_id,
            customer_id=share.customer_id,
            amount=share.amount,
            tender=intent.gateway,
            received_at=at,
            business_date=local_day(at),
            reference=reference.get("paymentid") or reference.get("payid") or intent.track_id,
            claim_ids=share.claim_ids,
        )
        for share in intent.shares
    ]
    payments = posting.post(actor=actor, at=at, received=received, intent_id=intent.id)
    INTENT.require(IntentState.CAPTURED, IntentState.POSTED)
    store.update_intent(
        intent.id, state=str(IntentState.POSTED), posted_at=at, reference=Jsonb(reference)
    )
    store.add_step(intent.id, step="posted", at=at, amount_fils=intent.amount.fils)
    if not doubt:
        store.close_cases(intent_id=intent.id, at=at)
    return tuple(payments)


def _keep(intent: PaymentIntent, at: datetime, answer: Answer) -> None:
    store.keep_message(
        kind=MessageKind.INQUIRY,
        track_id=intent.track_id,
        intent_id=intent.id,
        at=at,
        content=f"{answer.request}\n{answer.response}".encode(),
    )


def _again(intent_id: UUID) -> PaymentIntent:
    found = store.find_intent(intent_id=intent_id)
    if found is None:
        raise UnknownPayment(track_id=str(intent_id))
    return found
