"""The page of components, and the two choices that anyone may make: language and theme."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from tahseel.channels.pages import formats
from tahseel.channels.pages.context import THEME_COOKIE, THEMES
from tahseel.channels.pages.fields import DayField
from tahseel.channels.pages.values import Chart, Crumb, Link, Pill, Ref, Series, Step
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Energy, Volume
from tahseel.trust.access.guards import public

THEME_COOKIE_AGE_S = 365 * 24 * 3600
ICONS = (
    *("zap", "droplet", "wallet", "file-text", "receipt-text", "hand-coins"),
    *("credit-card", "search", "user", "users", "building-2", "house"),
    *("gauge", "plane", "calendar", "clock", "shield-check", "lock"),
    *("bell", "eye", "ban", "check", "circle-check", "circle-alert"),
    *("triangle-alert", "octagon-alert", "info", "trending-up", "trending-down", "chart-column"),
    *("map-pin", "phone", "download", "external-link", "arrow-right", "chevron-right"),
    *("inbox"),
)

LOADS_WH = (2869, 2312, 2019, 2104, 2301, 2807, 4295, 4823, 5532, 5604, 5373, 4286)
THIS_YEAR_FILS = (41_210, 88_940, 139_415, 195_020, 251_760, 309_115, 362_440, 401_380)
LAST_YEAR_FILS = (36_020, 79_300, 121_880, 171_450, 222_300, 270_910, 318_770, 352_640)


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language and go back to the page."""
    return set_language(request)


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's choice, and go back to the page."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(THEME_COOKIE, chosen, max_age=THEME_COOKIE_AGE_S, samesite="Lax")
    return response


class SampleForm(forms.Form):
    """One field of each sort."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        gates = [("exit", _("Leaving the country")), ("transfer", _("Transfer of residence"))]
        self.fields["civil_id"] = forms.CharField(
            label=_("Civil number"), help_text=_("12 digits, as on the card"), max_length=12
        )
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount in dinars"), max_digits=9, decimal_places=3
        )
        self.fields["gate"] = forms.ChoiceField(label=_("Transaction"), choices=gates)
        self.fields["remark"] = forms.CharField(
            label=_("Remark"), required=False, widget=forms.Textarea(attrs={"rows": 2})
        )
        self.fields["channel"] = forms.ChoiceField(
            label=_("How to tell the person"),
            choices=[("sms", _("Text message")), ("letter", _("Letter"))],
            widget=forms.RadioSelect,
            initial="sms",
        )
        self.fields["agreed"] = forms.BooleanField(label=_("The person has seen the amount"))


class SampleChoice(forms.Form):
    """A short form without mistakes, as a row of its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["day"] = DayField(label=_("Day"))
        self.fields["intent"] = forms.CharField(widget=forms.HiddenInput, initial="sample")


def sample_messages() -> list[Message]:
    """What the page before may have left to be said."""
    return [
        Message(messages.SUCCESS, _("The payment was taken.")),
        Message(messages.ERROR, _("The device did not answer.")),
    ]


def sample_bills() -> list[dict[str, object]]:
    """Rows for the table; states as a bill knows them."""
    return [
        {
            "number": "1011-2026",
            "month": 202610,
            "due": date(2026, 11, 30),
            "amount": Money(15_696),
            "state": Pill(_("Due"), "warning"),
        },
        {
            "number": "0911-2026",
            "month": 202609,
            "due": date(2026, 10, 31),
            "amount": Money(18_240),
            "state": Pill(_("Overdue"), "bad"),
        },
        {
            "number": "0811-2026",
            "month": 202608,
            "due": date(2026, 9, 30),
            "amount": Money(21_675),
            "state": Pill(_("Paid"), "good"),
        },
        {
            "number": "0711-2026",
            "month": 202607,
            "due": date(2026, 8, 31),
            "amount": Money(1_020_990),
            "state": Pill(_("Partly paid"), "info"),
        },
        {
            "number": "0611-2026",
            "month": 202606,
            "due": date(2026, 7, 31),
            "amount": Money(-3_250),
            "state": Pill(_("Reversed"), "neutral"),
        },
    ]


def sample_charts() -> dict[str, Chart]:
    """A year of consumption with a month that has no data, and two fiscal years."""
    months = [(2025, n) for n in (11, 12)] + [(2026, n) for n in range(1, 11)]
    names = tuple(formats.month_name(month) for _year, month in months)
    loads = [None if n == 3 else load * 1000 for n, load in enumerate(LOADS_WH)]
    return {
        "use": Chart(
            title=_("Electricity over twelve months"),
            labels=names,
            series=(Series(_("Consumption"), tuple(loads)),),
            measure="energy",
            description=_("Highest in August; no reading in February"),
            highlight=11,
        ),
        "pair": Chart(
            title=_("Water, this year and last"),
            labels=tuple(formats.month_name(n) for n in range(5, 11)),
            series=(
                Series(_("This year"), (40_500, 43_100, 47_900, 48_200, 45_000, 40_480)),
                Series(_("Last year"), (38_900, 44_000, 45_100, None, 43_300, 41_200)),
            ),
            measure="volume",
        ),
        "collected": Chart(
            title=_("Collected since 1 April"),
            labels=tuple(formats.month_name(n) for n in range(4, 12)),
            series=(
                Series(_("This year"), tuple(n * 1_000_000 for n in THIS_YEAR_FILS)),
                Series(_("Last year"), tuple(n * 1_000_000 for n in LAST_YEAR_FILS)),
            ),
            measure="money",
            kind="line",
        ),
    }


def sample_steps() -> list[Step]:
    """A release as it is measured, from the capture to the answer."""
    at = datetime(2026, 11, 23, 9, 14, 7, tzinfo=UTC)
    return [
        Step(_("Payment captured"), "done", at, _("Confirmed by inquiry")),
        Step(_("Posted, claim closed"), "done", at, took_ms=18),
        Step(_("Hold lifted"), "done", at, took_ms=41),
        Step(_("Gateway answers clear"), "current", at, took_ms=64),
        Step(_("Partner told"), "waiting"),
    ]


def samples(direction: str) -> dict[str, object]:
    """Everything that one half of the page shows, in the active language."""
    form = SampleForm(
        {"civil_id": "2840", "gate": "exit", "channel": "sms"}, auto_id=f"{direction}_%s"
    )
    at = datetime(2026, 11, 23, 9, 14, 7, tzinfo=UTC)
    return {
        "half": direction,
        "form": form,
        "choice": SampleChoice(auto_id=f"{direction}_%s"),
        "messages": sample_messages(),
        "bills": sample_bills(),
        "steps": sample_steps(),
        "pages": Paginator(range(240), 20).get_page(4),
        "crumbs": [Crumb(_("Home"), "/"), Crumb(_("Accounts"), "/"), Crumb(_("Account"))],
        "stages": [_("Find"), _("Check"), _("Pay"), _("Receipt")],
        "refused": NotAllowed(),
        "balance": Money(33_936),
        "negative": Money(-1_250_400),
        "energy": Energy(4_286_400),
        "water": Volume(40_483),
        "at": at,
        "day": date(2026, 11, 23),
        "start": date(2026, 10, 1),
        "until": date(2026, 11, 1),
        "facts": [
            (_("Electricity meter"), Ref("KE43384242")),
            (_("Civil number"), Ref("•••••••41237")),
            (_("Telephone"), Ref("+965 ••••4120")),
            (_("Balance due"), Money(33_936)),
            (_("Last reading"), date(2026, 10, 31)),
            (_("State"), Pill(_("Active"), "good")),
            (_("Contract"), Link(_("Open the contract"), "#top")),
            (_("Left on"), None),
        ],
        "icons": ICONS,
        **sample_charts(),
    }


@public
@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component in both directions, with made-up figures."""
    halves = []
    for code, direction in (("ar", "rtl"), ("en", "ltr")):
        with override(code):
            halves.append({"code": code, "direction": direction, "samples": samples(direction)})
    return render(request, "pages/components.html", {"halves": halves})
