"""The rows of clearance in plain SQL: a release waits for each of these statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tahseel.kernel import bulk
from tahseel.kernel.ids import derived_id
from tahseel.kernel.sql import prepared
from tahseel.recovery.clearance.values import Gate, HeldClaim

_HOLD = {
    "id": "uuid",
    "customer_id": "uuid",
    "gate": "text",
    "notice_id": "uuid",
    "reference": "text",
    "amount_fils": "int8",
    "policy": "text",
    "instrument": "text",
    "opened_at": "timestamptz",
}
_COVER = {
    "id": "uuid",
    "hold_id": "uuid",
    "account_id": "uuid",
    "claim_id": "uuid",
    "reference": "text",
    "fils": "int8",
}
_RELEASE = {
    "hold_id": "uuid",
    "customer_id": "uuid",
    "payment_id": "uuid",
    "sequence": "int8",
    "captured_at": "timestamptz",
    "posted_at": "timestamptz",
    "sequenced_at": "timestamptz",
    "decided_at": "timestamptz",
}


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One open hold as stored, or as it will be."""

    id: UUID
    customer_id: UUID
    gate: Gate
    notice_id: UUID
    reference: str
    fils: int
    policy: str
    instrument: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """The beginning of a release's timeline."""

    hold_id: UUID
    customer_id: UUID
    payment_id: UUID | None
    sequence: int
    captured_at: datetime | None
    posted_at: datetime
    sequenced_at: datetime
    decided_at: datetime


def lock_open_holds(customer_ids: Collection[UUID]) -> list[HoldRow]:
    """The open holds of some customers, locked until the transaction ends, always in one order."""
    rows = prepared(
        "select id, customer_id, gate, notice_id, reference, amount_fils, policy, instrument,"
        " opened_at from clearance_hold"
        " where customer_id = any(%s::uuid[]) and closed_at is null order by id for update",
        [bulk.uuid_array(customer_ids)],
    )
    return [HoldRow(row[0], row[1], Gate(row[2]), *row[3:]) for row in rows]


def add_holds(holds: Sequence[HoldRow]) -> None:
    rows = [
        (
            *(h.id, h.customer_id, str(h.gate), h.notice_id, h.reference, h.fils),
            *(h.policy, h.instrument, h.opened_at),
        )
        for h in holds
    ]
    bulk.append_rows(table="clearance_hold", columns=_HOLD, rows=rows)


def change_holds(fils: Sequence[tuple[UUID, int]]) -> None:
    """Give holds another amount and forget which claims they covered."""
    if not fils:
        return
    ids = bulk.uuid_array(hold_id for hold_id, _ in fils)
    prepared("delete from clearance_hold_claim where hold_id = any(%s::uuid[])", [ids])
    prepared(
        "update clearance_hold h set amount_fils = new.fils"
        " from unnest(%s::uuid[], %s::int8[]) as new(id, fils) where h.id = new.id",
        [ids, [amount for _, amount in fils]],
    )


def close_holds(hold_ids: Sequence[UUID], at: datetime) -> None:
    """Close holds at an instant, though never before they were opened."""
    if hold_ids:
        prepared(
            "update clearance_hold set closed_at = greatest(%s::timestamptz, opened_at)"
            " where id = any(%s::uuid[])",
            [at, bulk.uuid_array(hold_ids)],
        )


def cover(covered: Sequence[tuple[UUID, HeldClaim]]) -> None:
    """Write what of which claim each hold asks for."""
    rows = [
        (
            derived_id(hold_id, str(claim.account_id), str(claim.claim_id)),
            hold_id,
            claim.account_id,
            claim.claim_id,
            claim.reference,
            claim.fils,
        )
        for hold_id, claim in covered
    ]
    bulk.append_rows(table="clearance_hold_claim", columns=_COVER, rows=rows)


def to_pay(customer_ids: Collection[UUID]) -> list[tuple[UUID, str, int, str]]:
    """(customer, gate, fils, reference) of every open hold, each customer's oldest first."""
    return prepared(
        "select customer_id, gate, amount_fils, reference from clearance_hold"
        " where customer_id = any(%s::uuid[]) and closed_at is null order by opened_at, id",
        [bulk.uuid_array(customer_ids)],
    ).fetchall()


def add_releases(releases: Sequence[ReleaseRow]) -> None:
    rows = [
        (
            *(r.hold_id, r.customer_id, r.payment_id, r.sequence),
            *(r.captured_at, r.posted_at, r.sequenced_at, r.decided_at),
        )
        for r in releases
    ]
    bulk.append_rows(table="clearance_release", columns=_RELEASE, rows=rows)


def mark_acknowledged(hold_ids: Collection[UUID], at: datetime) -> None:
    """Note when a partner was the first to say that it knows of a release."""
    if hold_ids:
        prepared(
            "update clearance_release set acknowledged_at = %s"
            " where hold_id = any(%s::uuid[]) and acknowledged_at is null",
            [at, bulk.uuid_array(hold_ids)],
        )


def mark_applied(releases: Sequence[ReleaseRow], at: datetime) -> None:
    """Note when the replica has said "clear"."""
    if releases:
        prepared(
            "update clearance_release set applied_at = %s where hold_id = any(%s::uuid[])",
            [at, bulk.uuid_array(release.hold_id for release in releases)],
        )
