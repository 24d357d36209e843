"""Which bill is corrected and why; which review of bills is closed, and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.channels.metering.queries import ORDER_KINDS
from tahseel.charging.billing.operations import KINDS


class RebillForm(forms.Form):
    """One of the account's bills, and why it is wrong."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    bill = forms.ChoiceField(label=_("Bill"))
    reason = fields.text_field(
        _("Why it is wrong"), help_text=_("Such as the number of the complaint, or the read")
    )

    def __init__(self, *arguments: Any, bills: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["bill"].choices = list(bills)  # type: ignore[attr-defined]


class MisdirectedForm(forms.Form):
    """One of the account's reviews, and what was done about its bills."""

    work = forms.ChoiceField(label=_("Bills to look at again"))
    reason = fields.text_field(_("What was done"))

    def __init__(self, *arguments: Any, waiting: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["work"].choices = list(waiting)  # type: ignore[attr-defined]


class ReleaseForm(forms.Form):
    """One of the account's held bills, and why it is right as it is."""

    approval_id = forms.UUIDField(widget=forms.HiddenInput())
    held = forms.ChoiceField(label=_("Held bill"))
    reason = fields.text_field(
        _("Why it is right"), help_text=_("Such as what the customer said, or the crew found")
    )

    def __init__(self, *arguments: Any, held: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["held"].choices = list(held)  # type: ignore[attr-defined]


class CrewForm(forms.Form):
    """To which meter of a held bill a crew is sent, and what for."""

    order_id = forms.UUIDField(widget=forms.HiddenInput())
    meter = forms.ChoiceField(label=_("Meter"))
    kind = forms.ChoiceField(
        label=_("What to do"), choices=[(str(kind), ORDER_KINDS[kind]) for kind in KINDS]
    )
    task = fields.text_field(_("What to look for"))

    def __init__(self, *arguments: Any, devices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["meter"].choices = list(devices)  # type: ignore[attr-defined]
