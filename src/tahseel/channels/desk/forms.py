"""What the exit officer and the counter type."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.desk.values import GATE_NAMES
from tahseel.channels.pages import formats
from tahseel.kernel.ids import CivilId
from tahseel.recovery.clearance.values import Gate

CIVIL_ID_LENGTH_MAX = 24
FIND_LENGTH_MAX = 80


def gate_choices() -> list[tuple[str, str]]:
    """Every gate by its name in the language of the page."""
    return [
        (gate.value, formats.by_language(ar=ar, en=en)) for gate, (ar, en) in GATE_NAMES.items()
    ]


class CheckForm(forms.Form):
    """One person at one gate."""

    civil_id = forms.CharField(
        label=_("Civil number"),
        help_text=_("12 digits, as on the card"),
        max_length=CIVIL_ID_LENGTH_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    gate = forms.ChoiceField(label=_("Gate"), choices=gate_choices)

    def clean_civil_id(self) -> CivilId:
        """The checked identifier; what was typed is never repeated in the message."""
        try:
            return CivilId.parse(self.cleaned_data["civil_id"])
        except ValueError as error:
            raise forms.ValidationError(_("This is not a valid civil number.")) from error

    def clean_gate(self) -> Gate:
        return Gate(self.cleaned_data["gate"])


class FindForm(forms.Form):
    """Anything by which a customer is known. It is posted: an address must hold no number."""

    text = forms.CharField(
        label=_("Customer, account or meter"),
        help_text=_(
            "Name in Arabic or Latin letters, civil number, mobile, account or meter number"
        ),
        max_length=FIND_LENGTH_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
