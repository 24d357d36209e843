"""What of a story somebody wants to see."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.pages.fields import DayField
from tahseel.channels.timeline import rules
from tahseel.channels.timeline.values import Wanted
from tahseel.kernel.history import Mark

ID_LENGTH_MAX = 100
MARK_LENGTH_MAX = 200
FAMILIES = {
    "": _("Everything"),
    "customers": _("The person"),
    "premises": _("The place"),
    "meters": _("The meters"),
    "supply": _("Liability and roles"),
    "readings": _("Readings"),
    "billing": _("Bills"),
    "claims": _("Claims"),
    "payments": _("Payments"),
    "deposits": _("Deposits"),
    "ledger": _("Ledger"),
    "notices": _("Notices"),
    "collections": _("Collection"),
    "government": _("Agreements"),
    "clearance": _("Holds"),
    "log": _("Other acts and attempts"),
}


class WantedForm(forms.Form):
    """Filters; they stand in the address, which holds ids and codes but nothing of a person."""

    what = forms.ChoiceField(label=_("What"), required=False)
    until = DayField(label=_("Up to the day"), required=False)
    who = forms.CharField(required=False, max_length=ID_LENGTH_MAX, widget=forms.HiddenInput)
    before = forms.CharField(required=False, max_length=MARK_LENGTH_MAX, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["what"].choices = list(FAMILIES.items())  # type: ignore[attr-defined]

    def clean_before(self) -> Mark | None:
        """Where the last page ended."""
        text = self.cleaned_data["before"]
        try:
            return rules.mark_of(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(_("This page of the story is not there.")) from error

    def wanted(self) -> Wanted:
        """The filters of a valid form."""
        given = self.cleaned_data
        return Wanted(given["what"], given["who"], given["until"], given["before"])
