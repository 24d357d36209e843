"""Outlets, loads without a meter, deliveries, and the month's sale of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from tahseel.charging.tariffs.values import PriceBook
from tahseel.kernel.errors import Refusal
from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

CLAIM = "sale"
BILLED, PARKED, EXCUSED, LEFT = "billed", "parked", "excused", "left"


@dataclass(frozen=True, slots=True)
class SaleKind:
    """A record of the country's data. minutes_per_day: of a load; 0 for an outlet."""

    code: str
    service: Service
    sector: str
    name_ar: str
    name_en: str
    minutes_per_day: int

    @property
    def is_load(self) -> bool:
        return self.minutes_per_day > 0


@dataclass(frozen=True, slots=True)
class SalesPolicy:
    """The country's kinds, the book that prices them, and the days until a sale is due."""

    book: PriceBook
    due_days: int
    kinds: Mapping[str, SaleKind]


@dataclass(frozen=True, slots=True)
class Outlet:
    """Something of an account that is billed without a meter, on the days from one until another.

    count and watts are those of a load, 0 of an outlet that tells what it delivered.
    """

    account_id: UUID
    id: UUID
    code: str
    kind: str
    count: int
    watts: int
    from_day: date
    until_day: date | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What an outlet delivered on a day; document: the paper's number, once an outlet."""

    account_id: UUID
    id: UUID
    outlet_id: UUID
    day: date
    litres: int
    document: str
    sale_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One outlet's part of a sale: litres or Wh, and what it cost."""

    outlet_id: UUID
    code: str
    month: BillingMonth
    quantity: int
    service: Service
    amount: Money
    rates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sale:
    """What an account bought in a month without a meter, as it was claimed."""

    account_id: UUID
    id: UUID
    number: str
    month: BillingMonth
    customer_id: UUID
    total: Money
    issued_on: date
    due_date: date
    lines: tuple[SaleLine, ...]


@dataclass(frozen=True, slots=True)
class ParkedDelivery:
    """A line of a file that was not taken, as it came, and why."""

    file: str
    line: int
    raw: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class TakenFile:
    """What a delivery file brought. again: the same file had been taken before."""

    file: str
    lines: int
    taken: int
    known: int
    parked: tuple[ParkedDelivery, ...] = ()
    again: bool = False

    def as_dict(self) -> dict[str, object]:
        return {
            "file": self.file,
            "lines": self.lines,
            "taken": self.taken,
            "known": self.known,
            "parked": [
                {"line": one.line, "raw": one.raw, "refusal": one.refusal.as_dict()}
                for one in self.parked
            ],
            "again": self.again,
        }


@dataclass(frozen=True, slots=True)
class SalesReport:
    """What the month's billing of sales did: counts and the sum; parked outlets by reason."""

    month: BillingMonth
    sales: int = 0
    already: int = 0
    total: Money = field(default_factory=lambda: Money(0))
    parked: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        return {
            "month": str(self.month),
            "sales": self.sales,
            "already_billed": self.already,
            "total_fils": self.total.fils,
            "parked": dict(self.parked),
        }


@dataclass(frozen=True, slots=True)
class SoldPoint:
    """What became of an outlet in a month. state: billed, parked, excused or left."""

    outlet: Outlet
    state: str
    reason: str


HANGING = (Hanging("sales_sale", "customer_id", key=("account_id", "id")),)
"""What moves with a customer when two records of one person are merged."""
