"""From an account and its determinants to a bill, or to the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tahseel.charging.billing import rules
from tahseel.charging.billing.values import PricedBill
from tahseel.charging.tariffs import rules as tariffs
from tahseel.consumption.readings.profiles import Profile
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.countries.kuwait import country
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.premises.values import Sector, SectorSpan
from tahseel.registry.supply.values import BillableAccount, Capacity, LiabilitySpan, MeterAt

JULY = BillingMonth(2026, 7)
DUE = 'book = "applied-2017"\n[due]\ndays_after_issue = 1\nsource = ""\nconfidence = ""\n'
ACCOUNT, UNIT, PAYER, METER, TAP = (UUID(int=n) for n in range(1, 6))
POLICY = rules.load_policy(country.content("billing"), book=country.price_book)


def span(sector: Sector = Sector.INVESTMENT, **facts: Any) -> SectorSpan:
    kept = {"dwellings": 1, "certificate": None, "certificate_until": None}
    days = {"from_day": date(2020, 1, 1), "until_day": None}
    return SectorSpan(unit_id=UNIT, sector=sector, **{**kept, **days, **facts})


def account(**facts: Any) -> BillableAccount:
    payer = LiabilitySpan(UUID(int=9), ACCOUNT, PAYER, Capacity.OWNER, None, date(2020, 1, 1), None)
    point = UUID(int=8)
    kept: dict[str, Any] = {
        "account_id": ACCOUNT,
        "number": "0000000017",
        "unit_id": UNIT,
        "governorate": "hawalli",
        "area": "salmiya",
        "from_day": JULY.period.start,
        "until_day": JULY.period.end,
        "sectors": (span(),),
        "liabilities": (payer,),
        "meters": (
            MeterAt(METER, "E-1", Service.ELECTRICITY, point, JULY.period.start, JULY.period.end),
        ),
        "services": frozenset({Service.ELECTRICITY}),
    }
    return BillableAccount(**{**kept, **facts})


def used(quantity: int, **facts: Any) -> Determinant:
    kept: dict[str, Any] = {
        "account_id": ACCOUNT,
        "meter_id": METER,
        "month": JULY,
        "version": 1,
        "service": Service.ELECTRICITY,
        "method": Method.REGISTER,
        "from_at": start_of(JULY.period.start),
        "to_at": start_of(JULY.period.end),
        "from_value": 0,
        "to_value": quantity,
        "days": 31,
        "estimated_share": Decimal(0),
    }
    return Determinant(quantity=quantity, **{**kept, **facts})


def price(one: BillableAccount, *determinants: Determinant) -> PricedBill:
    return rules.price(account=one, determinants=determinants, month=JULY, book=POLICY.book)


def charges(bill: PricedBill) -> Sequence[tuple[str, int, int]]:
    return [(p.line.rate_id, p.line.quantity, p.line.amount.fils) for p in bill.lines]


def test_a_month_of_two_services_is_one_bill() -> None:
    water = used(454_609, meter_id=TAP, service=Service.WATER)

    bill = price(account(), water, used(3_000_000))

    assert charges(bill) == [
        ("electricity-investment", 3_000_000, 15_000),
        ("water-investment", 454_609, 200_000),
    ]
    assert bill.total.fils == 215_000
    assert bill.by_service()[Service.WATER].fils == 200_000
    assert (bill.number, bill.customer_id, bill.sector) == (
        rules.bill_number("0000000017", JULY, bill.id),
        PAYER,
        "investment",
    )
    assert bill.period == JULY.period


def test_a_bill_has_the_same_id_however_often_it_is_made() -> None:
    first, second = price(account(), used(1)), price(account(), used(2))

    assert first.id == second.id == rules.bill_id(ACCOUNT, JULY)
    assert rules.bill_id(ACCOUNT, JULY.next()) != first.id


def test_a_bill_number_cannot_be_guessed_from_the_account_and_the_month() -> None:
    first = rules.bill_number("0000000017", JULY, rules.bill_id(ACCOUNT, JULY))
    other = rules.bill_number("0000000017", JULY, rules.bill_id(PAYER, JULY))

    assert re.fullmatch(r"0000000017-202607-[0-9A-HJKMNP-TV-Z]{4}", first)
    assert first != other


def test_a_change_of_sector_inside_the_month_is_split_by_day_and_loses_nothing() -> None:
    change = date(2026, 7, 11)
    one = account(
        sectors=(
            span(Sector.PRIVATE, until_day=change),
            span(Sector.COMMERCIAL, from_day=change),
        )
    )

    bill = price(one, used(3_100_001))

    assert charges(bill) == [
        ("electricity-private", 1_000_000, 2_000),
        ("electricity-commercial", 2_100_001, 10_500),
    ]
    assert bill.sector == "commercial"


def test_a_book_by_time_of_use_prices_what_the_intervals_tell_and_guesses_nothing() -> None:
    record = (
        '[[rate]]\nid = "{0}"\nservice = "electricity"\nsector = "{2}"\nunit = "kWh"\n'
        'from = 2020-01-01\nsource = "t"\nconfidence = "H"\nprice = "{1}"\nband = "{0}"\n'
    )
    head = 'code = "b"\nversion = 1\nname_ar = "ك"\nname_en = "b"\nfrom = 2020-01-01\n'
    rates = [record.format(band, price, "investment") for band, price in (("peak", 9), ("rest", 3))]
    book = tariffs.load_book(
        (head + 'source = "t"\nsectors = ["investment"]\n' + "".join(rates)).encode()
    )
    told = used(1_000_000, profile=Profile(7, "s", (("rest", 600_000), ("peak", 400_000)), 1, 1, 1))

    bill = rules.price(account=account(), determinants=[told], month=JULY, book=book)

    assert charges(bill) == [("rest", 600_000, 1_800), ("peak", 400_000, 3_600)]
    with pytest.raises(tariffs.UsageLacks):
        rules.price(account=account(), determinants=[used(1_000_000)], month=JULY, book=book)


def test_a_certificate_counts_until_the_day_it_ends() -> None:
    one = account(
        sectors=(span(Sector.INDUSTRIAL, certificate="PAI-7", certificate_until=date(2026, 7, 11)),)
    )

    bill = price(one, used(3_100_000))

    assert charges(bill) == [
        ("electricity-industrial-productive", 1_000_000, 3_000),
        ("electricity-industrial", 2_100_000, 10_500),
    ]


def test_readings_inside_days_are_billed_by_the_days_in_kuwait() -> None:
    late = replace(used(1_000), from_at=start_of(date(2026, 7, 3)).replace(hour=23))

    bill = price(account(), late)

    assert bill.period.start == date(2026, 7, 3)


def test_without_a_determinant_there_is_no_bill_of_zero() -> None:
    with pytest.raises(rules.NoDeterminant):
        price(account())


def test_a_meter_without_its_quantity_holds_the_bill_back() -> None:
    water = used(1000, meter_id=TAP, service=Service.WATER)

    with pytest.raises(rules.DeterminantMissing) as refused:
        price(account(), water)

    assert refused.value.facts["serial"] == "E-1"


def test_a_day_without_a_sector_parks_the_account() -> None:
    one = account(sectors=(span(from_day=date(2026, 7, 2)),))

    with pytest.raises(rules.NoSector) as refused:
        price(one, used(1000))

    assert refused.value.facts["day"] == "2026-07-01"


def test_nobody_pays_for_a_vacant_account() -> None:
    with pytest.raises(rules.NobodyLiable):
        price(account(liabilities=()), used(1000))


@pytest.fixture
def seven_days() -> Iterator[None]:
    rules.install_policy(replace(POLICY, due_days=7))
    yield
    rules.install_policy(POLICY)


@pytest.mark.usefixtures("seven_days")
def test_the_due_date_is_country_data() -> None:
    assert rules.due_date(date(2026, 8, 1)) == date(2026, 8, 8)


@pytest.mark.parametrize(
    "text",
    [
        "", 'book = "x"', 'book = "x"\n[due]\ndays_after_issue = -1\nsource = ""\nconfidence = ""',
        f"{DUE}", f"{DUE}[corrections]\nlarge_fils = 0\nback_billing_months = 1",
        f"{DUE}[corrections]\nlarge_fils = 1\nback_billing_months = 0",
    ],
)  # fmt: skip
def test_wrong_billing_data_is_refused(text: str) -> None:
    with pytest.raises(rules.PolicyWrong):
        rules.load_policy(text.encode(), book=country.price_book)
