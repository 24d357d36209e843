"""Pure rules of exceptions: which days belong together, and what they put at risk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tahseel.consumption.exceptions.values import Price, Run
from tahseel.kernel.money import Money, round_half_up
from tahseel.kernel.period import Period

DAY = timedelta(days=1)


def runs(*, days: Sequence[date], amounts: Sequence[int], versions: Sequence[int]) -> list[Run]:
    """Days that follow one another as one run each. days: ascending, each with amount, version."""
    found: list[Run] = []
    for day, amount, version in zip(days, amounts, versions, strict=True):
        if found and found[-1].days.end == day:
            before = found.pop()
            found.append(
                Run(
                    Period(before.days.start, day + DAY),
                    before.quantity + amount,
                    max(before.version, version),
                )
            )
        else:
            found.append(Run(Period(day, day + DAY), amount, version))
    return found


def at_risk(quantity: int, price: Price) -> Money:
    """What a quantity would cost at an average price, rounded once, half a fils up."""
    return Money(round_half_up(quantity * price.fils, price.quantity))
