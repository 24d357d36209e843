"""What a payer types."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.pages.fields import DayField
from tahseel.kernel.money import Money
from tahseel.kernel.period import Period
from tahseel.kernel.text import to_latin_digits

REFERENCE_LENGTH_MAX = 40
INTERVAL_DAYS_MAX = 3 * 366
REFERENCE = re.compile(r"[\w.-]+")


class ReferenceForm(forms.Form):
    """A bill number or the reference of a hold."""

    reference = forms.CharField(
        label=_("Bill number or reference"),
        help_text=_("As printed on the bill or told at the gate, for example H-2026-7K3M9QPD"),
        max_length=REFERENCE_LENGTH_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_reference(self) -> str:
        reference = to_latin_digits(self.cleaned_data["reference"]).strip().upper()
        if not REFERENCE.fullmatch(reference):
            raise forms.ValidationError(_("A reference has letters, digits and dashes only."))
        return reference


class PayForm(forms.Form):
    """How much of what is owed is paid now; `intent` is made with the page, so that a second
    press of the button is the same payment."""

    intent = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.CharField(
        label=_("Amount (KD)"),
        help_text=_("Three decimals, for example 15.750"),
        max_length=14,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def clean_amount(self) -> Money:
        text = to_latin_digits(self.cleaned_data["amount"])
        text = text.replace("٫", ".").replace(",", "").replace("٬", "")
        try:
            amount = Money.parse(text)
        except ValueError as error:
            raise forms.ValidationError(
                _("Write an amount in dinars with at most three decimals.")
            ) from error
        if amount.fils <= 0:
            raise forms.ValidationError(_("The amount must be above zero."))
        return amount

    def clean_intent(self) -> UUID:
        found = self.cleaned_data["intent"]
        assert isinstance(found, UUID)
        return found


class IntervalsForm(forms.Form):
    """Days whose intervals are wanted, both named ones included."""

    first_day = DayField(label=_("From"))
    last_day = DayField(label=_("To"), help_text=_("The file holds this day too."))

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and not 0 <= (last - first).days < INTERVAL_DAYS_MAX:
            raise forms.ValidationError(_("The last day follows the first, within three years."))
        return cleaned

    def period(self) -> Period:
        """The days, once the form is valid."""
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        return Period(first, last + timedelta(days=1))
