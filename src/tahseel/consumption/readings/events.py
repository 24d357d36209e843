"""What readings announce."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth

FILE_ACCEPTED = "readings:file:accepted"
FILE_REFUSED = "readings:file:refused"
DETERMINANT_CORRECTED = "readings:determinant:corrected"
MONTH_DETERMINED = "readings:month:determined"


def corrected(facts: Sequence[tuple[UUID, dict[str, Any]]], *, at: datetime) -> None:
    """Determinants that stood gave way to others: an event each, with its account.

    facts: account; `meter_id`, `month`, `version`, `before`, `quantity` (Wh or litres).
    """
    outbox.announce_many(
        [
            outbox.Announcement(
                new_id(at), at, DETERMINANT_CORRECTED, told["meter_id"], account, told
            )
            for account, told in facts
        ]
    )


def file_taken(*, file_id: UUID, state: str, facts: dict[str, Any], at: datetime) -> None:
    """A file came for the first time. facts: name, stored, parked, refusal code."""
    name = FILE_REFUSED if state == "refused" else FILE_ACCEPTED
    outbox.announce(name=name, subject=str(file_id), at=at, facts=facts)


def month_determined(*, month: BillingMonth, facts: dict[str, Any], at: datetime) -> None:
    """Determinants of a month were written anew. facts: written, unchanged, gaps."""
    outbox.announce(name=MONTH_DETERMINED, subject=str(month), at=at, facts=facts)
