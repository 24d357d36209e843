"""What the slice announces: one event a chunk of a run; the claims announce each account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.kernel.period import BillingMonth

ISSUED = "billing:bills:issued"


def announce_issued(
    *, run_id: UUID, month: BillingMonth, bills: int, total_fils: int, at: datetime
) -> None:
    """Facts: `run_id`, `month`, `count`, `total_fils`; the subject is the run."""
    outbox.announce(
        name=ISSUED,
        subject=str(run_id),
        at=at,
        facts={
            "run_id": str(run_id),
            "month": str(month),
            "count": bills,
            "total_fils": total_fils,
        },
    )
