"""A price book tried on the months that are over, before anybody is charged by it.

What every account used is priced by the book in force and by the other one, with the same
determinants, sectors, certificates and dwellings of each day as the bills. Nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tahseel.charging.billing import rules as billing
from tahseel.charging.tariffs.rules import many
from tahseel.charging.tariffs.values import PriceBook, Usage
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import BillableAccount

Progress = Callable[[int, int], object]
Group = tuple[str, str]


@dataclass(slots=True)
class Effect:
    """What the accounts of one governorate and sector pay by both books, and whom it costs more."""

    before_fils: int = 0
    after_fils: int = 0
    accounts: int = 0
    more: int = 0
    less: int = 0

    def as_dict(self) -> dict[str, int]:
        return {
            "accounts": self.accounts,
            "before_fils": self.before_fils,
            "after_fils": self.after_fils,
            "difference_fils": self.after_fils - self.before_fils,
            "pay_more": self.more,
            "pay_less": self.less,
            "pay_the_same": self.accounts - self.more - self.less,
        }


@dataclass(slots=True)
class Simulation:
    """The outcome, by governorate and sector, and what either book could not price, by reason."""

    book: PriceBook
    against: PriceBook
    months: tuple[BillingMonth, ...]
    effects: dict[Group, Effect] = field(default_factory=dict)
    unpriced: Counter[tuple[str, str]] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        rows = [
            {"governorate": governorate, "sector": sector, **effect.as_dict()}
            for (governorate, sector), effect in sorted(self.effects.items())
        ]
        sums = ("before_fils", "after_fils", "difference_fils", "accounts", "pay_more", "pay_less")
        return {
            "book": self.book.code,
            "version": self.book.version,
            "against": self.against.code,
            "months": [str(month) for month in self.months],
            "total": {name: sum(row[name] for row in rows) for name in sums},
            "effects": rows,
            "unpriced": [
                {"book": book, "reason": reason, "usages": count}
                for (book, reason), count in sorted(self.unpriced.items())
            ],
        }


def simulate(
    *, book: PriceBook, months: Sequence[BillingMonth], progress: Progress | None = None
) -> Simulation:
    """Price what was used in some months by a book and by the one in force.

    A usage that one of both cannot price is left out of both sums, and counted with its reason. An
    account that changed its sector stands under the last one it had.
    """
    against = billing.policy().book
    found = Simulation(book, against, tuple(months))
    paid: dict[UUID, list[int]] = {}
    group: dict[UUID, Group] = {}
    for number, month in enumerate(months):
        for account_id, where, before, after in _month(found, month):
            sums = paid.setdefault(account_id, [0, 0])
            sums[0] += before
            sums[1] += after
            group[account_id] = where
        if progress:
            progress(number + 1, len(months))
    for account_id, (before, after) in paid.items():
        _count(found.effects.setdefault(group[account_id], Effect()), before, after)
    return found


def _count(effect: Effect, before: int, after: int) -> None:
    effect.before_fils += before
    effect.after_fils += after
    effect.accounts += 1
    effect.more += after > before
    effect.less += after < before


def _month(found: Simulation, month: BillingMonth) -> Iterable[tuple[UUID, Group, int, int]]:
    used = list(_used(found, month))
    usages = [usage for _, usage in used]
    before = many.totals_or_refusals(book=found.against, usages=usages)
    after = many.totals_or_refusals(book=found.book, usages=usages)
    for (account, usage), old, new in zip(used, before, after, strict=True):
        if isinstance(old, int) and isinstance(new, int):
            yield account.account_id, (account.governorate, usage.sector), old, new
        else:
            outcomes = ((found.against.code, old), (found.book.code, new))
            found.unpriced.update((c, one.code) for c, one in outcomes if isinstance(one, Refusal))


def _used(found: Simulation, month: BillingMonth) -> Iterable[tuple[BillableAccount, Usage]]:
    """What each account used in a month; an account of nobody, or of no sector, has no bill."""
    quantities: dict[UUID, list[Determinant]] = {}
    for one in readings.determinants(month=month):
        quantities.setdefault(one.account_id, []).append(one)
    for account in supply.billable_accounts(month=month):
        for determinant in quantities.get(account.account_id, []):
            try:
                told = list(billing.usages(account, determinant))
            except Refusal as refusal:
                found.unpriced[found.against.code, refusal.code] += 1
                continue
            yield from ((account, usage) for usage in told)
