"""What staff type about places: certificates, splits, mergers, demolitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.pages import formats
from tahseel.channels.pages.fields import DayField
from tahseel.channels.places.queries import word
from tahseel.channels.places.values import KIND_NAMES, SECTOR_NAMES, Placed, Row
from tahseel.kernel.ids import derived_id, new_id
from tahseel.registry.premises import rules
from tahseel.registry.premises.values import NewUnit, Sector, UnitKind, UnitView

REFERENCE_MAX, REASON_MAX = 80, 300
PART_MAX = 16
PARTS_MAX = 4
OUT_OF_USE = "out"


def sectors() -> list[tuple[str, str]]:
    return [(sector.value, word(SECTOR_NAMES, sector)) for sector in Sector]


def kinds() -> list[tuple[str, str]]:
    return [(kind.value, word(KIND_NAMES, kind)) for kind in UnitKind]


def certificate_kinds() -> list[tuple[str, str]]:
    return [
        (kind.code, formats.by_language(ar=kind.name_ar, en=kind.name_en))
        for kind in rules.certificate_kinds().values()
    ]


def why_field() -> forms.CharField:
    """Why a price of billed days changes; whoever decides reads it."""
    return forms.CharField(
        label=_("Why so late"),
        help_text=_("Only for days of months that are determined or billed: a second person reads"
                    " it and decides"),
        max_length=REASON_MAX,
        required=False,
    )  # fmt: skip


def intent_field() -> forms.UUIDField:
    """Made with the page, so that a second click asks for nothing twice."""
    return forms.UUIDField(widget=forms.HiddenInput, required=False)


class CertificateForm(forms.Form):
    """A certificate of productivity, as printed."""

    kind = forms.ChoiceField(label=_("Certificate"), choices=certificate_kinds)
    number = forms.CharField(label=_("Certificate number"), max_length=32)
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(
        label=_("Expires on"), help_text=_("The first day on which it no longer holds")
    )
    why = why_field()
    intent = intent_field()


class WithdrawForm(forms.Form):
    """A certificate taken back before its term."""

    on_day = DayField(label=_("First day without it"))
    reason = forms.CharField(label=_("Reason"), max_length=REFERENCE_MAX)
    intent = intent_field()


class EndingForm(forms.Form):
    """The day and the permit of a change."""

    on_day = DayField(label=_("From day"), help_text=_("The first day on which the change counts"))
    reference = forms.CharField(
        label=_("Permit or decision"),
        help_text=_("Its number, as on the paper"),
        max_length=REFERENCE_MAX,
    )
    why = why_field()
    intent = intent_field()

    def key(self, at: datetime) -> UUID:
        """Made with the page; what the act makes is named after it, so a second click adds none."""
        given: UUID | None = self.cleaned_data["intent"]
        return given or new_id(at)


class SplitForm(EndingForm):
    """Up to PARTS_MAX new units, and for each service point the part that it serves."""

    def __init__(
        self, data: Any = None, *, unit: UnitView, sector: Sector, points: Sequence[Placed]
    ) -> None:
        super().__init__(data)
        self.unit = unit
        for part in range(1, PARTS_MAX + 1):
            fresh = forms.CharField(
                label=_("Number of part %(part)s") % {"part": part},
                required=part <= 2,
                max_length=PART_MAX,
            )
            self.fields[f"number_{part}"] = fresh
            self.fields[f"sector_{part}"] = forms.ChoiceField(
                label=_("Sector of part %(part)s") % {"part": part},
                choices=sectors,
                initial=sector.value,
            )
            self.fields[f"kind_{part}"] = forms.ChoiceField(
                label=_("Kind of part %(part)s") % {"part": part},
                choices=kinds,
                initial=unit.kind.value,
            )
        parts = [
            (str(part), _("Part %(part)s") % {"part": part}) for part in range(1, PARTS_MAX + 1)
        ]
        for placed in points:
            self.fields[f"point_{placed.point.id}"] = forms.ChoiceField(
                label=_("%(service)s, point %(number)s serves")
                % {"service": placed.service, "number": placed.point.number},
                choices=[*parts, (OUT_OF_USE, _("Out of use"))],
            )

    def clean(self) -> dict[str, Any]:
        """A point may only go to a part that has a number."""
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            known = value == OUT_OF_USE or cleaned.get(f"number_{value}")
            if name.startswith("point_") and not known:
                self.add_error(name, _("This part has no number."))
        return cleaned

    def parts(self, key: UUID) -> dict[str, NewUnit]:
        """The new units by the number of their part."""
        return {
            str(part): new_unit(
                derived_id(key, "part", str(part)),
                self.unit,
                kind=self.cleaned_data[f"kind_{part}"],
                sector=self.cleaned_data[f"sector_{part}"],
                number=number,
                on_day=self.cleaned_data["on_day"],
            )
            for part in range(1, PARTS_MAX + 1)
            if (number := self.cleaned_data[f"number_{part}"])
        }

    def points(self, parts: Mapping[str, NewUnit]) -> dict[UUID, UUID | None]:
        """Each service point with the new unit that it serves."""
        return {
            UUID(name.removeprefix("point_")): None if value == OUT_OF_USE else parts[value].id
            for name, value in self.cleaned_data.items()
            if name.startswith("point_")
        }


class MergeForm(EndingForm):
    """Neighbours that become one with a unit, and what the new one is."""

    number = forms.CharField(label=_("Number of the new unit"), max_length=PART_MAX)
    kind = forms.ChoiceField(label=_("Kind"), choices=kinds)
    sector = forms.ChoiceField(label=_("Sector"), choices=sectors)
    others = forms.MultipleChoiceField(
        label=_("Merged with"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(
        self, data: Any = None, *, unit: UnitView, sector: Sector, beside: Sequence[Row]
    ) -> None:
        super().__init__(
            data, initial={"kind": unit.kind.value, "sector": sector.value, "number": ""}
        )
        self.unit = unit
        others = self.fields["others"]
        assert isinstance(others, forms.MultipleChoiceField)
        others.choices = [
            (str(row.view.id), f"{row.kind} {row.view.parts.number}".strip()) for row in beside
        ]

    def unit_ids(self) -> list[UUID]:
        return [self.unit.id, *(UUID(other) for other in self.cleaned_data["others"])]

    def whole(self, key: UUID) -> NewUnit:
        """The unit that comes of it."""
        given = self.cleaned_data
        return new_unit(
            derived_id(key, "whole"),
            self.unit,
            kind=given["kind"],
            sector=given["sector"],
            number=given["number"],
            on_day=given["on_day"],
        )


def new_unit(
    unit_id: UUID, like: UnitView, *, kind: str, sector: str, number: str, on_day: date
) -> NewUnit:
    """A new unit on the floor and in the building of another."""
    return NewUnit(
        id=unit_id,
        premises_id=like.premises_id,
        kind=UnitKind(kind),
        sector=Sector(sector),
        from_day=on_day,
        floor=like.parts.floor,
        number=number,
    )
