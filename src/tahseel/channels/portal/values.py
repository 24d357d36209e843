"""What an account's pages show. Everything is cut to what the visitor may see of the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from tahseel.books.deposits.values import Demand, ProposalKind
from tahseel.books.payments.values import Paid
from tahseel.channels.desk.values import Why
from tahseel.charging.billing.values import Bill, BillLine, Explanation, MeterUse
from tahseel.charging.charges.values import Charge
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.registry.supply.values import AccountView


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at an account: the payer (`customer_id`) sees own bills, staff see all."""

    customer_id: UUID | None
    may_pay: bool

    def may_see(self, customer_id: UUID) -> bool:
        """Whether what concerns this customer is the visitor's business."""
        return self.customer_id is None or self.customer_id == customer_id


class BillState(StrEnum):
    """Where a bill stands on a day. NOTHING: it asks for nothing; CORRECTED: nor any more."""

    PAID = "paid"
    DUE = "due"
    OVERDUE = "overdue"
    DISPUTED = "disputed"
    NOTHING = "nothing"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One row of "my accounts"."""

    number: str
    address_ar: str
    address_en: str
    balance: Money
    overdue: Money


@dataclass(frozen=True, slots=True)
class BillRow:
    """A bill and what is still open of it."""

    bill: Bill
    open: Money
    payable: Money
    state: BillState


@dataclass(frozen=True, slots=True)
class MonthUse:
    """What was used in a month, Wh or litres by service."""

    month: BillingMonth
    used: dict[Service, int]
    estimated: bool


@dataclass(frozen=True, slots=True)
class DayUse:
    """What intervals say of one day, Wh; None where there is none or the day is not complete."""

    day: date
    wh: int | None


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a service came to in the running month by last night; provisional, never billed.

    until: the last day in it; demand: W, the highest, None where intervals do not tell it; bands:
    names in the language of the page and Wh.
    """

    service: Service
    quantity: int
    until: date
    estimated: bool
    demand: int | None
    bands: tuple[tuple[str, int], ...]

    @property
    def demand_kw(self) -> str:
        return "" if self.demand is None else f"{self.demand / 1_000:,.1f}"


@dataclass(frozen=True, slots=True)
class HeldFor:
    """One debt and every gate that it closes: paying it once opens them all."""

    gates: tuple[Why, ...]

    @property
    def first(self) -> Why:
        """Whose amount and reference stand for all of them."""
        return self.gates[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """A deposit that is asked for. missing: what is to be added to what secures the account now."""

    demand: Demand
    held: Money
    late: bool

    @property
    def missing(self) -> Money:
        return self.demand.wanted - self.held

    @property
    def renews(self) -> bool:
        """A bank guarantee ends; else the deposit is little beside the use."""
        return self.demand.kind is ProposalKind.RENEW


@dataclass(frozen=True, slots=True)
class AccountSheet:
    """An account's page."""

    view: AccountView
    visitor: Visitor
    bills: tuple[BillRow, ...]
    payments: tuple[Paid, ...]
    holds: tuple[HeldFor, ...]
    months: tuple[MonthUse, ...]
    days: tuple[DayUse, ...]
    so_far: tuple[SoFar, ...]
    credit: Money
    asked: Asked | None

    @property
    def balance(self) -> Money:
        return Money(sum(row.open.fils for row in self.bills))

    @property
    def may_book(self) -> bool:
        """Visits are booked by whoever is liable now, and at the counter."""
        mine = self.visitor.customer_id
        if mine is None:
            return self.visitor.may_pay
        return self.view.payer is not None and self.view.payer.id == mine

    @property
    def overdue(self) -> Money:
        late = (row.payable.fils for row in self.bills if row.state is BillState.OVERDUE)
        return Money(sum(late))

    @property
    def last_bill(self) -> BillRow | None:
        return self.bills[0] if self.bills else None

    @property
    def last_payment(self) -> Paid | None:
        return self.payments[0] if self.payments else None


@dataclass(frozen=True, slots=True)
class CarriedRow:
    """A charge or credit that goes out with a bill; name: its kind in the page's language."""

    about: Charge
    name: str


@dataclass(frozen=True, slots=True)
class BillSheet:
    """A bill's page: its lines and what explains them.

    before: in whose place it stands; after: what stands in its place; may_correct: the visitor may
    ask for that.
    """

    view: AccountView
    visitor: Visitor
    told: Explanation
    row: BillRow
    book_ar: str
    book_en: str
    before: Bill | None
    after: Bill | None
    may_correct: bool
    carried: tuple[CarriedRow, ...]

    @property
    def lines(self) -> tuple[BillLine, ...]:
        return self.told.view.lines

    @property
    def meters(self) -> tuple[MeterUse, ...]:
        return self.told.meters

    @property
    def bill_key(self) -> str:
        """The bill's id as it stands in an address."""
        return str(self.row.bill.id)

    @property
    def sum(self) -> Money:
        """What the bill asks for with all that it carries; below zero where credit is left."""
        stands = [row.about for row in self.carried if row.about.state == "posted"]
        return self.row.bill.total + Money(
            sum(one.amount.fils * (1 if one.sign == "charge" else -1) for one in stands)
        )

    @property
    def difference(self) -> Money | None:
        """What a correction charges more than the bill before; less than nothing where less."""
        return self.row.bill.total - self.before.total if self.before else None
