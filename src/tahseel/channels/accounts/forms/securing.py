"""A deposit as it is laid on the counter, a refund of one, and why a demand is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.books.deposits.values import DepositKind, NewDeposit
from tahseel.channels.accounts.forms import fields
from tahseel.channels.pages.fields import DayField
from tahseel.kernel.money import Money

NONE, CASH, TERMINAL, GUARANTEE = "none", "cash", "knet_terminal", "guarantee"
TENDERS = [
    (CASH, _("Cash")),
    (TERMINAL, _("K-Net terminal")),
    (GUARANTEE, _("Bank guarantee")),
]
Choices = Sequence[tuple[str, str]]


def waiver_field() -> forms.CharField:
    """Why less is taken than the country asks for."""
    return fields.text_field(
        _("Why less is taken"),
        help_text=_("Only a head of office or a revenue manager may take less"),
        required=False,
    )


class DepositFields(forms.Form):
    """Money by a tender, or a bank's guarantee. The id is made before the form is shown."""

    deposit_id = forms.UUIDField(widget=forms.HiddenInput())
    tender = forms.ChoiceField(
        label=_("Deposit"),
        choices=[*TENDERS, (NONE, _("No deposit"))],
    )
    amount = fields.number_field(_("Amount in dinars"), required=False)
    issuer = fields.text_field(_("Bank of the guarantee"), required=False)
    reference = fields.text_field(_("Number of the guarantee or receipt"), required=False)
    expires_on = DayField(label=_("The guarantee ends on"), required=False)

    def clean_amount(self) -> Money | None:
        """The sum, typed in Arabic or Latin digits."""
        return fields.money(self.cleaned_data["amount"])

    def clean(self) -> dict[str, Any]:
        """A deposit has its sum, a guarantee its bank, number and end."""
        given = super().clean() or self.cleaned_data
        needed = {
            CASH: ["amount"],
            TERMINAL: ["amount"],
            GUARANTEE: ["amount", "issuer", "reference", "expires_on"],
        }
        for name in needed.get(str(given.get("tender")), []):
            if name in given and not given[name]:
                self.add_error(name, _("This is needed for the deposit."))
        return given

    def given_deposit(
        self, *, account_id: UUID, customer_id: UUID, taken_on: date
    ) -> NewDeposit | None:
        """The deposit as typed, or None where none is laid down or none was asked for."""
        if self.cleaned_data.get("tender", NONE) == NONE:
            return None
        return self.new_deposit(account_id=account_id, customer_id=customer_id, taken_on=taken_on)

    def new_deposit(self, *, account_id: UUID, customer_id: UUID, taken_on: date) -> NewDeposit:
        """The deposit as typed."""
        given = self.cleaned_data
        guarantee = given["tender"] == GUARANTEE
        return NewDeposit(
            account_id=account_id,
            id=given["deposit_id"],
            customer_id=customer_id,
            kind=DepositKind.GUARANTEE if guarantee else DepositKind.CASH,
            amount=given["amount"],
            taken_on=taken_on,
            tender="" if guarantee else given["tender"],
            issuer=given["issuer"] if guarantee else "",
            reference=given["reference"],
            expires_on=given["expires_on"] if guarantee else None,
        )


class DepositForm(DepositFields):
    """A deposit of somebody who lives there already."""

    field_order = ("deposit_id", "holder")
    holder = forms.ChoiceField(label=_("Whose deposit"))

    def __init__(self, *arguments: Any, holders: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["holder"].choices = list(holders)  # type: ignore[attr-defined]
        self.fields["tender"].choices = TENDERS  # type: ignore[attr-defined]


class RefundForm(forms.Form):
    """To which account at a bank, and by which paper of the customer."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    deposit = forms.ChoiceField(label=_("Deposit"))
    iban = forms.CharField(
        label=_("IBAN"),
        help_text=_("Of the holder of the deposit; it is kept sealed"),
        max_length=48,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    reason = fields.text_field(
        _("Request of the customer"), help_text=_("The number of the request, or what was shown")
    )

    def __init__(self, *arguments: Any, due: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["deposit"].choices = list(due)  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """Whose deposits meet his debts and end."""

    holder = forms.ChoiceField(label=_("Whose deposit"))

    def __init__(self, *arguments: Any, holders: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["holder"].choices = list(holders)  # type: ignore[attr-defined]


class NoDemandForm(forms.Form):
    """Why no more is demanded."""

    reason = fields.text_field(_("Why it is taken back"))
