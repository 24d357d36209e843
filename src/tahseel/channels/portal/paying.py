"""From a reference to what it stands for: an amount, and the claims it quotes. No name, ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tahseel.books.claims import queries as claims
from tahseel.books.claims.values import BILL
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.money import Money
from tahseel.recovery.clearance import queries as clearance
from tahseel.trust.audit import operations as audit


@dataclass(frozen=True, slots=True)
class Payable:
    """What a reference asks for. A hold is settled in one sum; a bill also in parts."""

    reference: str
    amount: Money
    claims: tuple[tuple[UUID, UUID], ...]
    bills: int
    hold_reference: str | None = None

    @property
    def whole(self) -> bool:
        """Whether only the whole amount may be paid."""
        return self.hold_reference is not None


def payable(*, actor: Actor, at: datetime, reference: str) -> Payable | None:
    """The open sum behind a hold's reference or a bill's number; None when there is nothing.

    Unknown, settled and disputed look the same from outside.
    """
    hold = clearance.hold_by_reference(actor=actor, at=at, reference=reference)
    if hold is not None:
        keys = tuple((claim.account_id, claim.claim_id) for claim in hold.claims)
        return Payable(reference, Money(hold.fils), keys, len(keys), hold_reference=reference)
    audit.record_read(actor=actor, purpose=Purpose.PAYMENT, subject=reference, at=at)
    claim = claims.by_reference(reference)
    if claim is None or not claim.payable:
        return None
    return Payable(
        reference, claim.payable, ((claim.account_id, claim.id),), int(claim.kind == BILL)
    )
