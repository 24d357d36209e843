"""Closing a month of the books and opening it again: one person asks, another one agrees.

Periods are closed one after the other and opened again from the last one on, so one day says it
all: before it nothing is received. The database holds the application to it as well.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.books.ledger import queries, rules
from tahseel.books.ledger.operations import sealing
from tahseel.books.ledger.values import Act, Closing
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth, FiscalYear, Period, local_day
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

ROLES = ("revenue_manager",)
CLOSE, REOPEN = "ledger.close", "ledger.reopen"
_ALONE = "select pg_advisory_xact_lock(720705)"


class PeriodNotOver(Refusal):
    """A month is closed once it is over."""

    code = "ledger_period_not_over"
    text_ar = "الشهر {month} لم ينته بعد"
    text_en = "{month} is not over yet"


class NotTheNextPeriod(Refusal):
    """Months are closed in their order, and opened again from the last one on."""

    code = "ledger_not_the_next_period"
    text_ar = "الدفاتر مقفلة حتى {until}، فلا يمكن تنفيذ ذلك على الشهر {month}"
    text_en = "The books are closed until {until}, so this cannot be done to {month}"
    http_status = 409


class NothingClosed(Refusal):
    """Only what is closed can be opened again."""

    code = "ledger_nothing_closed"
    text_ar = "الشهر {month} غير مقفل"
    text_en = "{month} is not closed"
    http_status = 409


class ActWaits(Refusal):
    """The same month waits for a decision."""

    code = "ledger_act_waits"
    text_ar = "طلب بشأن الشهر {month} بانتظار الاعتماد"
    text_en = "A request about {month} waits for an approval"
    http_status = 409


def register() -> None:
    """Both acts need a second person; called when `app` assembles the house."""
    for name, perform, tell in ((CLOSE, closing_agreed, _tell_closing),
                                (REOPEN, reopening_agreed, _tell_reopening)):  # fmt: skip
        approvals.register(name, perform, roles=ROLES, makers=ROLES, in_words=tell)


@audit.audited("ledger.propose_closing", subject="month")
def propose_closing(
    *, actor: Actor, at: datetime, approval_id: UUID, month: BillingMonth, reason: str
) -> UUID:
    """Ask that a month be closed; returns the approval's id.

    Raises NotAllowed, PeriodNotOver, NotTheNextPeriod, ActWaits, InputDiffers, ReasonMissing.
    """
    return _ask(actor, at, approval_id=approval_id, act=CLOSE, month=month, reason=reason)


@audit.audited("ledger.propose_reopening", subject="month")
def propose_reopening(
    *, actor: Actor, at: datetime, approval_id: UUID, month: BillingMonth, reason: str
) -> UUID:
    """Ask that the month that was closed last be opened again; returns the approval's id.

    Raises NotAllowed, NothingClosed, NotTheNextPeriod, ActWaits, InputDiffers, ReasonMissing.
    """
    return _ask(actor, at, approval_id=approval_id, act=REOPEN, month=month, reason=reason)


def _ask(
    actor: Actor, at: datetime, *, approval_id: UUID, act: str, month: BillingMonth, reason: str
) -> UUID:
    require(actor, *ROLES)
    payload = {"month": str(month)}
    if approvals_queries.asked_before(
        approval_id=approval_id, actor=actor, operation=act, payload=payload
    ):
        return approval_id
    waiting = {
        one.payload.get("month")
        for name in (CLOSE, REOPEN)
        for one in approvals_queries.waiting(operation=name, as_of=at)
    }
    if str(month) in waiting:
        raise ActWaits(month=str(month))
    (_closable if act == CLOSE else _openable)(month, at)
    return approvals.submit(
        actor=actor, at=at, operation=act, payload=payload, reason=reason, approval_id=approval_id
    )


def closing_agreed(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> Closing:
    """What runs once the second person agrees to close."""
    month = BillingMonth.parse(str(payload["month"]))
    return _close(actor=actor, at=at, approval_id=approval_id, month=month)


def reopening_agreed(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> Closing:
    """What runs once the second person agrees to open again."""
    month = BillingMonth.parse(str(payload["month"]))
    return _reopen(actor=actor, at=at, approval_id=approval_id, month=month)


@audit.audited("ledger.close", subject="month")
def _close(*, actor: Actor, at: datetime, approval_id: UUID, month: BillingMonth) -> Closing:
    """Raises PeriodNotOver, NotTheNextPeriod."""
    _alone()
    _closable(month, at)
    return _keep(Act.CLOSED, month, actor, at, approval_id)


@audit.audited("ledger.reopen", subject="month")
def _reopen(*, actor: Actor, at: datetime, approval_id: UUID, month: BillingMonth) -> Closing:
    """Raises NothingClosed, NotTheNextPeriod."""
    _alone()
    _openable(month, at)
    return _keep(Act.REOPENED, month, actor, at, approval_id)


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)


def _closable(month: BillingMonth, at: datetime) -> None:
    if local_day(at) < month.period.end:
        raise PeriodNotOver(month=str(month))
    until = queries.closed_until()
    if until is not None and month.period.start != until:
        raise NotTheNextPeriod(until=until.isoformat(), month=str(month))


def _openable(month: BillingMonth, at: datetime) -> None:
    until = queries.closed_until()
    if until is None or month.period.start >= until:
        raise NothingClosed(month=str(month))
    if month.period.end != until:
        raise NotTheNextPeriod(until=until.isoformat(), month=str(month))


def _keep(act: Act, month: BillingMonth, actor: Actor, at: datetime, approval_id: UUID) -> Closing:
    """Nobody posts meanwhile: the checkpoint of a closing covers all that the period received."""
    sealing.seal(at)
    asked = approvals_queries.by_id(approval_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_closing (number, id, act, starts_on, ends_on, closed_until,"
            " checkpoint, at, maker, checker, reason) select coalesce(max(c.number), 0) + 1, %s,"
            " %s, %s, %s, %s, (select coalesce(max(number), 0) from ledger_checkpoint), %s, %s,"
            " %s, %s from ledger_closing c",
            [approval_id, str(act), month.period.start, month.period.end,
             rules.closed_until(act, month.period), at, asked.maker_id, actor.id, asked.reason],
        )  # fmt: skip
    done = queries.closings()[0]
    audit.note(closed_until=done.closed_until, checkpoint=done.checkpoint, maker=done.maker)
    return done


def _tell_closing(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    month = BillingMonth.parse(str(payload["month"]))
    return Proposal(
        f"إقفال الدفاتر لشهر {month}: لا يُقبل بعده أي قيد بتاريخ فيه أو قبله",
        f"Close the books of {month}: no entry dated in it or before is received from then on",
        _details(month.period),
    )


def _tell_reopening(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    month = BillingMonth.parse(str(payload["month"]))
    return Proposal(
        f"إعادة فتح الدفاتر لشهر {month}",
        f"Open the books of {month} again",
        _details(month.period),
    )


def _details(period: Period) -> tuple[Detail, ...]:
    moved = queries.moved_in(period)
    return (
        Detail("عدد القيود", "Entries", moved.entries),
        Detail("مجموعها", "Their sum", moved.amount),
        Detail("السنة المالية", "Fiscal year", str(FiscalYear.of(period.start))),
    )
