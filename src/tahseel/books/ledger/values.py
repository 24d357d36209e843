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
from tahseel.kernel.period import Period

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
    """One account of the chart; `code` is the product's word, `number` the country's.

    limited: within each account of the ledger (a till, a payment nobody knows, a customer) its
    balance never falls below zero.
    """

    code: str
    number: str
    kind: ChartKind
    name_ar: str
    name_en: str
    source: str
    limited: bool = False

    @property
    def on_debit(self) -> bool:
        """True when the debit side raises it: assets and expenses."""
        return self.kind in (ChartKind.ASSET, ChartKind.EXPENSE)


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


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A root over the entries that no earlier checkpoint covers, and the chain of all roots."""

    number: int
    at: datetime
    entries: int
    root: bytes
    chain: bytes

    def audit_facts(self) -> dict[str, object]:
        return {"checkpoint": self.number, "root": self.root.hex(), "chain": self.chain.hex()}


class Act(StrEnum):
    """What is done to a period."""

    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Closing:
    """A month that was closed or opened again: by whom, and from which day on posting is free."""

    number: int
    act: Act
    period: Period
    closed_until: date
    checkpoint: int
    at: datetime
    maker: str
    checker: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """How many entries a span of business days has, and their sum."""

    entries: int
    amount: Money


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry of a statement: what it adds to what is owed, less credit, and what then stands."""

    stored: StoredEntry
    change: Money
    standing: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """An account from one day to another: what it owed before, each entry, what it owed after.

    What is owed is its receivable less its unapplied credit.
    """

    account_id: UUID
    since: date
    until: date
    opening: Money
    lines: tuple[StatementLine, ...]
    closing: Money


@dataclass(frozen=True, slots=True)
class Violation:
    """A record that breaks an invariant, by name, and how."""

    record: str
    detail: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """What always holds of the books: a name, words, and SQL that returns (record, detail).

    The SQL may name `chart`: the chart of accounts as JSON, with `on_debit` and `limited`.
    """

    number: int
    name: str
    text_ar: str
    text_en: str
    sql: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """An invariant and the first records that break it."""

    invariant: Invariant
    violations: tuple[Violation, ...]

    @property
    def held(self) -> bool:
        return not self.violations
