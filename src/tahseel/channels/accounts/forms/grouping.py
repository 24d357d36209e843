"""Which accounts come under a main account, when one leaves it, and of which day to add up."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.channels.pages.fields import DayField
from tahseel.registry.supply import rules

NUMBERS_MAX = 500
TEXT_MAX = 16 * NUMBERS_MAX
DAY_MIN = date(1990, 1, 1)


class ChildrenForm(forms.Form):
    """Numbers of accounts as they come from a list: one a line, or with commas between."""

    numbers = forms.CharField(
        label=_("Numbers of the accounts"),
        help_text=_("One a line, or with commas between; up to 500 at once"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr", "autocomplete": "off"}),
    )
    from_day = DayField(label=_("First day"))
    until_day = DayField(
        label=_("First day without it"), required=False, help_text=_("Empty while no end is known")
    )
    agreement = fields.text_field(_("Number of the agreement"), required=False)

    def clean_numbers(self) -> list[str]:
        """Plain numbers, each once."""
        found: dict[str, None] = {}
        for text in self.cleaned_data["numbers"].replace(",", "\n").replace("،", "\n").split("\n"):
            if not text.strip():
                continue
            try:
                found[rules.check_account_number(text.strip())] = None
            except ValueError as wrong:
                raise forms.ValidationError(
                    _("%(text)s is no account number."), params={"text": text.strip()[:24]}
                ) from wrong
        if len(found) > NUMBERS_MAX:
            raise forms.ValidationError(_("These are too many at once."))
        return list(found)

    def clean(self) -> dict[str, Any]:
        """It lasts at least a day."""
        given = super().clean() or self.cleaned_data
        begins, ends = given.get("from_day"), given.get("until_day")
        if begins and ends and ends <= begins:
            self.add_error("until_day", _("This lies before the first day."))
        return given


class LeaveForm(forms.Form):
    """From which day on the account stands for itself, and why."""

    on_day = DayField(label=_("First day without it"))
    reason = fields.text_field(_("Why"))


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
