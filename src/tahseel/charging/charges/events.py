"""What the slice announces: a charge or credit in the books, and one taken back."""

from __future__ import annotations

from datetime import datetime

from tahseel.charging.charges.values import Charge
from tahseel.kernel import outbox

POSTED = "charges:charge:posted"
REVERSED = "charges:charge:reversed"


def posted(charge: Charge, *, at: datetime) -> None:
    _announce(POSTED, charge, at)


def reversed_(charge: Charge, *, at: datetime) -> None:
    _announce(REVERSED, charge, at)


def _announce(name: str, charge: Charge, at: datetime) -> None:
    facts = {
        "account_id": str(charge.account_id),
        "kind": charge.kind,
        "sign": str(charge.sign),
        "fils": charge.amount.fils,
    }
    outbox.announce(name=name, subject=str(charge.id), at=at, facts=facts)
