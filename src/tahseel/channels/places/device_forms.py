"""What is typed about a meter and about how a unit is supplied: seals, stores, ratios, sharing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.pages.fields import DayField
from tahseel.channels.places.forms import REFERENCE_MAX, intent_field, sectors, why_field
from tahseel.channels.places.queries import word
from tahseel.channels.places.values import COUNTED_NAMES, SEAL_NAMES, STOCK_NAMES
from tahseel.kernel.ids import new_id
from tahseel.kernel.quantity import Service
from tahseel.kernel.text import to_latin_digits
from tahseel.registry.meters import queries, rules
from tahseel.registry.meters.values import (
    DialUnit,
    MeterView,
    NewRegister,
    RegisterKind,
    SealFound,
    StockState,
)
from tahseel.registry.premises.values import Sector

Choices = Sequence[tuple[str, str]]
NUMBER_MAX, DIAL_MAX = 32, 24
SHARE_MAX, RATIO_MAX, DWELLINGS_MAX = 1_000_000, 100_000, 1_000
CODE_MAX, ADDED_MAX = 16, 4
DIAL = re.compile(r"[0-9]+(\.[0-9]+)?")


def _states() -> list[tuple[str, str]]:
    return [(state.value, word(STOCK_NAMES, state)) for state in StockState]


def _found() -> list[tuple[str, str]]:
    return [(found.value, word(SEAL_NAMES, found)) for found in SealFound]


def _counted() -> list[tuple[str, str]]:
    return [(kind.value, word(COUNTED_NAMES, kind)) for kind in RegisterKind]


class SectorForm(forms.Form):
    """Which sector a unit is of from a day on, and how many homes are behind its meter."""

    sector = forms.ChoiceField(label=_("Sector"), choices=sectors)
    dwellings = forms.IntegerField(
        label=_("Homes behind the meter"), min_value=1, max_value=DWELLINGS_MAX, initial=1
    )
    from_day = DayField(label=_("From day"))
    why = why_field()
    intent = intent_field()

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
    why = why_field()
    intent = intent_field()

    def __init__(self, *arguments: Any, points: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["point"].choices = list(points)  # type: ignore[attr-defined]


class SeparateForm(forms.Form):
    """From which day on a unit is no longer behind the meter of another."""

    point = forms.ChoiceField(label=_("Point of the other unit"))
    on_day = DayField(label=_("First day without it"))
    why = why_field()
    intent = intent_field()

    def __init__(self, *arguments: Any, points: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["point"].choices = list(points)  # type: ignore[attr-defined]


class BehindForm(forms.Form):
    """Behind which main meter a meter stands from a day on."""

    main = forms.CharField(
        label=_("Serial of the main meter"),
        help_text=_("What this meter measures is then taken off the main meter's months."),
        max_length=NUMBER_MAX,
    )
    from_day = DayField(label=_("From day"))

    def clean(self) -> dict[str, Any]:
        """The point at which the main meter hangs on the day, as `point`."""
        given = super().clean() or self.cleaned_data
        serial = to_latin_digits(str(given.get("main", ""))).strip()
        if serial and given.get("from_day"):
            meter = queries.meter_by_serial(serial=serial)
            hung = meter and queries.where_installed(meter_id=meter.id, day=given["from_day"])
            if not hung:
                self.add_error("main", _("No meter of this number hangs anywhere on that day."))
            else:
                given["point"] = hung.service_point_id
        return given


class NotBehindForm(forms.Form):
    """From which day on a meter stands behind no other."""

    on_day = DayField(label=_("First day without it"))


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
    """Another programme in a meter: its dials before and after, and registers that it adds.

    Added registers share display and transformers of the device: digits, decimals and ratio.
    """

    def __init__(self, *arguments: Any, meter: MeterView, ratio: int, **options: Any) -> None:
        super().__init__(*arguments, meter=meter, **options)
        self.meter = meter
        self._add("closing", _("Register %(code)s before"))
        self._add("opening", _("Register %(code)s after"))
        for number in range(ADDED_MAX):
            self._add_register(number)
        like = meter.registers[0]
        self._add_limit("digits", _("Digits of those added"), 1, rules.DIGITS_MAX, like.digits)
        self._add_limit(
            "decimals", _("Decimals of those added"), 0, rules.DECIMALS_MAX, like.decimals
        )
        self._add_limit("ratio", _("Ratio of those added"), 1, RATIO_MAX, ratio)

    def _add_register(self, number: int) -> None:
        part = {"part": number + 1}
        self.fields[f"added_{number}_code"] = forms.CharField(
            label=_("Added register %(part)s") % part,
            help_text="" if number else _("Its code, such as 1.8.1; empty when none is added"),
            max_length=CODE_MAX,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        self.fields[f"added_{number}_kind"] = forms.ChoiceField(
            label=_("What added register %(part)s counts") % part,
            choices=_counted,
            initial=RegisterKind.IMPORT.value,
            required=False,
        )
        self.fields[f"first_{number}"] = forms.CharField(
            label=_("First dial of added register %(part)s") % part,
            max_length=DIAL_MAX,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )

    def _add_limit(self, name: str, label: Any, least: int, most: int, initial: int) -> None:
        self.fields[name] = forms.IntegerField(
            label=label, min_value=least, max_value=most, initial=initial, required=False
        )

    def clean(self) -> dict[str, Any]:
        """A register that is added has its first dial, and a dial its register's code."""
        given = super().clean()
        missing = _("An added register needs its code and its first dial.")
        for number in range(ADDED_MAX):
            code = str(given.get(f"added_{number}_code") or "")
            dial = str(given.get(f"first_{number}") or "")
            if bool(code) != bool(dial) and f"first_{number}" not in self.errors:
                self.add_error(f"first_{number}" if code else f"added_{number}_code", missing)
        codes = [code for _number, code in self._codes(given)]
        if len(set(codes)) < len(codes):
            self.add_error(None, _("Two added registers have the same code."))
        if codes:
            for name in ("digits", "decimals", "ratio"):
                if given.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Needed when a register is added."))
        return given

    def added(self, at: datetime) -> list[NewRegister]:
        """The registers that the programme adds."""
        return [
            NewRegister(
                new_id(at),
                code,
                kind := RegisterKind(self.cleaned_data[f"added_{number}_kind"] or "import"),
                self._unit(kind),
                self.cleaned_data["digits"],
                self.cleaned_data["decimals"],
                self.cleaned_data["ratio"],
            )
            for number, code in self._codes(self.cleaned_data)
        ]

    def openings(self) -> dict[str, str]:
        """Every register's dial after, those added included."""
        firsts = {
            code: to_latin_digits(str(self.cleaned_data[f"first_{number}"])).strip()
            for number, code in self._codes(self.cleaned_data)
        }
        return self.dials("opening") | firsts

    def _codes(self, given: dict[str, Any]) -> list[tuple[int, str]]:
        typed = ((n, given.get(f"added_{n}_code") or "") for n in range(ADDED_MAX))
        return [(n, to_latin_digits(str(code)).strip()) for n, code in typed if code]

    def _unit(self, kind: RegisterKind) -> DialUnit:
        if kind is RegisterKind.REACTIVE:
            return DialUnit.KVARH
        if self.meter.service is Service.ELECTRICITY:
            return DialUnit.KWH
        return self.meter.registers[0].unit
