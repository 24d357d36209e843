"""What the slice announces: the outcome of a test, and an error that two people agreed on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.consumption.metrology.values import Correction, LotState, Verdict
from tahseel.kernel import outbox

TESTED = "metrology:meter:tested"
CONFIRMED = "metrology:error:confirmed"
DECIDED = "metrology:lot:decided"


def tested(*, meter_id: UUID, test_id: UUID, verdict: Verdict, at: datetime) -> None:
    facts = {"test": str(test_id), "verdict": str(verdict)}
    outbox.announce(name=TESTED, subject=str(meter_id), at=at, facts=facts)


def confirmed(*, correction: Correction, at: datetime) -> None:
    """Facts: the days, and for each month of an account what must be added to its quantity."""
    facts = {
        "correction": str(correction.id),
        "from_day": correction.span.start.isoformat(),
        "until_day": correction.span.end.isoformat(),
        "months": [
            [str(one.account_id), str(one.month), one.measured, one.difference]
            for one in correction.months
        ],
    }
    outbox.announce(name=CONFIRMED, subject=str(correction.meter_id), at=at, facts=facts)


def lot_decided(*, lot_id: UUID, state: LotState, meters: int, at: datetime) -> None:
    """Facts: accepted or rejected, and how many meters are certified for longer or come down."""
    facts = {"state": str(state), "meters": meters}
    outbox.announce(name=DECIDED, subject=str(lot_id), at=at, facts=facts)
