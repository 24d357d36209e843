"""How money, days and quantities look to a person, in the active language.

Every function returns safe HTML. Numbers stand in a `bdi` that is left to right, so that an Arabic
sentence around them cannot reorder their parts. The digits are Latin unless PAGES_DIGITS is "arab".
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import segno
from django.conf import settings
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from tahseel.channels.pages.values import Link, Pill, Ref
from tahseel.kernel.money import Money, format_money, round_half_up
from tahseel.kernel.period import LOCAL_ZONE, BillingMonth, Period
from tahseel.kernel.quantity import WH_PER_KWH, Energy, Service, Volume

MONTHS_AR = (
    *("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو"),
    *("يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
)
MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
CURRENCY_AR, CURRENCY_EN = "د.ك", "KD"
UNITS = {
    Service.ELECTRICITY: ("ك.و.س", "kWh"),
    Service.WATER: ("جالون إمبراطوري", "imp. gal"),
}
_ARABIC_DIGITS = str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫")
_YEAR_MONTH_MIN = 100_001  # below it, an integer month is a BillingMonth ordinal

Shown = object


def is_arabic() -> bool:
    """Whether the active language is Arabic, which is also what we speak when none is active."""
    return (get_language() or "ar").startswith("ar")


def direction() -> str:
    """The writing direction of the active language: "rtl" or "ltr"."""
    return "rtl" if is_arabic() else "ltr"


def by_language(*, ar: str, en: str) -> str:
    """The one of two texts that fits the active language; the other one where it is empty."""
    return (ar or en) if is_arabic() else (en or ar)


def digits(text: str) -> str:
    """The text in the digits that the settings ask for on a page of the active language."""
    arabic = getattr(settings, "PAGES_DIGITS", "latn") == "arab" and is_arabic()
    return text.translate(_ARABIC_DIGITS) if arabic else text


def number(text: str) -> SafeString:
    """Digits and signs that must not be reordered by the text around them."""
    return format_html('<bdi class="number" dir="ltr">{}</bdi>', digits(text))


def reference(text: object) -> SafeString:
    """An identifier as it is printed on paper: never in other digits, always left to right."""
    return format_html('<bdi class="number" dir="ltr">{}</bdi>', text)


def dash() -> SafeString:
    """What stands where there is nothing to show."""
    return format_html('<span class="nothing">{}</span>', "—")


def money(amount: Money | int | None, *, currency: bool = True) -> SafeString:
    """Three decimals, and the currency's word where the language puts it. An int is fils."""
    if amount is None:
        return dash()
    shown = number(format_money(amount if isinstance(amount, Money) else Money(amount)))
    if not currency:
        return format_html('<span class="money">{}</span>', shown)
    if is_arabic():
        return format_html(
            '<span class="money" dir="rtl">{} <span class="unit">{}</span></span>',
            shown,
            CURRENCY_AR,
        )
    return format_html(
        '<span class="money" dir="ltr"><span class="unit">{}</span> {}</span>', CURRENCY_EN, shown
    )


def month_name(number_of_month: int) -> str:
    """January is 1. Kuwait uses the names that follow the Latin ones, not the Syriac ones."""
    return (MONTHS_AR if is_arabic() else MONTHS_EN)[number_of_month - 1]


def day_text(day: date, *, short: bool = False) -> str:
    """The Gregorian day as plain text, for titles and chart labels."""
    if short:
        return digits(day.strftime("%d/%m/%Y"))
    return digits(f"{day.day} {month_name(day.month)} {day.year}")


def day(value: date | None, *, short: bool = False) -> SafeString:
    """A day: "23 نوفمبر 2026", or "23/11/2026" where a column is narrow."""
    if value is None:
        return dash()
    if isinstance(value, datetime):
        value = value.astimezone(LOCAL_ZONE).date()
    return format_html(
        '<time class="day" datetime="{}" dir="{}">{}</time>',
        value.isoformat(),
        "ltr" if short else direction(),
        day_text(value, short=short),
    )


def moment(at: datetime | None, *, seconds: bool = False) -> SafeString:
    """An aware instant, as the clock in Kuwait showed it."""
    if at is None:
        return dash()
    if at.tzinfo is None:
        raise ValueError("an instant must carry its zone")
    local = at.astimezone(LOCAL_ZONE)
    clock = number(local.strftime("%H:%M:%S" if seconds else "%H:%M"))
    return format_html(
        '<time class="day" datetime="{}" dir="{}">{}{} {}</time>',
        at.isoformat(),
        direction(),
        day_text(local.date()),
        "،" if is_arabic() else ",",
        clock,
    )


def month_text(value: int | date | BillingMonth) -> str:
    """A billing month as plain text. An int is yyyymm, or a BillingMonth's ordinal."""
    if isinstance(value, int):
        whole, part = divmod(value, 100) if value >= _YEAR_MONTH_MIN else divmod(value, 12)
        value = BillingMonth(whole, part if value >= _YEAR_MONTH_MIN else part + 1)
    return digits(f"{month_name(value.month)} {value.year}")


def month(value: int | date | BillingMonth | None) -> SafeString:
    """A billing month: "نوفمبر 2026"."""
    if value is None:
        return dash()
    return format_html('<span class="day" dir="{}">{}</span>', direction(), month_text(value))


def period(start: date | Period, end: date | None = None) -> SafeString:
    """A half-open period as people say it: both days shown are inside."""
    if isinstance(start, Period):
        return period(start.start, start.end)
    if end is None:
        return format_html("{} {}", by_language(ar="منذ", en="since"), day(start))
    last = end - timedelta(days=1)
    if last <= start:
        return day(start)
    if (start.year, start.month) == (last.year, last.month):
        text = digits(f"{start.day}–{last.day} {month_name(last.month)} {last.year}")
        return format_html('<span class="day" dir="{}">{}</span>', direction(), text)
    return format_html(
        '<span class="span" dir="{}">{} – {}</span>', direction(), day(start), day(last)
    )


def quantity(
    value: Energy | Volume | int | None, service: str | None = None, *, exact: bool = False
) -> SafeString:
    """Kilowatt-hours or imperial gallons, whole unless `exact`. An int is Wh or litres."""
    if value is None:
        return dash()
    if isinstance(value, int):
        value = Volume(value) if service == Service.WATER else Energy(value)
    if isinstance(value, Volume):
        return with_unit(f"{value.imperial_gallons():,}", Service.WATER)
    if exact and value.wh % WH_PER_KWH:
        return with_unit(f"{value.kwh():,.3f}".rstrip("0"), Service.ELECTRICITY)
    return with_unit(f"{round_half_up(value.wh, WH_PER_KWH):,}", Service.ELECTRICITY)


def with_unit(text: str, service: Service) -> SafeString:
    """A number and the unit in which the service is sold, in the reading order of the language."""
    ar, en = UNITS[service]
    return format_html(
        '<span class="quantity" dir="{}">{} <span class="unit">{}</span></span>',
        direction(),
        number(text),
        by_language(ar=ar, en=en),
    )


def count(value: int | None) -> SafeString:
    """A whole number with grouped thousands."""
    return dash() if value is None else number(f"{value:,}")


def percent(part: int, whole: int) -> SafeString:
    """A share with one decimal, rounded once; a dash where the whole is nothing."""
    if not whole:
        return dash()
    tenths = round_half_up(part * 1000, whole) if whole > 0 else round_half_up(-part * 1000, -whole)
    sign = "-" if tenths < 0 else ""
    return number(f"{sign}{abs(tenths) // 10:,}.{abs(tenths) % 10}%")


def pill(text: object, tone: str = "neutral") -> SafeString:
    """A state as a word in a colour."""
    return format_html('<span class="pill" data-tone="{}">{}</span>', tone, text)


def _show_temporal(value: object) -> SafeString | None:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Period):
        return period(value)
    return month(value) if isinstance(value, BillingMonth) else None


def _show_marked(value: object) -> SafeString | None:
    if isinstance(value, Pill):
        return pill(value.text, value.tone)
    if isinstance(value, Link):
        return format_html('<a href="{}">{}</a>', value.url, value.text)
    return reference(value.text) if isinstance(value, Ref) else None


def show(value: Shown) -> SafeString:
    """Any value a component may be given, in its own format; other objects as escaped text."""
    if value is None or value == "":
        return dash()
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, Energy | Volume):
        return quantity(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return count(value)
    return _show_temporal(value) or _show_marked(value) or conditional_escape(str(value))


def square_code(address: str) -> SafeString:
    """An address as a square code, for somebody's own phone."""
    drawn = segno.make(address, micro=False).svg_inline(
        scale=4, border=3, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 - drawn by segno from an address of ours
