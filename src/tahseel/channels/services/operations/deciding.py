"""A fee that was paid never lapses: the applicant is reminded, then a supervisor decides.

More time until a new day, or the end, with what may be given back of the fee owed to the applicant.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.books.ledger import operations as ledger
from tahseel.channels.services import queries, rules
from tahseel.channels.services.models import Application
from tahseel.channels.services.opening import application_of
from tahseel.channels.services.operations.ending import NotDue
from tahseel.channels.services.operations.moving import locked, move, require_duty, write_step
from tahseel.channels.services.operations.settling import release
from tahseel.channels.services.telling import tell
from tahseel.channels.services.values import Application as ApplicationView
from tahseel.channels.services.values import State
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.trust.audit.operations import audited, note

REASON_MAX = 300


class DecisionUnreasoned(Refusal):
    """Who decides on somebody's application says why."""

    code = "decision_unreasoned"
    text_ar = "يجب ذكر سبب القرار في حدود {most} حرف"
    text_en = "A decision gives its reason, in up to {most} letters"


class ProlongedOutOfBounds(Refusal):
    """More time ends on a day to come, and not beyond what the country's data gives."""

    code = "prolonged_out_of_bounds"
    text_ar = "يكون آخر يوم جديد بعد اليوم وحتى {last}"
    text_en = "The new last day lies after today and not after {last}"


@audited("services.remind", subject="application_id")
def remind(*, actor: Actor, at: datetime, application_id: UUID) -> ApplicationView:
    """Remind an applicant whose turn ends soon, once for each of the turn's reminders.

    Raises NotDue.
    """
    row = locked(application_id)
    days = queries.reminder_due(row, day=local_day(at))
    if days is None or row.deadline is None:
        raise NotDue()
    told = tell(row, rules.REMINDER, day=row.deadline, actor=actor, at=at)
    facts = {"days": days, "until": row.deadline.isoformat(), "told": told}
    write_step(row, step="reminded", actor=actor, at=at, facts=facts)
    note(reference=row.reference, days=days, told=told)
    return application_of(row)


@audited("services.refer", subject="application_id")
def refer(*, actor: Actor, at: datetime, application_id: UUID) -> ApplicationView:
    """Bring what was paid for and not put right in time before a supervisor; it stays open.

    Raises NotDue, WrongState.
    """
    row = locked(application_id)
    rules.GETTING_SUPPLY.require(State(row.state), State.REFERRED)
    if row.deadline is None or row.deadline >= local_day(at):
        raise NotDue()
    facts = {"was_until": row.deadline.isoformat()}
    move(row, State.REFERRED, step="referred", actor=actor, at=at, facts=facts)
    _tell(row, rules.REFERRAL, actor, at)
    return application_of(row)


@audited("services.prolong", subject="application_id")
def prolong(
    *, actor: Actor, at: datetime, application_id: UUID, until: date, reason: str
) -> ApplicationView:
    """Give more time to put right what an inspection found.

    Raises ApplicationUnknown, NotAllowed, WrongState, DecisionUnreasoned, ProlongedOutOfBounds.
    """
    row = _to_decide(actor, application_id, reason)
    today = local_day(at)
    last = today + timedelta(days=rules.catalogue().prolong_days_max)
    if not today < until <= last:
        raise ProlongedOutOfBounds(last=last.isoformat())
    facts = {"reason": reason.strip(), "until": until.isoformat()}
    move(row, State.FAILED, step="prolonged", actor=actor, at=at, facts=facts, last_day=until)
    _tell(row, rules.PROLONGED, actor, at)
    note(until=until.isoformat(), reason=reason.strip())
    return application_of(row)


@audited("services.close", subject="application_id")
def close(*, actor: Actor, at: datetime, application_id: UUID, reason: str) -> ApplicationView:
    """End an application that was referred; what may be given back of its fee is owed at once.

    Two people pay it, as every refund. Raises ApplicationUnknown, NotAllowed, WrongState,
    DecisionUnreasoned.
    """
    row = _to_decide(actor, application_id, reason)
    ledger.lock_accounts([row.account_id])
    back = release(row, actor, at)
    facts = {"reason": reason.strip(), "credit_fils": back.fils}
    move(row, State.CLOSED, step="closed", actor=actor, at=at, facts=facts)
    tell(row, rules.CLOSED, day=local_day(at), actor=actor, at=at)
    note(credit_fils=back.fils, reason=reason.strip())
    return application_of(row)


def _to_decide(actor: Actor, application_id: UUID, reason: str) -> Application:
    require_duty(actor, "decide")
    row = locked(application_id)
    rules.GETTING_SUPPLY.require(State(row.state), State.CLOSED)  # only what was referred
    if not 0 < len(reason.strip()) <= REASON_MAX:
        raise DecisionUnreasoned(most=REASON_MAX)
    return row


def _tell(row: Application, code: str, actor: Actor, at: datetime) -> None:
    assert row.deadline is not None, "whoever acts next has a last day"
    tell(row, code, day=row.deadline, actor=actor, at=at)
