"""A bill that is held back goes to the field, and is looked at again once the crew has said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import queries
from tahseel.charging.billing.operations import finals, misdirecting, releasing, running
from tahseel.charging.billing.values import HELD_LIFE, Held, HeldState
from tahseel.consumption.exceptions import operations as exceptions
from tahseel.consumption.exceptions.values import OrderKind
from tahseel.consumption.readings import operations as readings
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

SENDERS = exceptions.SENDERS
KINDS = (OrderKind.INVESTIGATE, OrderKind.TEST)


class HeldMeterUnknown(Refusal):
    """A crew is sent to a meter that the bill is about."""

    code = "held_meter_unknown"
    text_ar = "العداد ليس من عدادات هذه الفاتورة"
    text_en = "The meter is none of those of this bill"


class HeldTaskWrong(Refusal):
    """Because of a bill somebody looks or tests; nobody is cut off."""

    code = "held_task_wrong"
    text_ar = "يُرسل الفني بسبب فاتورة موقوفة للمعاينة أو لفحص العداد فقط"
    text_en = "Because of a held bill a crew investigates or tests a meter, nothing else"


@audit.audited("billing.send_to_field", subject="account_id")
def send_to_field(
    *,
    actor: Actor,
    at: datetime,
    order_id: UUID,
    account_id: UUID,
    held_id: UUID,
    meter_id: UUID,
    kind: OrderKind,
    task: str,
) -> None:
    """Send a crew to a meter of a held bill; what it found is shown beside the bill.

    order_id: the caller's; the same again changes nothing. Raises NotAllowed, HeldUnknown,
    WrongState, HeldMeterUnknown, HeldTaskWrong, and what `exceptions.send_to_meter` raises.
    """
    require(actor, *SENDERS)
    held = _waiting(account_id, held_id)
    if kind not in KINDS:
        raise HeldTaskWrong()
    if meter_id not in queries.held_meters(held=held):
        raise HeldMeterUnknown()
    exceptions.send_to_meter(
        actor=actor, at=at, order_id=order_id, meter_id=meter_id, about=held.about, kind=kind,
        task=task,
    )  # fmt: skip
    audit.note(held=str(held_id), order=str(order_id))


@audit.audited("billing.look_again", subject="account_id")
def look_again(*, actor: Actor, at: datetime, account_id: UUID, held_id: UUID) -> Held:
    """Measure and price a held bill by what is known now; returns what became of it.

    It goes out where no check holds it any more, stays held where it is the same, and is held anew
    where it is another one that is odd. Raises NotAllowed, HeldUnknown, WrongState.
    """
    require(actor, *misdirecting.CLOSING_ROLES)
    held = _waiting(account_id, held_id)
    if held.days:
        finals.look_again(held, actor=actor, at=at)
    else:
        _look_at_month(held, actor, at)
    finals.settle_waiting(actor=actor, at=at, account_id=account_id)
    seen = queries.held(account_id=account_id, held_id=held_id)
    assert seen is not None, "nothing that was held is ever taken away"
    audit.note(held=str(held_id), state=str(seen.state))
    return seen


def _look_at_month(held: Held, actor: Actor, at: datetime) -> None:
    ids = [held.account_id]
    readings.determine(actor=actor, at=at, month=held.month, account_ids=ids)
    running.run(actor=actor, at=at, month=held.month, issued_on=local_day(at), account_ids=ids)


def _waiting(account_id: UUID, held_id: UUID) -> Held:
    ledger.lock_accounts([account_id])
    held = queries.held(account_id=account_id, held_id=held_id)
    if held is None:
        raise releasing.HeldUnknown()
    HELD_LIFE.require(held.state, HeldState.RELEASED)
    return held
