"""A price book to try: its file, and the months that are over on which it is tried."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.text import to_latin_digits

MONTHS = (1, 3, 6, 12, 24)


class TryBookForm(forms.Form):
    """The file as it stands, the last month, and how many."""

    book_id = forms.UUIDField(widget=forms.HiddenInput())
    content = forms.FileField(label=_("The file of the price book (TOML)"))
    until = fields.text_field(_("The last of the months"), help_text=_("Such as 2026-07"))
    count = forms.TypedChoiceField(
        label=_("How many months"), choices=[(n, str(n)) for n in MONTHS], coerce=int, initial=12
    )

    def clean_until(self) -> BillingMonth:
        """The month. Raises ValidationError for what is none."""
        try:
            return BillingMonth.parse(to_latin_digits(self.cleaned_data["until"].strip()))
        except ValueError as error:
            raise forms.ValidationError(_("Give a month such as 2026-07.")) from error

    def months(self) -> list[BillingMonth]:
        """Those on which the book is tried, the oldest first."""
        told: dict[str, Any] = self.cleaned_data
        last = told["until"].ordinal
        return [BillingMonth.from_ordinal(last - back) for back in range(told["count"])][::-1]


class AskBookForm(forms.Form):
    """Why the book is right."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    reason = fields.text_field(_("Reason"))
