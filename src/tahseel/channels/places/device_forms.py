"""What is typed about a meter and about how a unit is supplied: seals, stores, ratios, sharing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.pages.fields import DayField
from tahseel.channels.places.forms import REFERENCE_MAX, sectors
from tahseel.channels.places.queries import word
from tahseel.channels.places.values import SEAL_NAMES, STOCK_NAMES
from tahseel.kernel.text import to_latin_digits
from tahseel.registry.meters.values import MeterView, SealFound, StockState
from tahseel.registry.premises.values import Sector

Choices = Sequence[tuple[str, str]]
NUMBER_MAX, DIAL_MAX = 32, 24
SHARE_MAX, RATIO_MAX, DWELLINGS_MAX = 1_000_000, 100_000, 1_000
DIAL = re.compile(r"[0-9]+(\.[0-9]+)?")


def _states() -> list[tuple[str, str]]:
    return [(state.value, word(STOCK_NAMES, state)) for state in StockState]


def _found() -> list[tuple[str, str]]:
    return [(found.value, word(SEAL_NAMES, found)) for found in SealFound]


class SectorForm(forms.Form):
    """Which sector a unit is of from a day on, and how many homes are behind its meter."""

    sector = forms.ChoiceField(label=_("Sector"), choices=sectors)
    dwellings = forms.IntegerField(
        label=_("Homes behind the meter"), min_value=1, max_value=DWELLINGS_MAX, initial=1
    )
    from_day = DayField(label=_("From day"))

    def clean_sector(self) -> Sector:
        return Sector(self.cleaned_data["sector"])


class ThroughForm(forms.Form):
    """Through which point of another unit of the building this one is supplied."""

    point = forms.ChoiceField(label=_("Point of the other unit"))
    share = forms.IntegerField(
        label=_("Share"),
        help_text=_("The weight of this unit when the quantity is allotted"),
        min_value=1,
        max_value=SHARE_MAX,
        initial=1,
    )
    from_day = DayField(label=_("From day"))

    def __init__(self, *arguments: Any, points: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["point"].choices = list(points)  # type: ignore[attr-defined]


class SeparateForm(forms.Form):
    """From which day on a unit is no longer behind the meter of another."""

    point = forms.ChoiceField(label=_("Point of the other unit"))
    on_day = DayField(label=_("First day without it"))

    def __init__(self, *arguments: Any, points: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["point"].choices = list(points)  # type: ignore[attr-defined]


class StockForm(forms.Form):
    """Where a device is that hangs nowhere."""

    state = forms.ChoiceField(label=_("State"), choices=_states)
    store = forms.CharField(label=_("Store"), max_length=NUMBER_MAX, required=False)
    on_day = DayField(label=_("From day"))
    reference = forms.CharField(label=_("Paper"), max_length=REFERENCE_MAX, required=False)

    def clean_state(self) -> StockState:
        return StockState(self.cleaned_data["state"])


class SealForm(forms.Form):
    """A seal put on."""

    number = forms.CharField(label=_("Number of the seal"), max_length=NUMBER_MAX)
    fixed_on = DayField(label=_("Fixed"))
    reference = forms.CharField(label=_("Paper"), max_length=REFERENCE_MAX, required=False)


class UnsealForm(forms.Form):
    """A seal that came off, and how it was found."""

    number = forms.ChoiceField(label=_("Seal"))
    on_day = DayField(label=_("Came off"))
    found = forms.ChoiceField(label=_("How it was found"), choices=_found)
    reference = forms.CharField(label=_("Paper"), max_length=REFERENCE_MAX)

    def __init__(self, *arguments: Any, seals: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["number"].choices = list(seals)  # type: ignore[attr-defined]

    def clean_found(self) -> SealFound:
        return SealFound(self.cleaned_data["found"])


class _DialsForm(forms.Form):
    """Dials of every register of a meter, typed in Arabic or Latin digits."""

    twin = True
    day = DayField(label=_("From day"))

    def __init__(self, *arguments: Any, meter: MeterView, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.codes = [register.code for register in meter.registers]

    def _add(self, prefix: str, label: Any, **options: Any) -> None:
        for number, code in enumerate(self.codes):
            self.fields[f"{prefix}_{number}"] = forms.CharField(
                label=label % {"code": code},
                max_length=DIAL_MAX,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
                **options,
            )

    def dials(self, prefix: str) -> dict[str, str]:
        """Register code -> what was typed, empty ones left out."""
        typed = {
            code: to_latin_digits(str(self.cleaned_data[f"{prefix}_{number}"])).strip()
            for number, code in enumerate(self.codes)
        }
        return {code: text for code, text in typed.items() if text}

    def clean(self) -> dict[str, Any]:
        """Every dial is a number."""
        given = super().clean() or self.cleaned_data
        for name, value in list(given.items()):
            text = to_latin_digits(str(value)).strip()
            if name.rpartition("_")[2].isdigit() and text and not DIAL.fullmatch(text):
                self.add_error(name, _("This is not a number."))
        return given


class RatioForm(_DialsForm):
    """Other transformers before a meter: the dials of the day, and the new ratios."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._add("dial", _("Dial of register %(code)s"))
        for number, code in enumerate(self.codes):
            self.fields[f"ratio_{number}"] = forms.IntegerField(
                label=_("New ratio of register %(code)s") % {"code": code},
                help_text="",
                required=False,
                min_value=1,
                max_value=RATIO_MAX,
            )

    def ratios(self) -> dict[str, int]:
        """Register code -> the new ratio; others keep theirs."""
        typed = {c: self.cleaned_data[f"ratio_{n}"] for n, c in enumerate(self.codes)}
        return {code: ratio for code, ratio in typed.items() if ratio}


class ProgrammeForm(_DialsForm):
    """Another programme in a meter: its dials before and after."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._add("closing", _("Register %(code)s before"))
        self._add("opening", _("Register %(code)s after"))
