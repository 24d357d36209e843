"""Bills, their lines, accounts that could not be billed, and the report of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tahseel.books.deposits.values import Settled
from tahseel.charging.billing.values.holding import HoldingPolicy
from tahseel.charging.billing.values.proving import Proof
from tahseel.charging.tariffs.values import Line, PriceBook
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.registry.supply.values import BillableAccount

REBILL = "billing.rebill"
DEMAND_BASE = 1_000


@dataclass(frozen=True, slots=True)
class CorrectionPolicy:
    """How far a bill may be made anew. large: a difference from which on a manager decides.

    months_max: months back within which somebody may be asked for more than he was billed.
    """

    large: Money
    months_max: int


@dataclass(frozen=True, slots=True)
class BillingPolicy:
    """The country's way: the book in force, days to the due date, months looked at again."""

    book: PriceBook
    due_days: int
    source: str
    confidence: str
    corrections: CorrectionPolicy
    holding: HoldingPolicy
    late_months: int


@dataclass(frozen=True, slots=True)
class Piece:
    """The days of one payer, or of nobody, with what was used on them."""

    account: BillableAccount
    determinants: tuple[Determinant, ...]

    @property
    def unowed(self) -> bool:
        """Something was used, and nobody owes it."""
        used = any(one.quantity for one in self.determinants)
        return used and self.account.payer_id is None


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A priced line with the determinant that it comes from."""

    line: Line
    determinant: Determinant


@dataclass(frozen=True, slots=True)
class PricedBill:
    """A bill computed and not written. `customer_id` is who is liable on its last open day.

    sequence: 0 for a month's bill; final bills inside the month, and bills that correct another
    one of it, count on from 1. corrects: the bill in whose place it stands.
    """

    account_id: UUID
    id: UUID
    number: str
    month: BillingMonth
    period: Period
    sector: str
    customer_id: UUID
    lines: tuple[PricedLine, ...]
    sequence: int = 0
    corrects: UUID | None = None

    @property
    def total(self) -> Money:
        return Money(sum(priced.line.amount.fils for priced in self.lines))

    def by_service(self) -> dict[Service, Money]:
        """What the bill charges for each service."""
        sums: dict[Service, int] = {}
        for priced in self.lines:
            service = priced.line.service
            sums[service] = sums.get(service, 0) + priced.line.amount.fils
        return {service: Money(fils) for service, fils in sums.items()}

    def prices(self) -> list[tuple[UUID, Service, int, int]]:
        """Account, service, quantity (Wh or litres) and fils of each service that was used."""
        used: dict[Service, int] = {}
        for priced in self.lines:
            service = priced.line.service
            used[service] = used.get(service, 0) + priced.line.used
        paid = self.by_service()
        return [
            (self.account_id, service, quantity, paid[service].fils)
            for service, quantity in used.items()
            if quantity > 0
        ]


@dataclass(frozen=True, slots=True)
class Parked:
    """An account left out of a run, and why."""

    account_id: UUID
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did, or would do: counts, the sum, parked accounts by reason, held ones by check.

    accounts: looked at; already_billed: left alone because the month's bill exists; held_total:
    what the bills held back come to; proof: what became of every service point, after the run.
    """

    run_id: UUID
    month: BillingMonth
    issued_on: date
    preview: bool
    accounts: int = 0
    bills: int = 0
    lines: int = 0
    already_billed: int = 0
    total: Money = ZERO
    parked: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    held_total: Money = ZERO
    proof: Proof | None = None

    def as_dict(self) -> dict[str, object]:
        """The report as JSON values."""
        return {
            "run_id": str(self.run_id),
            "month": str(self.month),
            "issued_on": self.issued_on.isoformat(),
            "preview": self.preview,
            "accounts": self.accounts,
            "bills": self.bills,
            "lines": self.lines,
            "already_billed": self.already_billed,
            "total_fils": self.total.fils,
            "parked": dict(self.parked),
            "held": dict(self.held),
            "held_fils": self.held_total.fils,
            "points": self.proof.as_dict() if self.proof else None,
        }


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill as it was issued. corrects: the bill in whose place it stands, if there is one."""

    account_id: UUID
    id: UUID
    number: str
    month: BillingMonth
    sequence: int
    period: Period
    issued_on: date
    due_date: date
    total: Money
    book: str
    book_version: int
    sector: str
    customer_id: UUID
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a corrected bill came to.

    reduced: what the open part of the earlier claim lost; credited: what had been paid of it and
    stands to the account's credit now; asked: what is claimed beside it. The first two together,
    or the third, are the difference.
    """

    account_id: UUID
    bill_id: UUID
    number: str
    before: Money
    after: Money
    reduced: Money = ZERO
    credited: Money = ZERO
    asked: Money = ZERO

    def audit_facts(self) -> dict[str, object]:
        return {
            "bill": str(self.bill_id),
            "number": self.number,
            "before_fils": self.before.fils,
            "after_fils": self.after.fils,
            "reduced_fils": self.reduced.fils,
            "credited_fils": self.credited.fils,
            "asked_fils": self.asked.fils,
        }


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line as it was issued: the price, the tier, and the determinant that it explains.

    quantity, tier limits and dial values are Wh or litres; `price` is fils per `unit`, as text.
    """

    number: int
    service: Service
    kind: str
    rate: str
    period: Period
    tier: int
    tier_from: int
    tier_to: int | None
    quantity: int
    price: str
    unit: str
    amount: Money
    meter_id: UUID
    determinant_version: int
    method: str
    from_value: int | None
    to_value: int | None

    @property
    def demand(self) -> str:
        """The highest demand in the unit of its price, exact: 7.25 kW."""
        whole, rest = divmod(self.quantity, DEMAND_BASE)
        return f"{whole:,}.{rest:03d}".rstrip("0").rstrip(".") + f" {self.unit}"


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill with its lines."""

    bill: Bill
    lines: tuple[BillLine, ...]


@dataclass(frozen=True, slots=True)
class ParkedAccount:
    """An account that waits for a bill of a month; `refusal` holds code, texts and facts."""

    account_id: UUID
    month: BillingMonth
    reason: str
    refusal: Mapping[str, object]
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """How many bills, and their sum."""

    bills: int
    total: Money


@dataclass(frozen=True, slots=True)
class FinalRead:
    """A dial as it was read when somebody left. value: base units (Wh, litres)."""

    meter_id: UUID
    register: str
    value: int


@dataclass(frozen=True, slots=True)
class MovedOut:
    """What a move-out came to: the final bill (None: nothing was left to bill) and the deposit.

    held: a bill of the account is held back, and the deposit waits for it.
    """

    account_id: UUID
    customer_id: UUID
    on_day: date
    bill_id: UUID | None
    number: str
    total: Money
    settled: Settled
    held: bool = False

    def audit_facts(self) -> dict[str, object]:
        return {
            "customer": str(self.customer_id),
            "held": self.held,
            "on_day": self.on_day.isoformat(),
            "bill": str(self.bill_id or ""),
            "total_fils": self.total.fils,
            **self.settled.audit_facts(),
        }

    def as_dict(self) -> dict[str, object]:
        """Plain values, from which `from_dict` makes the same again."""
        return {"account": str(self.account_id), "number": self.number, **self.audit_facts()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> MovedOut:
        """See `as_dict`."""
        return cls(
            account_id=UUID(plain["account"]),
            customer_id=UUID(plain["customer"]),
            on_day=date.fromisoformat(plain["on_day"]),
            bill_id=UUID(plain["bill"]) if plain["bill"] else None,
            number=plain["number"],
            total=Money(plain["total_fils"]),
            settled=Settled(
                netted=Money(plain["netted_fils"]),
                refund=Money(plain["refund_fils"]),
                left=Money(plain["left_fils"]),
                called=Money(plain["called_fils"]),
                released=Money(plain["released_fils"]),
            ),
            held=bool(plain.get("held", False)),
        )
