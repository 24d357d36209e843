"""Which run is tried: a month, and whose; and asking for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.charging.billing.operations import AT_ONCE, HOURS
from tahseel.charging.billing.values import Wanted
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.text import to_latin_digits

Choices = Sequence[tuple[str, str]]


class PreviewForm(forms.Form):
    """A month, and where wanted a governorate, a reading cycle or a list of accounts."""

    month = fields.text_field(_("Month"), help_text=_("Such as 2026-07"))
    governorate = forms.ChoiceField(label=_("Governorate"), required=False)
    cycle = forms.ChoiceField(label=_("Reading cycle"), required=False)
    numbers = fields.text_field(
        _("Account numbers"), required=False, help_text=_("Leave it empty for every account")
    )

    def __init__(
        self, *arguments: Any, governorates: Choices, cycles: Choices, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        for name, known in (("governorate", governorates), ("cycle", cycles)):
            self.fields[name].choices = [("", _("All")), *known]  # type: ignore[attr-defined]

    def clean_month(self) -> BillingMonth:
        """The month. Raises ValidationError for what is none."""
        try:
            return BillingMonth.parse(to_latin_digits(self.cleaned_data["month"].strip()))
        except ValueError as error:
            raise forms.ValidationError(_("Give a month such as 2026-07.")) from error

    def clean_numbers(self) -> list[str]:
        """The numbers, apart."""
        told = to_latin_digits(self.cleaned_data["numbers"]).replace(",", " ").replace("،", " ")
        return told.split()


class AskForm(PreviewForm):
    """The run that was tried, unseen; when it may begin, and why it is to be made."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput)
    hour = forms.TypedChoiceField(label=_("When it may begin"), coerce=int)
    reason = fields.text_field(_("Reason"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in ("month", "governorate", "cycle", "numbers"):
            self.fields[name].widget = forms.HiddenInput()
        hours = [(hour, f"{hour:02d}:00") for hour in range(HOURS)]
        self.fields["hour"].choices = [  # type: ignore[attr-defined]
            (AT_ONCE, _("At once")),
            *hours,
        ]

    def wanted(self) -> Wanted:
        """Whose month is to be billed."""
        told = self.cleaned_data
        return Wanted(told["month"], told["governorate"], told["cycle"], tuple(told["numbers"]))


class CancelForm(forms.Form):
    """Why a run is called off."""

    reason = fields.text_field(_("Reason"))
