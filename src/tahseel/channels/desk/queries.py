"""Why somebody is held, in words for a counter: sums, days and the legal basis."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from tahseel.books.claims import queries as claims
from tahseel.channels.desk.values import LegalBasis, Why
from tahseel.kernel.actor import Actor
from tahseel.kernel.money import Money
from tahseel.recovery.clearance import queries as clearance
from tahseel.recovery.clearance import rules as clearance_rules
from tahseel.recovery.clearance.values import Gate, HoldView
from tahseel.recovery.collections import queries as collections


def held_because(
    *, actor: Actor, at: datetime, purpose: str, customer_id: UUID, gate: Gate | None = None
) -> list[Why]:
    """One reason for each gate at which a customer is held, or for the one gate asked about."""
    holds = clearance.holds_of(actor=actor, at=at, purpose=purpose, customer_id=customer_id)
    by_gate: dict[Gate, list[HoldView]] = {}
    for hold in holds:
        by_gate.setdefault(hold.gate, []).append(hold)
    return [_why(found) for found_gate, found in by_gate.items() if gate in {None, found_gate}]


def _why(holds: list[HoldView]) -> Why:
    """The reason of one gate; it is paid under the reference of the oldest hold."""
    customer_id = holds[0].customer_id
    covered = [claim for hold in holds for claim in hold.claims]
    found = claims.claims_by_key([(one.account_id, one.claim_id) for one in covered])
    notices = collections.notices_of(customer_ids=[customer_id]).get(customer_id, [])
    wanted = {hold.notice_id for hold in holds}
    served = [n.served_on for n in notices if n.notice_id in wanted and n.served_on]
    return Why(
        reference=holds[0].reference,
        gate=holds[0].gate,
        amount=Money(sum(hold.fils for hold in holds)),
        bills=len(covered),
        oldest_due=min((claim.due_date for claim in found.values()), default=None),
        served_on=min(served, default=None),
        basis=_basis(hold.instrument for hold in holds),
        customer_id=customer_id,
        claims=frozenset(one.claim_id for one in covered),
    )


def _basis(codes: Iterable[str]) -> tuple[LegalBasis, ...]:
    """Instruments by their names, each once."""
    rows = (row for version in clearance_rules.policy().versions for row in version.rows)
    known = {row.instrument.code: row.instrument for row in rows if row.instrument}
    return tuple(
        LegalBasis(known[code].name_ar, known[code].name_en)
        for code in dict.fromkeys(codes)
        if code in known
    )
