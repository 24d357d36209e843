"""Values as a sheet shows them: text, `{"n": text}` for what runs from left to right, or a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tahseel.channels.pages import formats
from tahseel.kernel.money import Money, format_money
from tahseel.kernel.period import LOCAL_ZONE, Period
from tahseel.kernel.quantity import Energy, Service, Volume

Shown = Any
DASH = "—"
NEWLINE = "\n"


def number(text: object) -> dict[str, str]:
    """A number or an identifier: never in other digits, never reordered."""
    return {"n": str(text)}


def money(amount: Money) -> list[Shown]:
    """Dinars with three decimals beside the currency's word, where the language puts it."""
    bare = number(format_money(amount))
    if formats.is_arabic():
        return [bare, f" {formats.CURRENCY_AR}"]
    return [f"{formats.CURRENCY_EN} ", bare]


def bare_money(amount: Money) -> Shown:
    return number(format_money(amount))


def measure(quantity: int, service: Service) -> str:
    """Kilowatt-hours, exact, or imperial gallons, without the unit."""
    if service is Service.WATER:
        return f"{Volume(quantity).imperial_gallons():,}"
    text = f"{Energy(quantity).kwh():,.3f}"
    return text.rstrip("0").rstrip(".")


def quantity(amount: int, service: Service) -> list[Shown]:
    """With the unit in which the service is sold."""
    ar, en = formats.UNITS[service]
    return [number(measure(amount, service)), f" {formats.by_language(ar=ar, en=en)}"]


def service_name(service: Service) -> str:
    return _("Electricity") if service is Service.ELECTRICITY else _("Water")


def days(period: Period) -> Shown:
    """Both days shown are inside."""
    last = period.end.fromordinal(period.end.toordinal() - 1)
    if (period.start.year, period.start.month) == (last.year, last.month):
        inside = number(f"{period.start.day}–{last.day}" if last > period.start else last.day)
        return [inside, f" {formats.month_name(last.month)} ", number(last.year)]
    return f"{formats.day_text(period.start)} – {formats.day_text(last)}"


def short_day(at: datetime | None) -> Shown:
    return number(at.astimezone(LOCAL_ZONE).strftime("%d/%m/%Y")) if at else ""
