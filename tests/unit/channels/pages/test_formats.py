"""What a person sees of money, days and quantities, to the letter."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import override_settings
from django.utils.html import strip_tags
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Link, Pill, Ref
from tahseel.kernel.money import Money, format_money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Energy, Volume


def said(html: str) -> str:
    return strip_tags(html)


def test_money_has_three_decimals_and_its_word_where_the_language_puts_it() -> None:
    with override("ar"):
        assert said(formats.money(Money(1_234_500))) == "1,234.500 د.ك"
    with override("en"):
        assert said(formats.money(Money(1_234_500))) == "KD 1,234.500"
        assert said(formats.money(5)) == "KD 0.005"
        assert said(formats.money(5, currency=False)) == "0.005"
        assert said(formats.money(None)) == "—"


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_every_fils_is_shown(fils: int) -> None:
    with override("en"):
        shown = said(formats.money(fils, currency=False))

    assert shown == format_money(Money(fils))
    assert int(shown.replace(",", "").replace(".", "")) == fils


def test_digits_of_an_amount_are_isolated_left_to_right_on_an_arabic_page() -> None:
    with override("ar"):
        assert '<bdi class="number" dir="ltr">-3.250</bdi>' in formats.money(Money(-3_250))


@override_settings(PAGES_DIGITS="arab")
def test_arabic_digits_are_a_setting_and_leave_identifiers_and_english_alone() -> None:
    with override("ar"):
        assert said(formats.money(Money(1_234_500))) == "١٬٢٣٤٫٥٠٠ د.ك"
        assert said(formats.day(date(2026, 11, 23))) == "٢٣ نوفمبر ٢٠٢٦"
        assert said(formats.reference("INV-2026-7")) == "INV-2026-7"
    with override("en"):
        assert said(formats.count(2000)) == "2,000"


def test_a_day_carries_its_machine_form() -> None:
    with override("ar"):
        shown = formats.day(date(2026, 11, 23))

    assert said(shown) == "23 نوفمبر 2026"
    assert 'datetime="2026-11-23"' in shown
    assert said(formats.day(date(2026, 1, 2), short=True)) == "02/01/2026"
    assert said(formats.day(None)) == "—"


def test_an_instant_is_shown_as_the_clock_in_kuwait_showed_it() -> None:
    at = datetime(2026, 11, 22, 21, 30, 5, tzinfo=UTC)
    with override("en"):
        assert said(formats.moment(at, seconds=True)) == "23 November 2026, 00:30:05"
        assert said(formats.day(at)) == "23 November 2026"
    with override("ar"):
        assert said(formats.moment(at)) == "23 نوفمبر 2026، 00:30"
    with pytest.raises(ValueError, match="zone"):
        formats.moment(datetime(2026, 1, 1))  # noqa: DTZ001 - that it is naive is the point


def test_a_month_may_come_as_a_number_a_day_or_a_billing_month() -> None:
    with override("en"):
        assert {
            said(formats.month(202611)),
            said(formats.month(date(2026, 11, 30))),
            said(formats.month(BillingMonth(2026, 11))),
            said(formats.month(BillingMonth(2026, 11).ordinal)),
        } == {"November 2026"}
        assert said(formats.month(BillingMonth(2026, 1).ordinal)) == "January 2026"


def test_a_half_open_period_shows_its_last_day_inside() -> None:
    with override("en"):
        assert said(formats.period(date(2026, 10, 1), date(2026, 11, 1))) == "1–31 October 2026"
        assert said(formats.period(date(2026, 10, 1), date(2026, 10, 2))) == "1 October 2026"
        across = formats.period(Period(date(2025, 12, 5), date(2026, 1, 5)))
        assert said(across) == "5 December 2025 – 4 January 2026"
        assert said(formats.period(date(2026, 10, 1))) == "since 1 October 2026"


def test_quantities_are_whole_unless_exact_is_asked_for() -> None:
    with override("en"):
        assert said(formats.quantity(Energy(4_286_500))) == "4,287 kWh"
        assert said(formats.quantity(Energy(4_286_540), exact=True)) == "4,286.54 kWh"
        assert said(formats.quantity(1_000, "electricity", exact=True)) == "1 kWh"
        assert said(formats.quantity(Volume(40_483))) == "8,905 imp. gal"
        assert said(formats.quantity(40_483, "water")) == "8,905 imp. gal"
        assert said(formats.quantity(None)) == "—"
    with override("ar"):
        assert said(formats.quantity(Energy(4_286_000))) == "4,286 ك.و.س"


def test_a_share_is_rounded_once_and_nothing_of_nothing_is_a_dash() -> None:
    assert said(formats.percent(1, 3)) == "33.3%"
    assert said(formats.percent(-1, 16)) == "-6.3%"
    assert said(formats.percent(1, -16)) == "-6.3%"
    assert said(formats.percent(5, 0)) == "—"


def test_any_value_finds_its_format_and_text_is_escaped() -> None:
    with override("en"):
        assert said(formats.show(Money(1))) == "KD 0.001"
        assert said(formats.show(Energy(2000))) == "2 kWh"
        assert said(formats.show(date(2026, 1, 1))) == "1 January 2026"
        assert said(formats.show(Period(date(2026, 1, 1), date(2026, 1, 2)))) == "1 January 2026"
        assert said(formats.show(BillingMonth(2026, 1))) == "January 2026"
        assert said(formats.show(12_000)) == "12,000"
    assert formats.show(None) == formats.dash()
    assert formats.show("<b>") == "&lt;b&gt;"
    assert formats.show(Pill("<b>", "bad")) == '<span class="pill" data-tone="bad">&lt;b&gt;</span>'
    assert formats.show(Link("a&b", "/x?a=1&b=2")) == '<a href="/x?a=1&amp;b=2">a&amp;b</a>'
    assert 'dir="ltr">H-1<' in formats.show(Ref("H-1"))


def test_a_text_missing_in_one_language_is_given_in_the_other() -> None:
    with override("en"):
        assert formats.by_language(ar="سالم", en="") == "سالم"
        assert formats.by_language(ar="سالم", en="Salem") == "Salem"
