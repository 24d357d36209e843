"""Entries, balances and the chart: immutable values.

An entry moves one amount from a credit account to a debit account of the chart, so it balances by
its form. `account_id` is the customer's account that the entry belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.money import Money

RECEIVABLE = "receivable"
CREDIT = "credit"


class ChartKind(StrEnum):
    """The five kinds of accounts of double entry."""

    ASSET = "asset"
    LIABILITY = "liability"
    REVENUE = "revenue"
    EXPENSE = "expense"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """One account of the chart; `code` is the product's word, `number` the country's."""

    code: str
    number: str
    kind: ChartKind
    name_ar: str
    name_en: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry to be posted. `source` names the act ("bill", "payment"), `source_id` which one."""

    id: UUID
    account_id: UUID
    debit: str
    credit: str
    amount: Money
    business_date: date
    source: str
    source_id: UUID
    reverses: UUID | None = None

    def __post_init__(self) -> None:
        if self.amount.fils <= 0:
            raise ValueError(f"an entry's amount is above zero, not {self.amount.fils} fils")
        if self.debit == self.credit:
            raise ValueError(f"an entry moves money between two accounts, not {self.debit} twice")


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry in the books with its place in its account's order.

    fresh: False when the same entry had been posted before.
    """

    entry: Entry
    version: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the table has it."""

    entry: Entry
    version: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account owes, what of its money is not applied yet, and its number of entries."""

    account_id: UUID
    receivable: Money
    credit: Money
    version: int


@dataclass(frozen=True, slots=True)
class TrialRow:
    """Both sides of one account of the chart."""

    code: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account of the chart that has moved by an instant; both totals are equal."""

    as_of: datetime
    rows: tuple[TrialRow, ...]

    @property
    def debit(self) -> Money:
        return Money(sum(row.debit.fils for row in self.rows))

    @property
    def credit(self) -> Money:
        return Money(sum(row.credit.fils for row in self.rows))


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """An invariant that does not hold: which one, on which account."""

    invariant: str
    account_id: UUID
    detail: str


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """The verdict of a recomputation from the rows. `faults` holds the first of each invariant."""

    entries: int
    accounts: int
    debit: Money
    credit: Money
    faults: tuple[LedgerFault, ...]

    @property
    def balanced(self) -> bool:
        return self.debit == self.credit and not self.faults
