"""What explains a bill: its meters, what it is compared with, what it cost to produce."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from tahseel.charging.billing.values.bills import Bill, BillView
from tahseel.charging.tariffs.values import CONSUMPTION, SaleUnit
from tahseel.consumption.readings.values import Method
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service


@dataclass(frozen=True, slots=True)
class ProductionCost:
    """What a unit of a service costs the country, from a day on: fils per unit."""

    service: Service
    start: date
    unit: SaleUnit
    price: Fraction
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class ExplainingPolicy:
    """costs: by service, the newest first; neighbours_min: fewer are never told together; the names
    and lines that stand on a printed bill, in Arabic and English.
    """

    costs: tuple[ProductionCost, ...]
    neighbours_min: int
    authority: tuple[str, str]
    enquiries: tuple[str, str]


@dataclass(frozen=True, slots=True)
class MeterUse:
    """How a quantity of a bill was found: the meter, the method, the reads it lies between.

    quantity and dial values are Wh or litres; version: of the determinant; from_quality and
    to_quality: how the reads are known (actual, estimated, self_read), "" where it is not told;
    sub_meters: serials of those behind it whose quantities were taken off.
    """

    service: Service
    serial: str
    method: Method
    version: int
    quantity: int
    from_at: datetime | None
    to_at: datetime | None
    from_value: int | None
    to_value: int | None
    from_quality: str = ""
    to_quality: str = ""
    sub_meters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthBilled:
    """What the bill's customer was billed for in a month, Wh or litres."""

    month: int
    quantity: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A service's quantity beside others, Wh or litres; None where there is nothing to compare.

    neighbours: the median of like units of the area in the same month. months: the last thirteen
    of the same customer, this one included, the oldest first.
    """

    service: Service
    quantity: int
    last_month: int | None
    last_year: int | None
    neighbours: int | None
    months: tuple[MonthBilled, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a bill's customer stood on its account when the day ended on which it was issued.

    since: the last day of what is `before`: that of the bill before, or the eve of the days billed.
    before: owed then, less credit; charged: other claims since; paid, credited: what met claims or
    stands to his credit since; own: what the bill asks for with what it carries; used: what of
    `own` his credit met.
    """

    since: date
    before: Money
    charged: Money
    paid: Money
    credited: Money
    own: Money
    used: Money

    @property
    def total(self) -> Money:
        """What is owed with the bill, less credit."""
        return self.before + self.charged - self.paid - self.credited + self.own

    @property
    def paid_off(self) -> Money:
        """What was paid, as it stands in the sum."""
        return -self.paid

    @property
    def credited_off(self) -> Money:
        """What was credited, as it stands in the sum."""
        return -self.credited

    @property
    def tells(self) -> bool:
        """There is something to say beside the bill itself."""
        return bool(self.before or self.charged or self.paid or self.used)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A bill with all that explains it. cost: what its use cost to produce; None if not known."""

    view: BillView
    meters: tuple[MeterUse, ...]
    compared: tuple[Compared, ...]
    cost: Money | None
    before: Bill | None
    after: Bill | None
    standing: Standing

    @property
    def use(self) -> Money:
        """What is charged for what was used, without what comes on top."""
        lines = self.view.lines
        return Money(sum(line.amount.fils for line in lines if line.kind == CONSUMPTION))

    @property
    def subsidy(self) -> Money | None:
        """What the state carries of the use; None where it carries nothing, or it is not known."""
        carried = None if self.cost is None else self.cost - self.use
        return carried if carried is not None and carried.fils > 0 else None
