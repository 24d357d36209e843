"""What readings announce."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.kernel.period import BillingMonth

FILE_ACCEPTED = "readings:file:accepted"
FILE_REFUSED = "readings:file:refused"
MONTH_DETERMINED = "readings:month:determined"


def file_taken(*, file_id: UUID, state: str, facts: dict[str, Any], at: datetime) -> None:
    """A file came for the first time. facts: name, stored, parked, refusal code."""
    name = FILE_REFUSED if state == "refused" else FILE_ACCEPTED
    outbox.announce(name=name, subject=str(file_id), at=at, facts=facts)


def month_determined(*, month: BillingMonth, facts: dict[str, Any], at: datetime) -> None:
    """Determinants of a month were written anew. facts: written, unchanged, gaps."""
    outbox.announce(name=MONTH_DETERMINED, subject=str(month), at=at, facts=facts)
