"""What the slice announces: one event a chunk of a run; the claims announce each account.

Beside it each find of bills that name somebody who does not answer for their days.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.kernel.period import BillingMonth

ISSUED = "billing:bills:issued"
MISDIRECTED = "billing:bills:misdirected"


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


def misdirected(
    *, account_id: UUID, misdirected_id: UUID, bills: int, fils: int, at: datetime
) -> None:
    """Facts: `count`, `total_fils` of the bills; the subject is the piece of work."""
    outbox.announce(
        name=MISDIRECTED,
        subject=str(misdirected_id),
        account_id=account_id,
        at=at,
        facts={"count": bills, "total_fils": fils},
    )
