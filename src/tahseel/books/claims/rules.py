"""Which claims a payment meets: quoted ones first, then the oldest due; never a disputed part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from tahseel.books.claims.values import Allocation, Claim, PaymentPart
from tahseel.kernel.money import ZERO, Money


def age(claim: Claim) -> tuple[date, date, str]:
    """Sorts claims from the oldest due on; the reference decides between equals."""
    return claim.due_date, claim.opened_on, claim.reference


def allocate(
    *, claims: Iterable[Claim], amount: Money, quoted: Sequence[UUID]
) -> tuple[list[Allocation], Money]:
    """Spread an amount over an account's claims; returns the parts and what found no claim.

    Quoted claims come in the order quoted, then the others by age. A claim closes only when nothing
    of it is disputed.
    """
    rank = {claim_id: n for n, claim_id in enumerate(quoted)}
    last = len(rank)
    in_order = sorted(claims, key=lambda claim: (rank.get(claim.id, last), age(claim)))
    left = amount.fils
    parts: list[Allocation] = []
    for claim in in_order:
        if left == 0:
            break
        taken = min(left, claim.payable.fils)
        if taken > 0:
            closed = taken == claim.open.fils
            parts.append(Allocation(claim.id, claim.reference, Money(taken), closed))
            left -= taken
    return parts, Money(left)


def after(claim: Claim, part: Allocation, at: datetime) -> Claim:
    """The claim once a part of it is paid."""
    return replace(claim, open=claim.open - part.amount, closed_at=at if part.closed else None)


def reopened(claim: Claim, amount: Money) -> Claim:
    """The claim once a payment's part of it is taken back."""
    return replace(claim, open=claim.open + amount, closed_at=None)


def input_hash(part: PaymentPart) -> bytes:
    """SHA-256 over what was asked: account, payment, amount, quoted claims."""
    quoted = ",".join(map(str, part.quoted))
    text = f"{part.account_id}\x1f{part.payment_id}\x1f{part.amount.fils}\x1f{quoted}"
    return hashlib.sha256(text.encode()).digest()


def total(amounts: Iterable[Money]) -> Money:
    """The sum of amounts."""
    return sum(amounts, start=ZERO)
