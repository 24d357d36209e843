"""The figures of the home page. Sums only: nothing here tells anything about a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tahseel.books.claims import queries as claims
from tahseel.books.payments import queries as payments
from tahseel.kernel.money import Money
from tahseel.kernel.period import (
    BillingMonth,
    FiscalYear,
    Period,
    months_between,
    same_day_last_year,
)
from tahseel.recovery.clearance import queries as clearance

ELECTRONIC = frozenset({"online", "bank"})


@dataclass(frozen=True, slots=True)
class Channel:
    """Money of one channel in both years to date."""

    code: str
    collected: Money
    before: Money


@dataclass(frozen=True, slots=True)
class Collection:
    """Money collected in a fiscal year up to and with `as_of`, beside the same days a year before.

    by_month: None for a month that has not begun; no data is not zero.
    """

    year: FiscalYear
    as_of: date
    collected: Money
    before: Money
    months: tuple[BillingMonth, ...]
    by_month: tuple[Money | None, ...]
    by_month_before: tuple[Money, ...]
    channels: tuple[Channel, ...]

    @property
    def electronic(self) -> Money:
        """What came without a visit to a counter."""
        return Money(sum(c.collected.fils for c in self.channels if c.code in ELECTRONIC))


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is overdue, from how many customers, and how many persons are held at some gate."""

    overdue: Money
    debtors: int
    held: int


def collection(*, as_of: date) -> Collection:
    """What was collected since 1 April, to date, month by month and by channel."""
    year = FiscalYear.of(as_of)
    first, end = year.period.start, as_of + timedelta(days=1)
    first_before = year.previous().period.start
    end_before = same_day_last_year(as_of) + timedelta(days=1)
    days = payments.collected_by_day(from_day=first_before, until_day=end)
    months = months_between(BillingMonth.of(first), BillingMonth.of(year.period.end))
    now = payments.collected_by_channel(from_day=first, until_day=end)
    then = payments.collected_by_channel(from_day=first_before, until_day=end_before)
    return Collection(
        year=year,
        as_of=as_of,
        collected=_within(days, Period(first, end)),
        before=_within(days, Period(first_before, end_before)),
        months=tuple(months),
        by_month=tuple(
            _within(days, month.period) if month.first_day < end else None for month in months
        ),
        by_month_before=tuple(
            _within(days, BillingMonth(month.year - 1, month.month).period) for month in months
        ),
        channels=tuple(
            Channel(code, Money(now.get(code, 0)), Money(then.get(code, 0)))
            for code in _ordered({*now, *then})
        ),
    )


def recovery(*, as_of: date) -> Recovery:
    """Sums over everybody with overdue claims."""
    found = claims.debtors(as_of)
    return Recovery(
        overdue=Money(sum(debtor.overdue.fils for debtor in found)),
        debtors=len(found),
        held=len(clearance.customers_held()),
    )


def _within(days: Mapping[date, int], period: Period) -> Money:
    return Money(sum(fils for day, fils in days.items() if day in period))


def _ordered(codes: Iterable[str]) -> list[str]:
    """Online, counter, bank, then whatever else."""
    known = ["online", "counter", "bank"]
    return [*(c for c in known if c in set(codes)), *sorted(set(codes) - set(known))]
