"""Taking in what a gateway, or somebody in its name, tells us. It is kept, believed in nothing,
and makes us ask."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tahseel.books.payments import facilities, store
from tahseel.books.payments.gateways.interface import (
    Notification,
    NotificationRefused,
    Outcome,
)
from tahseel.books.payments.operations.confirming import UnknownPayment, open_case
from tahseel.books.payments.values import CaseKind, IntentState, MessageKind, Notified
from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor
from tahseel.kernel.money import Money
from tahseel.trust.audit import operations as audit


def receive_notification(*, actor: Actor, at: datetime, gateway: str, body: bytes) -> Notified:
    """Keep the raw message, note what it claims, and have the gateway asked about the payment.

    Credits nothing. The same message again changes nothing. Raises NotificationRefused (not
    readable with our key), UnknownPayment, NotFound (gateway); the message is kept in any case.
    """
    firm = facilities.gateway(gateway)
    try:
        told = firm.parse_notification(body)
    except NotificationRefused as refusal:
        _keep(at=at, track_id="", body=body)
        _refuse(actor=actor, at=at, gateway=gateway, refusal=refusal)
        raise
    _keep(at=at, track_id=told.track_id, body=body)
    taken = _take(actor=actor, at=at, track_id=told.track_id, gateway=gateway, told=told)
    outbox.wake()
    return taken


def _keep(*, at: datetime, track_id: str, body: bytes) -> None:
    with transaction.atomic():
        intent = store.find_intent(track_id=track_id) if track_id else None
        store.keep_message(
            kind=MessageKind.NOTIFICATION,
            track_id=track_id,
            intent_id=intent.id if intent else None,
            at=at,
            content=body,
        )


@audit.audited("payments.receive_notification", subject="gateway")
def _refuse(*, actor: Actor, at: datetime, gateway: str, refusal: NotificationRefused) -> None:
    raise refusal


@audit.audited("payments.receive_notification", subject="track_id")
def _take(
    *, actor: Actor, at: datetime, track_id: str, gateway: str, told: Notification
) -> Notified:
    intent = store.find_intent(track_id=track_id, lock=True)
    if intent is None or intent.gateway != gateway:
        raise UnknownPayment(track_id=track_id)
    audit.note(claimed=str(told.outcome), state=str(intent.state))
    result = Notified(intent.id, str(told.outcome), facilities.installed().result_url(intent.id))
    said_before = intent.claimed
    if said_before == told.outcome or (said_before and told.outcome is Outcome.UNKNOWN):
        return result
    store.add_step(
        intent.id,
        step="notified",
        at=at,
        claimed=str(told.outcome),
        amount_fils=_fils(told.amount),
    )
    if said_before and said_before != Outcome.UNKNOWN:
        open_case(intent_id=intent.id, kind=CaseKind.CONTRADICTION, at=at, reported=told.amount)
    store.update_intent(intent.id, claimed=str(told.outcome), notified_at=at)
    if intent.state is not IntentState.POSTED:
        store.update_intent(intent.id, next_inquiry_at=at)
    elif told.outcome in {Outcome.NOT_CAPTURED, Outcome.CANCELLED}:
        open_case(intent_id=intent.id, kind=CaseKind.CONTRADICTION, at=at, reported=told.amount)
    return result


def _fils(amount: Money | None) -> int | None:
    return None if amount is None else amount.fils
