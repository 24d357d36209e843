"""A payment over many accounts, with the advice that says which claims it is for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.channels.pages.fields import DayField
from tahseel.kernel.money import Money


class RemittanceForm(forms.Form):
    """Sum, day and number of the transfer, and the advice."""

    id = forms.UUIDField(widget=forms.HiddenInput())
    amount = fields.number_field(_("Amount in dinars"))
    business_date = DayField(label=_("Day"))
    reference = fields.text_field(_("Number of the transfer"))
    advice = forms.FileField(
        label=_("Remittance advice"), help_text=_("CSV: reference, amount; it adds up to the sum")
    )

    def clean_amount(self) -> Money | None:
        """The sum, typed in Arabic or Latin digits."""
        return fields.money(self.cleaned_data["amount"])
