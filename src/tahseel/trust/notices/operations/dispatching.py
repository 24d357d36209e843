"""Handing a message over: claimed in one commit, handed over between, recorded in another.

A process that dies between the two leaves a claim. Nobody can know then whether the carrier has
the message, so it is never handed over again: at most once, and the doubt is on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tahseel.kernel import secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound
from tahseel.kernel.ids import derived_id
from tahseel.trust.access.rules import JOBS_ONLY, require
from tahseel.trust.audit.operations import audited, note
from tahseel.trust.notices import rules
from tahseel.trust.notices.models import Dispatch
from tahseel.trust.notices.operations.telling import record_delivery
from tahseel.trust.notices.queries import ADDRESS, HIDDEN_SEAL
from tahseel.trust.notices.values import (
    DISPATCH_MACHINE,
    HIDDEN,
    DeliveryStatus,
    DispatchState,
    Message,
)


@audited("notices.claim", subject="notice_id")
def claim(*, actor: Actor, at: datetime, notice_id: UUID) -> Message | None:
    """Take one waiting message for handing over; None when another took it or it is too late.

    The leaf says that the recipient's address was opened, and for what. Only a job claims: the text
    it is given holds what nobody else may read. Raises NotAllowed, NotFound.
    """
    require(actor, JOBS_ONLY)
    found = (
        Dispatch.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("notice")
        .filter(Q(state=DispatchState.WAITING, due_at__lte=at), notice_id=notice_id)
        .first()
    )
    if found is None:
        if not Dispatch.objects.filter(notice_id=notice_id).exists():
            raise NotFound(notice=str(notice_id))
        note(claimed=False)
        return None
    note(recipient=str(found.notice.recipient_customer_id))
    if rules.is_too_late(issued_at=found.notice.issued_at, at=at):
        note(claimed=False)
        _end(found, DispatchState.GIVEN_UP, actor=actor, at=at, why="too late to be of use")
        return None
    _move(found, DispatchState.HANDING)
    found.tries, found.claimed_at = found.tries + 1, at
    found.save()
    note(claimed=True, tries=found.tries)
    return _message(found)


def _message(found: Dispatch) -> Message:
    notice = found.notice
    text = notice.body_ar if found.language == "ar" else notice.body_en
    if found.secret_cipher is not None:
        secret = secrets.unseal(bytes(found.secret_cipher), context=HIDDEN_SEAL).decode()
        text = text.replace(HIDDEN, secret)
    return Message(
        notice_id=notice.id,
        channel=notice.channel,
        address=secrets.unseal(bytes(notice.address_cipher), context=ADDRESS).decode(),
        text=text,
        language=found.language,
        tries=found.tries,
    )


@audited("notices.record_handed", subject="notice_id")
def record_handed(
    *, actor: Actor, at: datetime, notice_id: UUID, proof: Mapping[str, str | int]
) -> None:
    """The carrier has the message; proof is its answer. Raises NotFound, WrongState."""
    found = _claimed(notice_id)
    _move(found, DispatchState.HANDED)
    found.secret_cipher = None
    found.save()
    _record(found, DeliveryStatus.SENT, actor=actor, at=at, proof=dict(proof))


@audited("notices.record_not_handed", subject="notice_id")
def record_not_handed(
    *, actor: Actor, at: datetime, notice_id: UUID, reason: str, certain: bool, retry: bool
) -> DispatchState:
    """The carrier does not have the message, or nobody knows; returns what becomes of it.

    certain: the carrier has surely not got it; only then, and with `retry`, it waits for another
    try. Raises NotFound, WrongState.
    """
    found = _claimed(notice_id)
    if not certain:
        return _end(found, DispatchState.DOUBTFUL, actor=actor, at=at, why=reason)
    wait = rules.pause_before(found.tries) if retry else None
    if wait is None:
        return _end(found, DispatchState.GIVEN_UP, actor=actor, at=at, why=reason)
    _move(found, DispatchState.WAITING)
    found.due_at = at + wait
    found.save()
    note(tries=found.tries, again_at=found.due_at.isoformat(), reason=reason)
    return DispatchState.WAITING


def _claimed(notice_id: UUID) -> Dispatch:
    found = (
        Dispatch.objects.select_for_update(of=("self",))
        .select_related("notice")
        .filter(notice_id=notice_id)
        .first()
    )
    if found is None:
        raise NotFound(notice=str(notice_id))
    return found


def _move(found: Dispatch, state: DispatchState) -> None:
    found.state = DISPATCH_MACHINE.require(DispatchState(found.state), state)


def _end(
    found: Dispatch, state: DispatchState, *, actor: Actor, at: datetime, why: str
) -> DispatchState:
    _move(found, state)
    found.secret_cipher = None
    found.save()
    proof: dict[str, str | int | bool] = {
        "reason": why,
        "certain": state is DispatchState.GIVEN_UP,
    }
    _record(found, DeliveryStatus.FAILED, actor=actor, at=at, proof=proof)
    return state


def _record(
    found: Dispatch,
    status: DeliveryStatus,
    *,
    actor: Actor,
    at: datetime,
    proof: Mapping[str, str | int | bool],
) -> None:
    record_delivery(
        actor=actor,
        at=at,
        id=derived_id(found.notice_id, "dispatch", str(found.tries), status),
        notice_id=found.notice_id,
        status=status,
        proof=proof,
    )
