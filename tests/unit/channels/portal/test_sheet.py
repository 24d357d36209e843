"""What a visitor may see, what a payer may type, and what a chart shows of a gap."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.utils import translation

from tahseel.channels.portal import drawings
from tahseel.channels.portal.forms import PayForm, ReferenceForm
from tahseel.channels.portal.values import DayUse, MonthUse, Visitor
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

ME, OTHER = UUID(int=1), UUID(int=2)


def test_a_customer_sees_the_own_part_and_staff_the_whole() -> None:
    assert Visitor(ME, may_pay=True).may_see(ME)
    assert not Visitor(ME, may_pay=True).may_see(OTHER)
    assert Visitor(None, may_pay=False).may_see(OTHER)


@pytest.mark.parametrize(
    ("typed", "fils"),
    [("15.750", 15_750), ("1,234.5", 1_234_500), ("١٥٫٧٥٠", 15_750), ("0.001", 1)],
)
def test_an_amount_may_be_typed_in_either_digits(typed: str, fils: int) -> None:
    form = PayForm({"intent": str(ME), "amount": typed})

    assert form.is_valid()
    assert form.cleaned_data["amount"] == Money(fils)


@pytest.mark.parametrize("typed", ["0", "-1", "1.2345", "ten", ""])
def test_an_amount_that_is_none_is_refused(typed: str) -> None:
    assert not PayForm({"intent": str(ME), "amount": typed}).is_valid()


def test_a_reference_may_be_typed_in_small_letters() -> None:
    form = ReferenceForm({"reference": " h-٢٠٢٦-7k3m9qpd "})

    assert form.is_valid()
    assert form.cleaned_data["reference"] == "H-2026-7K3M9QPD"


def test_a_month_without_a_reading_is_a_gap_and_never_zero() -> None:
    june, august = BillingMonth(2026, 6), BillingMonth(2026, 8)
    months = tuple(MonthUse(m, {Service.ELECTRICITY: 5_000}, False) for m in (june, august))

    with translation.override("en"):
        chart = drawings.monthly(months, Service.ELECTRICITY)

    assert chart is not None
    assert chart.labels[-3:] == ("June", "July", "August")
    assert chart.series[0].values[-3:] == (5_000, None, 5_000)
    assert len(chart.series) == 1
    assert drawings.monthly(months, Service.WATER) is None


def test_days_without_intervals_are_gaps() -> None:
    days = (DayUse(date(2026, 11, 1), 9_000), DayUse(date(2026, 11, 2), None))

    with translation.override("en"):
        chart = drawings.daily(days)

    assert chart is not None
    assert chart.series[0].values == (9_000, None)
    assert drawings.daily(()) is None
