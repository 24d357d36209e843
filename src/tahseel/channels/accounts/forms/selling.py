"""What an outlet delivered, a file of deliveries, and an outlet or a load that begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.channels.pages.fields import DayField
from tahseel.kernel.text import to_latin_digits

UNITS = [
    ("1000 IG", _("thousand imperial gallons")),
    ("IG", _("imperial gallons")),
    ("m3", _("cubic metres")),
    ("L", _("litres")),
]
COUNT_DIGITS_MAX = 7


class DeliveryForm(forms.Form):
    """One delivery, typed from its paper."""

    outlet = forms.ChoiceField(label=_("Outlet"))
    day = DayField(label=_("Day"))
    document = fields.text_field(_("Number of the delivery note"))
    quantity = fields.number_field(
        _("Quantity"), help_text=_("Zero says that nothing was sold in the month")
    )
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS)

    def __init__(self, *arguments: Any, outlets: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["outlet"].choices = list(outlets)  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """A delivery file as a station sends it."""

    file = forms.FileField(
        label=_("Delivery file"), help_text=_("CSV: outlet, day, document, quantity, unit")
    )


class OutletForm(forms.Form):
    """Something of the account that is billed without a meter."""

    id = forms.UUIDField(widget=forms.HiddenInput())
    code = fields.text_field(_("Code of the outlet"))
    kind = forms.ChoiceField(label=_("Kind"))
    from_day = DayField(label=_("From"))
    count = fields.number_field(_("Count, of lights or cameras"), mode="numeric", required=False)
    watts = fields.number_field(_("Load of each in watts"), mode="numeric", required=False)

    def __init__(self, *arguments: Any, kinds: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]

    def clean_count(self) -> int:
        return self._whole("count")

    def clean_watts(self) -> int:
        return self._whole("watts")

    def _whole(self, name: str) -> int:
        plain = to_latin_digits(self.cleaned_data[name]).strip() or "0"
        if not plain.isdecimal() or len(plain) > COUNT_DIGITS_MAX:
            raise forms.ValidationError(_("This is not a whole number."))
        return int(plain)


class OutletEndForm(forms.Form):
    """The day from which an outlet of the account sells no more."""

    outlet = forms.ChoiceField(label=_("Outlet"))
    until_day = DayField(label=_("Ends on"))

    def __init__(self, *arguments: Any, outlets: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["outlet"].choices = list(outlets)  # type: ignore[attr-defined]
