"""What a deed of succession says: the heirs of somebody who died, and the part of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.forms import fields
from tahseel.channels.pages.fields import DayField
from tahseel.kernel.text import to_latin_digits

HEIRS_SHOWN, HEIRS_MAX = 4, 40
WHOLE_MAX = 1_000_000


def _rows(data: Any) -> int:
    """How many rows the form that was sent had."""
    sent = str(data.get("rows", "")) if data is not None else ""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else HEIRS_SHOWN


class EstateForm(forms.Form):
    """Nothing to type: the day of death is on record."""


class HeirsForm(forms.Form):
    """The deed, into how many parts it divides the whole, and the parts of each heir.

    It grows by a button, with what was typed kept, because the shares of all make one whole.
    """

    twin = True
    more = _("More heirs")
    rows = forms.IntegerField(
        widget=forms.HiddenInput(), min_value=1, max_value=HEIRS_MAX, initial=HEIRS_SHOWN
    )
    deceased = forms.ChoiceField(label=_("Estate of"))
    deed = fields.text_field(_("Number of the deed of succession"))
    from_day = DayField(label=_("In force from"))
    whole = forms.IntegerField(
        label=_("Parts of the whole"),
        help_text=_("Such as 24, as the deed divides it"),
        min_value=1,
        max_value=WHOLE_MAX,
    )

    def __init__(
        self, data: Any = None, *, estates: Sequence[tuple[str, str]], **options: Any
    ) -> None:
        grows = data is not None and "more" in data
        self.count = _rows(data) + (HEIRS_SHOWN if grows else 0)
        if grows:
            options["initial"] = {**data.dict(), "rows": min(self.count, HEIRS_MAX)}
        super().__init__(None if grows else data, **options)
        self.count = min(self.count, HEIRS_MAX)
        self.fields["deceased"].choices = list(estates)  # type: ignore[attr-defined]
        for number in range(1, self.count + 1):
            first = number == 1
            self.fields[f"heir_{number}"] = fields.who_field(
                _("Civil number of heir %(number)s") % {"number": number},
                required=first,
                help_text="",
            )
            self.fields[f"parts_{number}"] = fields.number_field(
                _("Parts of heir %(number)s") % {"number": number}, mode="numeric", required=first
            )

    def clean(self) -> dict[str, Any]:
        """Whoever is named has a part, and a part has its heir."""
        given = super().clean() or self.cleaned_data
        heirs: list[tuple[str, int]] = []
        for number in range(1, self.count + 1):
            who = str(given.get(f"heir_{number}", "")).strip()
            parts = to_latin_digits(str(given.get(f"parts_{number}", ""))).strip()
            if bool(who) is not bool(parts):
                self.add_error(f"parts_{number}", _("An heir is named with his parts."))
            elif parts and not (parts.isascii() and parts.isdigit()):
                self.add_error(f"parts_{number}", _("This is not a whole number."))
            elif who:
                heirs.append((who, int(parts)))
        given["heirs"] = heirs
        return given
