"""The home page: what was collected since 1 April, against the same days of last year."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tahseel.channels.cockpit import queries
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Chart, Series
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import local_day
from tahseel.trust.access.guards import GuardedRequest, public


@public
def home(request: GuardedRequest) -> HttpResponse:
    """Sums of the whole utility: open to everybody, about nobody."""
    today = local_day(request.at)
    found = queries.collection(as_of=today)
    context = {
        "collection": found,
        "recovery": queries.recovery(as_of=today),
        "chart": _chart(found),
        "change": _change(found),
        "grew": found.collected >= found.before,
    }
    return render(request, "cockpit/home.html", context)


def _chart(found: queries.Collection) -> Chart:
    return Chart(
        title=_("Collected by month of the fiscal year"),
        labels=tuple(formats.month_name(month.month) for month in found.months),
        series=(
            Series(
                name=formats.digits(str(found.year)),
                values=tuple(None if m is None else m.fils for m in found.by_month),
            ),
            Series(
                name=formats.digits(str(found.year.previous())),
                values=tuple(m.fils for m in found.by_month_before),
            ),
        ),
        measure="money",
    )


def _change(found: queries.Collection) -> str:
    """Growth in percent with one decimal and its sign; empty when last year had nothing."""
    if found.before.fils <= 0:
        return ""
    tenths = round_half_up((found.collected - found.before).fils * 1000, found.before.fils)
    sign = "+" if tenths > 0 else "-" if tenths < 0 else ""
    return formats.digits(f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}%")
