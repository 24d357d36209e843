"""Telling people, and appending what became of it. One notice or thousands: the same path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from psycopg.types.json import Jsonb

from tahseel.kernel import bulk, outbox, secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Fault, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers, input_hash
from tahseel.kernel.ids import new_id
from tahseel.kernel.outbox import Announcement
from tahseel.kernel.period import local_day
from tahseel.trust.audit import operations as audit
from tahseel.trust.audit.operations import audited
from tahseel.trust.audit.values import Leaf
from tahseel.trust.notices import events, rules
from tahseel.trust.notices.models import Delivery, Notice
from tahseel.trust.notices.queries import ADDRESS, HIDDEN_SEAL
from tahseel.trust.notices.values import (
    DISPATCH_MACHINE,
    MACHINE,
    Channel,
    DeliveryStatus,
    NewDelivery,
    NewNotice,
    channels,
)

BATCH_MAX = 20_000
_NOTICE = {
    "id": "uuid",
    "kind": "varchar",
    "channel": "varchar",
    "recipient_customer_id": "uuid",
    "subject": "varchar",
    "body_ar": "text",
    "body_en": "text",
    "address_cipher": "bytea",
    "reference": "varchar",
    "issued_at": "timestamptz",
    "input_hash": "bytea",
}
_DISPATCH = {
    "notice_id": "uuid",
    "channel": "varchar",
    "language": "varchar",
    "state": "varchar",
    "tries": "int2",
    "due_at": "timestamptz",
    "secret_cipher": "bytea",
}
_DELIVERY = {
    "id": "uuid",
    "notice_id": "uuid",
    "step": "int2",
    "status": "varchar",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "recorded_by": "varchar",
    "proof": "jsonb",
    "proof_hash": "bytea",
    "serves": "bool",
    "basis": "text",
}


class UnknownChannel(Refusal):
    code = "unknown_channel"
    text_ar = "قناة الإبلاغ {channel} غير معروفة"
    text_en = "The channel {channel} is unknown"


class ProofMissing(Refusal):
    """Service is claimed without the evidence that the law asks for."""

    code = "proof_missing"
    text_ar = "دليل التبليغ ناقص: {missing}"
    text_en = "The proof of delivery lacks: {missing}"


class WrongMoment(Refusal):
    code = "wrong_moment"
    text_ar = "وقت التبليغ قبل إصدار الإنذار أو بعد الآن"
    text_en = "A delivery happens after the notice was issued and not in the future"


def issue(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002 - the id that the caller made
    kind: str,
    channel: str,
    recipient_customer_id: UUID,
    subject: str,
    body_ar: str,
    body_en: str,
    address: str,
    reference: str,
) -> Notice:
    """Issue one notice; the same id with the same words changes nothing.

    Raises UnknownChannel, InputDiffers.
    """
    notice = NewNotice(
        id=id,
        kind=kind,
        channel=channel,
        recipient_customer_id=recipient_customer_id,
        subject=subject,
        body_ar=body_ar,
        body_en=body_en,
        address=address,
        reference=reference,
    )
    issue_many(actor=actor, at=at, notices=[notice])
    return Notice.objects.get(id=id)


@audited("notices.issue_many", subject="notices")
def issue_many(*, actor: Actor, at: datetime, notices: Sequence[NewNotice]) -> int:
    """Issue up to BATCH_MAX notices at once, all or none; returns how many were new.

    Each leaves its own leaf. Raises UnknownChannel, InputDiffers; ValueError for a secret that no
    machine would carry or that its texts do not hide.
    """
    if len(notices) > BATCH_MAX:
        raise ValueError(f"{len(notices)} notices; at most {BATCH_MAX} at once")
    for notice in notices:
        rules.require_hidden(notice, _channel(notice.channel))
    hashes = {notice.id: _hash(notice) for notice in notices}
    if len(hashes) != len(notices):
        raise InputDiffers(operation="notices.issue")
    known = dict(Notice.objects.filter(id__in=hashes).values_list("id", "input_hash"))
    if any(bytes(found) != hashes[notice_id] for notice_id, found in known.items()):
        raise InputDiffers(operation="notices.issue")
    fresh = [notice for notice in notices if notice.id not in known]
    bulk.copy_rows(
        table="notices_notice",
        columns=_NOTICE,
        rows=(_notice_row(notice, hashes[notice.id], at) for notice in fresh),
    )
    bulk.copy_rows(
        table="notices_dispatch",
        columns=_DISPATCH,
        rows=[_dispatch_row(n, at) for n in fresh if n.address and _channel(n.channel).carried],
    )
    audit.record_many(_issued(notice, actor, at) for notice in fresh)
    audit.note(new=len(fresh))
    return len(fresh)


def _hash(notice: NewNotice) -> bytes:
    """A secret is short, so only its keyed index goes into what is kept of it."""
    if not notice.secret:
        return rules.notice_hash(notice)
    return rules.notice_hash(notice, secret=secrets.blind_index(notice.secret, purpose=HIDDEN_SEAL))


def _channel(code: str) -> Channel:
    found = channels().get(code)
    if found is None:
        raise UnknownChannel(channel=code)
    return found


def _notice_row(notice: NewNotice, digest: bytes, at: datetime) -> tuple[object, ...]:
    return (
        notice.id,
        notice.kind,
        notice.channel,
        notice.recipient_customer_id,
        notice.subject,
        notice.body_ar,
        notice.body_en,
        secrets.seal(notice.address.encode(), context=ADDRESS),
        notice.reference,
        at,
        digest,
    )


def _dispatch_row(notice: NewNotice, at: datetime) -> tuple[object, ...]:
    sealed = secrets.seal(notice.secret.encode(), context=HIDDEN_SEAL) if notice.secret else None
    initial = str(DISPATCH_MACHINE.initial)
    return (notice.id, notice.channel, notice.language, initial, 0, at, sealed)


def _issued(notice: NewNotice, actor: Actor, at: datetime) -> Leaf:
    facts = {
        "kind": notice.kind,
        "channel": notice.channel,
        "recipient": notice.recipient_customer_id,
        "about": notice.subject,
        "reference": notice.reference,
    }
    return Leaf(new_id(at), at, actor, "notices.issue", str(notice.id), facts=facts)


def record_delivery(
    *,
    actor: Actor,
    at: datetime,
    notice_id: UUID,
    status: str,
    proof: Mapping[str, Any],
    occurred_at: datetime | None = None,
    id: UUID | None = None,  # noqa: A002 - the id that the caller made
) -> Delivery:
    """Append what became of a notice, with its evidence.

    occurred_at: when it happened as the evidence says, now by default. id: made by the caller where
    a report may come twice. Raises NotFound, WrongState, ProofMissing, WrongMoment, InputDiffers.
    """
    delivery = NewDelivery(id or new_id(at), notice_id, status, proof, occurred_at or at)
    record_deliveries(actor=actor, at=at, deliveries=[delivery])
    return Delivery.objects.get(id=delivery.id)


@audited("notices.record_deliveries", subject="deliveries")
def record_deliveries(*, actor: Actor, at: datetime, deliveries: Sequence[NewDelivery]) -> int:
    """Append up to BATCH_MAX delivery events, all or none, one after another for each notice.

    Returns how many were new. A first proof of service announces `notices:notice:served`.
    Raises as `record_delivery`, and Fault(retry) when another report came in between.
    """
    if len(deliveries) > BATCH_MAX:
        raise ValueError(f"{len(deliveries)} deliveries; at most {BATCH_MAX} at once")
    fresh = _unknown(deliveries)
    ways = _ways({delivery.notice_id for delivery in fresh})
    rows = [_step(ways, delivery, actor, at) for delivery in fresh]
    try:
        with transaction.atomic():
            bulk.copy_rows(table="notices_delivery", columns=_DELIVERY, rows=rows)
    except bulk.BROKEN_RULES as error:
        raise Fault("another delivery of this notice came in between", retry=True) from error
    served = [(ways[d.notice_id].notice, d) for d in fresh if ways[d.notice_id].first == d.id]
    outbox.announce_many([_served(notice, delivery, at) for notice, delivery in served])
    audit.record_many(_told(ways[d.notice_id].notice, d, actor, at) for d in fresh)
    audit.note(new=len(fresh), served=len(served))
    return len(fresh)


class _Way:
    """How far one notice has come, while a batch is worked through."""

    def __init__(self, notice: Notice) -> None:
        self.notice = notice
        self.status = MACHINE.initial
        self.step = 0
        self.served = False
        self.first: UUID | None = None


def _unknown(deliveries: Sequence[NewDelivery]) -> list[NewDelivery]:
    """Those not stored yet. Raises InputDiffers for an id that stands for something else."""
    ids = [delivery.id for delivery in deliveries]
    known = {row.id: row for row in Delivery.objects.filter(id__in=ids)}
    if len(set(ids)) != len(ids):
        raise InputDiffers(operation="notices.record_delivery")
    for delivery in deliveries:
        row = known.get(delivery.id)
        same = row is None or (
            row.notice_id == delivery.notice_id
            and row.status == delivery.status
            and bytes(row.proof_hash) == _proof_hash(delivery)
        )
        if not same:
            raise InputDiffers(operation="notices.record_delivery")
    return [delivery for delivery in deliveries if delivery.id not in known]


def _ways(notice_ids: set[UUID]) -> dict[UUID, _Way]:
    ways = {row.id: _Way(row) for row in Notice.objects.filter(id__in=notice_ids)}
    if len(ways) != len(notice_ids):
        raise NotFound
    for row in Delivery.objects.filter(notice_id__in=notice_ids).order_by("notice_id", "step"):
        way = ways[row.notice_id]
        way.status, way.step = DeliveryStatus(row.status), row.step
        way.served = way.served or row.serves
    return ways


def _step(
    ways: Mapping[UUID, _Way], delivery: NewDelivery, actor: Actor, at: datetime
) -> tuple[object, ...]:
    way = ways[delivery.notice_id]
    channel = _channel(way.notice.channel)
    if not way.notice.issued_at <= delivery.occurred_at <= at:
        raise WrongMoment
    status = MACHINE.require(way.status, DeliveryStatus(delivery.status))
    serves = rules.proves_service(channel, status)
    missing = rules.missing_proof(channel, delivery.proof) if serves else []
    if missing:
        raise ProofMissing(missing=", ".join(missing))
    way.status, way.step = status, way.step + 1
    if serves and not way.served:
        way.served, way.first = True, delivery.id
    return (
        delivery.id,
        delivery.notice_id,
        way.step,
        str(status),
        delivery.occurred_at,
        at,
        actor.id,
        Jsonb(dict(delivery.proof), dumps=rules.canonical),
        _proof_hash(delivery),
        serves,
        channel.source if serves else "",
    )


def _proof_hash(delivery: NewDelivery) -> bytes:
    rules.canonical(delivery.proof)
    return input_hash(delivery.proof)


def _served(notice: Notice, delivery: NewDelivery, at: datetime) -> Announcement:
    facts = {
        "kind": notice.kind,
        "channel": notice.channel,
        "about": notice.subject,
        "reference": notice.reference,
        "recipient_customer_id": str(notice.recipient_customer_id),
        "served_on": local_day(delivery.occurred_at).isoformat(),
        "delivery_id": str(delivery.id),
    }
    return Announcement(new_id(at), at, events.SERVED, str(notice.id), None, facts)


def _told(notice: Notice, delivery: NewDelivery, actor: Actor, at: datetime) -> Leaf:
    facts = {
        "delivery": delivery.id,
        "status": delivery.status,
        "occurred_at": delivery.occurred_at,
        "proof_hash": _proof_hash(delivery),
        "recipient": notice.recipient_customer_id,
    }
    return Leaf(new_id(at), at, actor, "notices.record_delivery", str(notice.id), facts=facts)
