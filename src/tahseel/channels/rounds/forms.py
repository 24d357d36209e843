"""What readers say at a meter, and what supervisors say of a round."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.rounds import wording
from tahseel.channels.rounds.values import DialRow
from tahseel.consumption.field import rules
from tahseel.consumption.field.operations.visiting import NOTE_MAX
from tahseel.consumption.field.operations.walking import DEVICE_MAX
from tahseel.consumption.field.values import Spot
from tahseel.kernel.period import LOCAL_ZONE
from tahseel.kernel.text import to_latin_digits

DIAL = "dial_"
VALUE_MAX = 20
REASON_MAX = 400
MICRO = 1_000_000
LATITUDE_MAX, LONGITUDE_MAX = 90, 180
MINUTE_S, DAY_S = 60, 86_400
HALF_DAY_S = DAY_S // 2
PHOTO_TYPES = "image/jpeg,image/png"


class SaidForm(forms.Form):
    """What both forms of a stop share. visit: the visit's id, so that a second press is the same.

    kept: the hash of a photograph that was taken in with an earlier press.
    """

    visit = forms.UUIDField(widget=forms.HiddenInput)
    kept = forms.RegexField(r"[0-9a-f]{64}", required=False, widget=forms.HiddenInput)
    latitude = forms.DecimalField(
        required=False, min_value=-LATITUDE_MAX, max_value=LATITUDE_MAX, widget=forms.HiddenInput
    )
    longitude = forms.DecimalField(
        required=False, min_value=-LONGITUDE_MAX, max_value=LONGITUDE_MAX, widget=forms.HiddenInput
    )
    photo = forms.FileField(
        label=_("Photograph"),
        help_text=_("JPEG or PNG, up to 8 MB"),
        required=False,
        widget=forms.FileInput(attrs={"accept": PHOTO_TYPES, "capture": "environment"}),
    )
    seal = forms.ChoiceField(label=_("Seal"), required=False, choices=wording.seals)
    note = forms.CharField(label=_("Note"), required=False, max_length=NOTE_MAX)

    def spot(self) -> Spot | None:
        """Where the reader stood, if the phone told."""
        told = self.cleaned_data
        if told["latitude"] is None or told["longitude"] is None:
            return None
        return Spot(int(told["latitude"] * MICRO), int(told["longitude"] * MICRO))

    def visit_id(self) -> UUID:
        found: UUID = self.cleaned_data["visit"]
        return found


class ReadForm(SaidForm):
    """Every dial of a meter. asked: the values about which the reader was asked to look again."""

    asked = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(label=_("I looked again: the dial shows this"), required=False)
    clock = forms.TimeField(
        label=_("The meter's clock, if it shows one"),
        help_text=_("As it shows when you save"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time", "step": "1"}),
    )

    def __init__(
        self, *arguments: Any, dials: tuple[DialRow, ...], again: bool, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        for number, dial in enumerate(dials):
            self.fields[f"{DIAL}{number}"] = _dial_field(dial)
        self.registers = {f"{DIAL}{n}": dial.register for n, dial in enumerate(dials)}
        if not again:
            self.fields["confirmed"].widget = forms.HiddenInput()
        self.order_fields([*self.registers, "confirmed"])

    def clean(self) -> dict[str, Any]:
        """Dials in Latin digits; a confirmation is of the values that were asked about."""
        told = super().clean() or self.cleaned_data
        dials = {
            register: to_latin_digits(str(told.get(name, ""))).strip()
            for name, register in self.registers.items()
        }
        told["dials"] = dials
        same = told.get("asked") == rules.signature(dials)
        told["confirmed"] = bool(told.get("confirmed")) and same
        return told

    def clock_ahead(self, at: datetime) -> int | None:
        """How many seconds the meter's clock is ahead of an instant, if the reader told; a
        difference of less than the minute that was typed is none.
        """
        shown = self.cleaned_data.get("clock")
        if shown is None:
            return None
        there = at.astimezone(LOCAL_ZONE)
        off = (_second(shown) - _second(there.time()) + HALF_DAY_S) % DAY_S - HALF_DAY_S
        return off if abs(off) >= MINUTE_S or shown.second else 0


class NoAccessForm(SaidForm):
    """Why there is no read."""

    no_access = forms.ChoiceField(label=_("Why there is no read"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["no_access"].choices = wording.reasons()  # type: ignore[attr-defined]
        self.order_fields(["no_access"])


class DeviceForm(forms.Form):
    """With which device a round goes out."""

    device = forms.CharField(
        label=_("Device"), help_text=_("Its number, or: phone"), max_length=DEVICE_MAX
    )


class ReaderForm(forms.Form):
    """Who walks."""

    reader = forms.ChoiceField(label=_("Reader"), required=False)

    def __init__(self, *arguments: Any, readers: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        choices = [("", _("Nobody yet")), *readers]
        self.fields["reader"].choices = choices  # type: ignore[attr-defined]


class ResultsForm(forms.Form):
    """What a handheld brought back."""

    results = forms.FileField(
        label=_("Result file"),
        help_text=_("CSV of the handheld, up to 2 MB"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


class BackForm(forms.Form):
    """Nothing is asked of who comes back."""


class CloseForm(forms.Form):
    """Why a round is closed."""

    reason = forms.CharField(
        label=_("Reason"), help_text=_("Needed when meters are left"), required=False,
        max_length=REASON_MAX,
    )  # fmt: skip


def _second(time: time) -> int:
    return time.hour * 3_600 + time.minute * MINUTE_S + time.second


def _dial_field(dial: DialRow) -> forms.CharField:
    attributes = {"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"}
    return forms.CharField(
        label=_("Register %(register)s, %(unit)s") % {"register": dial.register, "unit": dial.unit},
        max_length=VALUE_MAX,
        widget=forms.TextInput(attrs=attributes),
    )
