"""Which day to look at, and what an agreement says."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.pages.fields import DayField
from tahseel.recovery.government.values import AgreementKind

NUMBER_LENGTH_MAX = 60
SUBJECT_LENGTH_MAX = 300
DAY_MIN = date(1990, 1, 1)


class DayForm(forms.Form):
    """The figures as they stood at the end of a day."""

    day = DayField(label=_("At the end of"), required=False)

    def __init__(self, *arguments: Any, today: date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.today = today

    def clean_day(self) -> date:
        """Today unless another day was asked for; nothing is known of the future."""
        day = self.cleaned_data["day"] or self.today
        if not DAY_MIN <= day <= self.today:
            raise forms.ValidationError(_("Nothing is known of this day."))
        return cast("date", day)


class AgreementForm(forms.Form):
    """An agreement with a body, as it was signed."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (AgreementKind.SUPPLY.value, _("Supply")),
            (AgreementKind.SETTLEMENT.value, _("Settlement of a debt")),
        ],
    )
    number = forms.CharField(label=_("Number"), max_length=NUMBER_LENGTH_MAX)
    subject_ar = forms.CharField(label=_("Subject in Arabic"), max_length=SUBJECT_LENGTH_MAX)
    subject_en = forms.CharField(
        label=_("Subject in English"), max_length=SUBJECT_LENGTH_MAX, required=False
    )
    from_day = DayField(label=_("From"))
    until_day = DayField(label=_("Until, not included"), required=False)


class AnnulForm(forms.Form):
    """Why an agreement should not be on record."""

    reason = forms.CharField(
        label=_("Why it should not be on record"), max_length=SUBJECT_LENGTH_MAX
    )


class EndForm(forms.Form):
    """The first day on which an agreement no longer holds."""

    until_day = DayField(label=_("First day without it"))
