"""Which days of the books are shown, and what a manager asks to be done to a month of them."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.channels.pages.fields import DayField
from tahseel.kernel.period import DAY_MAX, DAY_MIN, BillingMonth
from tahseel.kernel.text import to_latin_digits

CLOSE, REOPEN, ACCRUE = "close", "reopen", "accrue"


def month_field(**options: Any) -> forms.CharField:
    """A month, as the browser's own calendar gives it."""
    widget = forms.TextInput(attrs={"type": "month", "autocomplete": "off"})
    return forms.CharField(label=_("Month"), max_length=7, widget=widget, **options)


def month_of(text: str) -> BillingMonth | None:
    """The month as typed, None for nothing. Raises ValidationError."""
    plain = to_latin_digits(text).strip()
    if not plain:
        return None
    try:
        month = BillingMonth.parse(plain)
    except ValueError as wrong:
        raise forms.ValidationError(_("A month is written 2026-04.")) from wrong
    if not DAY_MIN.year <= month.year <= DAY_MAX.year:
        raise forms.ValidationError(_("A month is written 2026-04."))
    return month


class TrialForm(forms.Form):
    """The trial balance at the end of a day, or of the business days of a month."""

    day = DayField(label=_("At the end of"), required=False)
    month = month_field(required=False)

    def __init__(self, *arguments: Any, today: date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.today = today

    def clean_day(self) -> date | None:
        """A day that has come."""
        day = cast("date | None", self.cleaned_data["day"])
        if day is not None and day > self.today:
            raise forms.ValidationError(_("Nothing is known of this day."))
        return day

    def clean_month(self) -> BillingMonth | None:
        return month_of(self.cleaned_data["month"])


class BooksForm(forms.Form):
    """What is to be done to a month, and why."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    act = forms.ChoiceField(
        label=_("What is asked for"),
        choices=[
            (ACCRUE, _("Post the end of the month: unbilled and doubtful")),
            (CLOSE, _("Close the month")),
            (REOPEN, _("Open the month again")),
        ],
    )
    month = month_field()
    reason = fields.text_field(_("Why"))

    def clean_month(self) -> BillingMonth:
        month = month_of(self.cleaned_data["month"])
        if month is None:
            raise forms.ValidationError(_("A month is written 2026-04."))
        return month


class SpanForm(forms.Form):
    """From which day to which a statement is; the last ninety days if none is named."""

    since = DayField(label=_("From the day"), required=False)
    until = DayField(label=_("To the day"), required=False)

    def __init__(self, *arguments: Any, today: date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Both days, in order. Raises ValidationError."""
        given = super().clean() or self.cleaned_data
        until = given.get("until") or self.today
        since = given.get("since") or max(DAY_MIN, date.fromordinal(until.toordinal() - 90))
        if since > until:
            raise forms.ValidationError(_("The first day comes before the last."))
        return {**given, "since": since, "until": until}
