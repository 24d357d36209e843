"""Charts of consumption. No data is a gap, never a zero."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Chart, Series
from tahseel.channels.portal.values import DayUse, MonthUse
from tahseel.charging.billing.values import Compared
from tahseel.kernel.period import BillingMonth, months_between
from tahseel.kernel.quantity import Service

MONTHS_SHOWN = 12
MEASURES = {Service.ELECTRICITY: "energy", Service.WATER: "volume"}


def monthly(months: tuple[MonthUse, ...], service: Service) -> Chart | None:
    """The last twelve months beside the same months a year before; None without any use."""
    used = {one.month: one.used[service] for one in months if service in one.used}
    if not used:
        return None
    last = max(used)
    first = BillingMonth.from_ordinal(last.ordinal - MONTHS_SHOWN + 1)
    shown = months_between(first, last.next())
    before = [BillingMonth.from_ordinal(month.ordinal - MONTHS_SHOWN) for month in shown]
    series = [Series(_("These twelve months"), tuple(used.get(month) for month in shown))]
    if any(month in used for month in before):
        series.append(Series(_("A year before"), tuple(used.get(month) for month in before)))
    titles = {
        Service.ELECTRICITY: _("Electricity by month"),
        Service.WATER: _("Water by month"),
    }
    return Chart(
        title=titles[service],
        labels=tuple(formats.month_name(month.month) for month in shown),
        series=tuple(series),
        measure=MEASURES[service],
    )


def billed(one: Compared, month: BillingMonth) -> Chart:
    """The twelve months up to a bill's; a month without one is a gap."""
    known = {billed.month: billed.quantity for billed in one.months}
    first = BillingMonth.from_ordinal(month.ordinal - MONTHS_SHOWN + 1)
    shown = months_between(first, month.next())
    titles = {
        Service.ELECTRICITY: _("Electricity by month"),
        Service.WATER: _("Water by month"),
    }
    return Chart(
        title=titles[one.service],
        labels=tuple(formats.month_name(each.month) for each in shown),
        series=(
            Series(_("These twelve months"), tuple(known.get(each.ordinal) for each in shown)),
        ),
        measure=MEASURES[one.service],
    )


def daily(days: tuple[DayUse, ...]) -> Chart | None:
    """Each of the last days that a smart meter told about; None for other accounts."""
    if not days:
        return None
    return Chart(
        title=_("Electricity by day, from the smart meter"),
        labels=tuple(formats.digits(f"{one.day.day}/{one.day.month}") for one in days),
        series=(Series(_("Each day"), tuple(one.wh for one in days)),),
        measure="energy",
    )
