"""What a repaired leak gives back of a month."""

from __future__ import annotations

from dataclasses import dataclass

from tahseel.charging.billing.values.bills import Bill
from tahseel.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Relief:
    """used, usual, forgiven: litres of the bill's days; old, new: the month's charge for water.

    amount: the difference, or the most that the country gives.
    """

    bill: Bill
    used: int
    usual: int
    forgiven: int
    old: Money
    new: Money
    amount: Money
