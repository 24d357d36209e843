"""What a month's end posts before it is closed."""

from __future__ import annotations

from dataclasses import dataclass

from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import BillingMonth


@dataclass(frozen=True, slots=True)
class Accrual:
    """unbilled: used by the month's end and billed after it, or not yet; doubtful: provided for.

    earlier: what of `unbilled` was used in months before.
    """

    month: BillingMonth
    unbilled: Money
    doubtful: Money
    earlier: Money = ZERO

    def audit_facts(self) -> dict[str, object]:
        return {
            "unbilled_fils": self.unbilled.fils,
            "doubtful_fils": self.doubtful.fils,
            "earlier_fils": self.earlier.fils,
        }
