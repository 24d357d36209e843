"""Bills to put on paper, from nothing: one after the other differs in all that a bill can show."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tahseel.channels.printing.values import Addressed
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
from tahseel.charging.tariffs.values import CONSUMPTION
from tahseel.consumption.readings.values import Method
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service

MONTH = BillingMonth(2026, 10)
ISSUED_ON = MONTH.period.end + timedelta(days=2)
NAMES = (
    ("محمد عبد الله المطيري", "Mohammed A. Al-Mutairi"),
    ("شركة Gulf Cold Stores ذ.م.م", "Gulf Cold Stores شركة W.L.L."),
    ("منى حداد", "Mona Haddad"),
    ("سليم كومار", "Saleem Kumar"),
)
PRICES = {Service.ELECTRICITY: ("2", "kWh"), Service.WATER: ("800", "1000 IG")}


def first_fils(place: int) -> int:
    """What the first line of a bill comes to."""
    return 32_569 + 977 * place


def addressed(place: int) -> Addressed:
    """The bill at a place in the run; the same place is the same bill."""
    services = list(Service) if place % 5 else [Service.ELECTRICITY]
    lines, uses, compared = [], [], []
    for number, service in enumerate(services, 1):
        quantity = 1_234_567 + 7_919 * place + 1_000 * number
        amount = Money(first_fils(place) + number - 1)
        lines.append(_line(number, service, quantity, amount))
        uses.append(_use(number, service, quantity, guessed=place % 7 == 0))
        compared.append(_compared(service, quantity, place))
    total = Money(sum(line.amount.fils for line in lines))
    bill = _bill(place, total)
    told = Explanation(
        view=BillView(bill, tuple(lines)),
        meters=tuple(uses),
        compared=tuple(compared),
        cost=Money(total.fils * 9),
        before=None,
        after=None,
        standing=Standing(ISSUED_ON, ZERO, ZERO, ZERO, ZERO, total, ZERO),
    )
    return Addressed(
        told=told,
        account=f"{20_000_000 + place}",
        name=NAMES[place % len(NAMES)],
        address=(
            f"السالمية، قطعة {place % 12 + 1}، شارع {place % 40 + 1}، منزل {place}",
            f"Salmiya, block {place % 12 + 1}, street {place % 40 + 1}, house {place}",
        ),
        language="ar",
        book=("التعرفة المطبقة 2017", "Applied tariff 2017"),
        carried=(),
        charge_names={},
        pay_url=f"https://pay.example.kw/pay/{bill.number}/",
    )


def _bill(place: int, total: Money) -> Bill:
    return Bill(
        account_id=UUID(int=place + 1),
        id=UUID(int=place + 1),
        number=f"{20_000_000 + place}-{MONTH.year}{MONTH.month:02d}",
        month=MONTH,
        sequence=0,
        period=MONTH.period,
        issued_on=ISSUED_ON,
        due_date=ISSUED_ON + timedelta(days=15),
        total=total,
        book="applied-2017",
        book_version=1,
        sector="private",
        customer_id=UUID(int=1),
    )


def _line(number: int, service: Service, quantity: int, amount: Money) -> BillLine:
    price, unit = PRICES[service]
    return BillLine(
        number=number,
        service=service,
        kind=CONSUMPTION,
        rate=f"{service}-private",
        period=MONTH.period,
        tier=1,
        tier_from=0,
        tier_to=None,
        quantity=quantity,
        price=price,
        unit=unit,
        amount=amount,
        meter_id=UUID(int=number),
        determinant_version=1,
        method=str(Method.REGISTER),
        from_value=5_000_000,
        to_value=5_000_000 + quantity,
    )


def _use(number: int, service: Service, quantity: int, *, guessed: bool) -> MeterUse:
    return MeterUse(
        service=service,
        serial=f"KW{number:02d}7741{number}",
        method=Method.ESTIMATED if guessed else Method.REGISTER,
        version=1,
        quantity=quantity,
        from_at=start_of(MONTH.period.start),
        to_at=start_of(MONTH.period.end),
        from_value=5_000_000,
        to_value=5_000_000 + quantity,
    )


def _compared(service: Service, quantity: int, place: int) -> Compared:
    last = MONTH.ordinal
    months = tuple(
        MonthBilled(last - back, quantity - 31_000 * back + 13 * place, back == 4)
        for back in range(12, -1, -1)
    )
    neighbours = None if place % 3 == 0 else quantity - 100_000
    return Compared(service, quantity, months[-2].quantity, months[0].quantity, neighbours, months)
