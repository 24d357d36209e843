"""A signed paper by which somebody takes over a debt, and why one is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.channels.pages.fields import DayField
from tahseel.kernel.money import Money

Choices = Sequence[tuple[str, str]]


class AssumptionForm(forms.Form):
    """Whose debt here is taken over, by whom, on which account, up to which sum."""

    assumption_id = forms.UUIDField(widget=forms.HiddenInput())
    debtor = forms.ChoiceField(label=_("Whose debt on this account"))
    to_number = forms.CharField(
        label=_("Account of the new debtor"),
        help_text=_("He must be liable there on the day on which he signed"),
        max_length=fields.NUMBER_LENGTH_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    who = fields.who_field(_("Civil or registration number of the new debtor"))
    amount = fields.number_field(_("Amount in dinars"))
    document = fields.text_field(_("Number of the signed paper"))
    signed_on = DayField(label=_("Signed on"))

    def __init__(self, *arguments: Any, debtors: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["debtor"].choices = list(debtors)  # type: ignore[attr-defined]

    def clean_amount(self) -> Money | None:
        """The sum, typed in Arabic or Latin digits."""
        return fields.money(self.cleaned_data["amount"])


class WithdrawAssumptionForm(forms.Form):
    """Which assumption is taken back, and why."""

    assumption = forms.ChoiceField(label=_("Signed paper"))
    reason = fields.text_field(_("Why it is taken back"))

    def __init__(self, *arguments: Any, standing: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["assumption"].choices = list(standing)  # type: ignore[attr-defined]


class MoveDebtForm(forms.Form):
    """By which paper, and which claims: the oldest due first, up to its sum."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    assumption = forms.ChoiceField(label=_("Signed paper"))
    claims = forms.MultipleChoiceField(
        label=_("Claims that move"),
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Number, due day, and what of it is open and undisputed"),
    )
    reason = fields.text_field(_("Why the debt moves"))

    def __init__(self, *arguments: Any, papers: Choices, owed: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["assumption"].choices = list(papers)  # type: ignore[attr-defined]
        self.fields["claims"].choices = list(owed)  # type: ignore[attr-defined]


class ReturnDebtForm(forms.Form):
    """Which debt is given back, and why."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    transfer = forms.ChoiceField(label=_("Debt that moved"))
    reason = fields.text_field(_("Why it is given back"))

    def __init__(self, *arguments: Any, standing: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["transfer"].choices = list(standing)  # type: ignore[attr-defined]
