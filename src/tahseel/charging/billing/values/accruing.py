"""What a month's end posts before it is closed."""

from __future__ import annotations

from dataclasses import dataclass

from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth


@dataclass(frozen=True, slots=True)
class Accrual:
    """unbilled: used in the month and billed after it, or not yet; doubtful: provided for."""

    month: BillingMonth
    unbilled: Money
    doubtful: Money

    def audit_facts(self) -> dict[str, object]:
        return {"unbilled_fils": self.unbilled.fils, "doubtful_fils": self.doubtful.fils}
