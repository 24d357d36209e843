"""Bills to put on paper, from nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from tahseel.channels.printing.values import Addressed
from tahseel.charging.billing import explaining
from tahseel.charging.billing.values import (
    Bill,
    BillLine,
    BillView,
    Compared,
    Explanation,
    MeterUse,
    MonthBilled,
    Standing,
)
from tahseel.consumption.readings.values import Method
from tahseel.countries.kuwait import country
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service

OCTOBER = BillingMonth(2026, 10)
ID = UUID(int=1)
NAME = ("فاطمة عبدالله العنزي", "Fatima A. Al-Enezi")


def install() -> None:
    explaining.install(explaining.load(country.content("explaining")))


def line(number: int, fils: int, **more: Any) -> BillLine:
    made = BillLine(
        number=number, service=Service.ELECTRICITY, kind="consumption", rate="flat",
        period=OCTOBER.period, tier=1, tier_from=0, tier_to=None, quantity=5_883_000, price="5",
        unit="kWh", amount=Money(fils), meter_id=ID, determinant_version=1, method="register",
        from_value=114_502_000, to_value=120_385_000,
    )  # fmt: skip
    return replace(made, **more)


def bill(total: int, **more: Any) -> Bill:
    made = Bill(
        account_id=ID, id=ID, number="1000001200-202610-J7KA", month=OCTOBER, sequence=0,
        period=OCTOBER.period, issued_on=date(2026, 11, 3), due_date=date(2026, 11, 18),
        total=Money(total), book="applied-2017", book_version=1, sector="investment",
        customer_id=ID,
    )  # fmt: skip
    return replace(made, **more)


def use(**more: Any) -> MeterUse:
    made = MeterUse(
        service=Service.ELECTRICITY, serial="KE00000170", method=Method.REGISTER, version=1,
        quantity=5_883_000, from_at=start_of(OCTOBER.period.start),
        to_at=start_of(OCTOBER.period.end), from_value=114_502_000, to_value=120_385_000,
    )  # fmt: skip
    return replace(made, **more)


def months(quantity: int) -> tuple[MonthBilled, ...]:
    first = OCTOBER.ordinal - 12
    return tuple(MonthBilled(first + n, quantity - n * 1_000, n == 4) for n in range(13))


def paper(*lines: BillLine, meters: tuple[MeterUse, ...] | None = None, **more: Any) -> Addressed:
    total = sum(one.amount.fils for one in lines)
    compared = Compared(
        Service.ELECTRICITY, 5_883_000, 7_768_000, None, 1_513_000, months(5_883_000)
    )
    told = Explanation(
        view=BillView(bill(total), lines),
        meters=(use(),) if meters is None else meters,
        compared=(compared,) if lines else (),
        cost=Money(238_614) if lines else None,
        before=None,
        after=None,
        standing=standing(total),
    )
    made = Addressed(
        told=told, account="1000001200", name=NAME,
        address=("السالمية، قطعة 4", "Salmiya, block 4"),
        language="ar", book=("التعرفة المطبقة 2017", "Applied tariff 2017"), carried=(),
        charge_names={}, pay_url="https://example.kw/pay/1000001200-202610-J7KA",
    )  # fmt: skip
    return replace(made, **more)


def standing(own: int, **more: int) -> Standing:
    """Nothing beside the bill, unless it says so in fils."""
    none = dict.fromkeys(("before", "charged", "paid", "credited", "used"), 0)
    sums = {name: Money(fils) for name, fils in {**none, **more}.items()}
    return Standing(since=date(2026, 10, 4), own=Money(own), **sums)


def fonts(folder: Path) -> Path:
    return folder / "fonts"
