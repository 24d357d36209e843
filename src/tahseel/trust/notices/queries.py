"""What was told, and since when the law takes it for told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import bulk, secrets
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.errors import NotFound
from tahseel.kernel.period import local_day
from tahseel.kernel.sql import prepared
from tahseel.trust.audit import operations as audit
from tahseel.trust.notices import rules
from tahseel.trust.notices.models import Delivery, Dispatch, Notice
from tahseel.trust.notices.values import DispatchState, Service

ADDRESS = "notices:address"
HIDDEN_SEAL = "notices:hidden"
NOTICES_MAX = 500


def service_of(notice_id: UUID) -> Service | None:
    """The first proved service of a notice, or None while there is none."""
    return services_of([notice_id]).get(notice_id)


def services_of(notice_ids: Collection[UUID]) -> dict[UUID, Service]:
    """The first proved service of each of many notices; those without are absent."""
    proved = (
        Delivery.objects.filter(notice_id__in=list(notice_ids), serves=True)
        .select_related("notice")
        .order_by("notice_id", "step")
        .distinct("notice_id")
    )
    return {row.notice_id: _service(row) for row in proved}


def served_on(notice_ids: Collection[UUID]) -> dict[UUID, date]:
    """The day of the first proved service of each notice; those without are absent."""
    found = prepared(
        "select distinct on (notice_id) notice_id, occurred_at from notices_delivery"
        " where notice_id = any(%s::uuid[]) and serves order by notice_id, step",
        [bulk.uuid_array(notice_ids)],
    )
    return {notice_id: local_day(occurred_at) for notice_id, occurred_at in found}


def _service(row: Delivery) -> Service:
    return Service(
        notice_id=row.notice_id,
        channel=row.notice.channel,
        served_at=row.occurred_at,
        served_on=local_day(row.occurred_at),
        delivery_id=row.id,
        proof_hash=bytes(row.proof_hash),
        basis=row.basis,
    )


def notices_to(*, actor: Actor, at: datetime, purpose: Purpose, customer_id: UUID) -> list[Notice]:
    """What a customer was told, newest first. The read leaves its leaf."""
    audit.record_read(
        actor=actor,
        purpose=purpose,
        subject=str(customer_id),
        at=at,
        facts={"what": "notices"},
    )
    told = Notice.objects.filter(recipient_customer_id=customer_id)
    return list(told.order_by("-issued_at", "-id")[:NOTICES_MAX])


def notices_about(subject: str) -> list[Notice]:
    """Notices on one subject, oldest first; nothing of the recipient but the customer's id."""
    return list(Notice.objects.filter(subject=subject).order_by("issued_at", "id")[:NOTICES_MAX])


def deliveries_of(notice_id: UUID) -> list[Delivery]:
    """A notice's way, step by step."""
    return list(Delivery.objects.filter(notice_id=notice_id).order_by("step"))


def address_of(*, actor: Actor, at: datetime, purpose: Purpose, notice_id: UUID) -> str:
    """Where a notice goes, for whoever sends it. Raises NotFound. The read leaves its leaf."""
    notice = Notice.objects.filter(id=notice_id).first()
    if notice is None:
        raise NotFound
    audit.record_read(
        actor=actor,
        purpose=purpose,
        subject=str(notice.recipient_customer_id),
        at=at,
        facts={"what": "address of a notice", "notice": notice_id},
    )
    return secrets.unseal(bytes(notice.address_cipher), context=ADDRESS).decode()


def due_messages(*, channels: Collection[str], at: datetime, limit: int) -> list[tuple[UUID, str]]:
    """(notice, channel) of messages that wait to be handed over now, oldest first."""
    waiting = Dispatch.objects.filter(
        state=DispatchState.WAITING, due_at__lte=at, channel__in=list(channels)
    )
    return list(waiting.order_by("due_at", "notice_id").values_list("notice_id", "channel")[:limit])


def stale_claims(*, at: datetime, limit: int) -> list[UUID]:
    """Messages that somebody began to hand over so long ago that he must have died."""
    claimed = Dispatch.objects.filter(
        state=DispatchState.HANDING, claimed_at__lt=at - rules.CLAIM_LASTS
    )
    return list(claimed.order_by("claimed_at").values_list("notice_id", flat=True)[:limit])


def dispatch_state(notice_id: UUID) -> DispatchState | None:
    """How far a carried message has come; None for a notice that nobody carries by machine."""
    found = Dispatch.objects.filter(notice_id=notice_id).values_list("state", flat=True).first()
    return DispatchState(found) if found else None
