"""What the slice announces: that refused access came to a charge."""

from __future__ import annotations

from datetime import datetime

from tahseel.consumption.appointments.values import Access
from tahseel.kernel import outbox
from tahseel.kernel.money import Money

CHARGED = "appointments:access:charged"


def charged(*, access: Access, fee: Money, at: datetime) -> None:
    """Facts: account, meter, and the fee of the country's data in fils."""
    facts = {
        "account": str(access.account_id),
        "meter": str(access.meter_id),
        "fee_fils": fee.fils,
    }
    outbox.announce(name=CHARGED, subject=str(access.id), at=at, facts=facts)
