"""What is charged or credited and why; which charge is taken back, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.channels.pages.fields import DayField
from tahseel.kernel.money import Money


class ChargeForm(forms.Form):
    """A kind of the catalogue, its cause, the amount where it is not fixed, and the evidence."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    kind = forms.ChoiceField(label=_("Item"))
    cause = fields.text_field(
        _("Number of the paper that is the cause"),
        help_text=_("Report, order, complaint or claim: one cause is charged once"),
    )
    amount = fields.number_field(
        _("Amount in dinars"), required=False, help_text=_("Leave it empty where it is fixed")
    )
    evidence = fields.text_field(_("Evidence"), help_text=_("What proves it, and where it is kept"))

    def __init__(self, *arguments: Any, kinds: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]

    def clean_amount(self) -> Money | None:
        """The sum, typed in Arabic or Latin digits; None for nothing."""
        return fields.money(self.cleaned_data["amount"])


class TakeBackForm(forms.Form):
    """One of the account's charges or credits, and why it is taken back."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    charge = forms.ChoiceField(label=_("Charge or credit"))
    reason = fields.text_field(_("Why it is taken back"))

    def __init__(self, *arguments: Any, standing: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["charge"].choices = list(standing)  # type: ignore[attr-defined]


class LeakForm(forms.Form):
    """The month in which water ran away, when the leak was repaired, and what proves it."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    bill = forms.ChoiceField(
        label=_("Month of the leak"), help_text=_("Billed for water, by the allowance, difference")
    )
    repaired_on = DayField(label=_("Repaired on"))
    report = fields.text_field(_("Number of the repair report"))

    def __init__(self, *arguments: Any, bills: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["bill"].choices = list(bills)  # type: ignore[attr-defined]


class PayOverForm(forms.Form):
    """By which order what was collected is paid over."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    reference = fields.text_field(_("Number of the transfer order"))
