"""How an application ends without supply, and how temporary supply ends by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from tahseel.books.deposits import operations as deposits
from tahseel.books.ledger import operations as ledger
from tahseel.channels.services import queries, rules
from tahseel.channels.services.opening import application_of
from tahseel.channels.services.operations.moving import (
    locked,
    missing_papers,
    move,
    require_applicant_or_counter,
    require_duty,
)
from tahseel.channels.services.operations.quoting import go_on_when_paid
from tahseel.channels.services.operations.settling import give_back_late, release
from tahseel.channels.services.values import Application as ApplicationView
from tahseel.channels.services.values import State, Whose
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import local_day
from tahseel.registry.meters import operations as meter_operations
from tahseel.registry.supply import operations as supply_operations
from tahseel.trust.audit.operations import audited, note


class NotDue(Refusal):
    """Its time has not come."""

    code = "application_not_due"
    text_ar = "لم يحن موعد انتهاء الطلب"
    text_en = "The application's time has not come"


@audited("services.withdraw", subject="application_id")
def withdraw(*, actor: Actor, at: datetime, application_id: UUID, reason: str) -> ApplicationView:
    """The applicant takes the application back; what may be given back of a fee is owed to him.

    Raises ApplicationUnknown, NotAllowed, WrongState.
    """
    row = locked(application_id)
    require_applicant_or_counter(actor, row)
    ledger.lock_accounts([row.account_id])
    rules.GETTING_SUPPLY.require(State(row.state), State.WITHDRAWN)
    back = release(row, actor, at)
    facts = {"reason": reason.strip(), "credit_fils": back.fils}
    move(row, State.WITHDRAWN, step="withdrawn", actor=actor, at=at, facts=facts)
    note(credit_fils=back.fils)
    return application_of(row)


@audited("services.expire", subject="application_id")
def expire(*, actor: Actor, at: datetime, application_id: UUID) -> ApplicationView:
    """End what the applicant left lying beyond its last day; whoever has paid goes on instead.

    What was paid for is never ended so: it is referred (`deciding.refer`).

    Raises NotDue, WrongState.
    """
    row = locked(application_id)
    ledger.lock_accounts([row.account_id])  # no payment is posted between looking and ending
    state, complete = State(row.state), not missing_papers(row)
    rules.GETTING_SUPPLY.require(state, State.EXPIRED)
    if go_on_when_paid(row, actor, at):
        return application_of(row)
    turn = rules.turn(state, rules.catalogue(), complete=complete)
    theirs = turn is not None and turn.whose is Whose.APPLICANT
    if not theirs or row.deadline is None or row.deadline >= local_day(at):
        raise NotDue()
    back = release(row, actor, at)
    facts = {"after": str(state), "credit_fils": back.fils}
    move(row, State.EXPIRED, step="expired", actor=actor, at=at, facts=facts)
    note(credit_fils=back.fils)
    return application_of(row)


@audited("services.owe_late", subject="application_id")
def owe_late(*, actor: Actor, at: datetime, application_id: UUID) -> Money:
    """Owe back what came for an application after it had ended; returns how much that is.

    Raises ApplicationUnknown.
    """
    row = locked(application_id)
    ledger.lock_accounts([row.account_id])
    late = ZERO
    if State(row.state) in rules.UNSUPPLIED:
        late = give_back_late(row, actor, at)
    note(credit_fils=late.fils)
    return late


@audited("services.end_temporary", subject="application_id")
def end_temporary(*, actor: Actor, at: datetime, application_id: UUID) -> ApplicationView:
    """Temporary supply has come to its last day: its meters are to be taken down.

    Raises NotDue, WrongState.
    """
    row = locked(application_id)
    rules.GETTING_SUPPLY.require(State(row.state), State.REMOVAL_DUE)
    if row.until_day is None or row.until_day > local_day(at):
        raise NotDue()
    facts = {"until_day": row.until_day.isoformat()}
    move(row, State.REMOVAL_DUE, step="removal_due", actor=actor, at=at, facts=facts)
    return application_of(row)


@audited("services.settle_deposit", subject="application_id")
def settle_deposit(*, actor: Actor, at: datetime, application_id: UUID) -> ApplicationView:
    """Net the deposit of a temporary supply once its last bill is out; the rest is owed back.

    Raises ApplicationUnknown, NotDue, NotAllowed.
    """
    row = locked(application_id)
    if application_id not in queries.deposits_to_settle():
        raise NotDue()
    done = deposits.settle(
        actor=actor,
        at=at,
        account_id=row.account_id,
        customer_id=row.applicant_id,
        on_day=local_day(at),
    )
    note(netted_fils=done.netted.fils, refund_fils=done.refund.fils)
    return application_of(row)


@audited("services.record_removal", subject="application_id")
def record_removal(
    *,
    actor: Actor,
    at: datetime,
    application_id: UUID,
    day: date,
    closing: Mapping[str, Mapping[str, str]],
) -> ApplicationView:
    """Take the meters of a temporary supply down and close its account, all or nothing.

    closing: dial values by register, by the meter's serial. Raises NotAllowed, WrongState, and
    what the slices of meters and accounts refuse.
    """
    require_duty(actor, "energise")
    row = locked(application_id)
    rules.GETTING_SUPPLY.require(State(row.state), State.REMOVED)
    hung = queries.hung_at(unit_id=row.unit_id, day=day)
    for view in hung.values():
        meter_operations.remove_meter(
            actor=actor,
            at=at,
            meter_id=view.meter_id,
            removed_on=day,
            closing=closing.get(view.serial, {}),
        )
    supply_operations.close_account(actor=actor, at=at, account_id=row.account_id, closed_on=day)
    facts = {"meters": sorted(view.serial for view in hung.values()), "day": day.isoformat()}
    move(row, State.REMOVED, step="removed", actor=actor, at=at, facts=facts)
    return application_of(row)
