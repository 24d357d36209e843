"""What people say about reads that failed a rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.metering.queries import ORDER_KINDS
from tahseel.channels.pages.fields import DayField
from tahseel.kernel.quantity import Energy, Service, Volume

TEXT_LENGTH_MAX = 400


class ReasonForm(forms.Form):
    """Why somebody decides so."""

    reason = forms.CharField(label=_("Reason"), max_length=TEXT_LENGTH_MAX)


class EditForm(ReasonForm):
    """What the days came to, and how it is known."""

    amount = forms.DecimalField(max_digits=12, decimal_places=3, min_value=0)
    field_order = ("amount", "reason")

    def __init__(self, *arguments: Any, service: Service, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.service = service
        power = service is Service.ELECTRICITY
        self.fields["amount"].label = (
            _("All the days together, kWh") if power else _("All the days together, gallons")
        )

    def clean_amount(self) -> Decimal:
        """Gallons are whole."""
        amount = cast("Decimal", self.cleaned_data["amount"])
        if self.service is Service.WATER and amount != amount.to_integral_value():
            raise forms.ValidationError(_("Gallons are counted whole."))
        return amount

    def quantity(self) -> int:
        """In Wh or litres."""
        amount: Decimal = self.cleaned_data["amount"]
        if self.service is Service.ELECTRICITY:
            return Energy.from_kwh(amount).wh
        return Volume.from_imperial_gallons(int(amount)).litres


class OrderForm(forms.Form):
    """What a crew is to do."""

    kind = forms.ChoiceField(
        label=_("What to do"),
        choices=[*ORDER_KINDS.items()],
        help_text=_(
            "An order changes nothing on record. Supply is disconnected and reconnected on record"
            " where disconnections are decided."
        ),
    )
    task = forms.CharField(label=_("What to look for"), max_length=TEXT_LENGTH_MAX)


class ReportForm(forms.Form):
    """What a crew did and found."""

    done = forms.ChoiceField(
        label=_("Was it done?"), choices=[("yes", _("Done")), ("no", _("Could not be done"))]
    )
    done_on = DayField(label=_("On which day"))
    result = forms.CharField(label=_("What was found"), max_length=TEXT_LENGTH_MAX)
