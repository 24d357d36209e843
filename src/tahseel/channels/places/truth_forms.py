"""What is typed about a test of a meter, and why its error should correct what was billed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.pages.fields import DayField
from tahseel.channels.places.forms import REFERENCE_MAX, intent_field
from tahseel.channels.places.queries import word
from tahseel.channels.places.values import TEST_KIND_NAMES
from tahseel.consumption.metrology import rules
from tahseel.consumption.metrology.values import PARTS, PlannedPoint, TestKind, TestPoint
from tahseel.kernel.quantity import Service

HUNDREDTHS = Decimal(100)
REASON_MAX = 400


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, word(TEST_KIND_NAMES, kind)) for kind in TestKind]


class TestForm(forms.Form):
    """A test with one error for each point of the service's programme."""

    __test__ = False

    kind = forms.ChoiceField(label=_("How it was tested"), choices=_kinds)
    tested_on = DayField(label=_("Tested on"))
    accuracy_class = forms.ChoiceField(label=_("Accuracy class"))
    reference = forms.CharField(label=_("Reference standard"), max_length=REFERENCE_MAX)
    certificate = forms.CharField(
        label=_("Certificate number"),
        help_text=_("Needed for a meter that passes."),
        max_length=REFERENCE_MAX,
        required=False,
    )
    intent = intent_field()

    def __init__(self, *arguments: Any, service: Service, **options: Any) -> None:
        super().__init__(*arguments, **options)
        known = rules.policy()
        classes = self.fields["accuracy_class"]
        assert isinstance(classes, forms.ChoiceField)
        classes.choices = [(one, one) for one in known.classes(service)]
        programme = known.programme(service, TestKind.SITE)
        self.planned: tuple[PlannedPoint, ...] = programme.points if programme else ()
        for number, point in enumerate(self.planned):
            self.fields[f"point_{number}"] = forms.DecimalField(
                label=told(point.load, point.factor),
                help_text=_("Error in percent; below zero where the meter registers too little."),
                max_digits=5,
                decimal_places=2,
            )
        self.order_fields([*(name for name in self.fields if name != "intent"), "intent"])

    def points(self) -> tuple[TestPoint, ...]:
        """In whole parts per 10,000."""
        return tuple(
            TestPoint(p.load, p.factor, int(self.cleaned_data[f"point_{n}"] * HUNDREDTHS))
            for n, p in enumerate(self.planned)
        )


class CorrectForm(forms.Form):
    """Why a measured error should correct past months."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_MAX)
    intent = intent_field()


def told(load: int, factor: int) -> str:
    """A point of a test: its load, and its power factor where it has one."""
    share = f"{load // 10}.{load % 10} %" if load % 10 else f"{load // 10} %"
    if not factor:
        return _("Flow %(share)s") % {"share": share}
    place = {"share": share, "factor": f"{factor // 100}.{factor % 100:02d}"}
    return _("Load %(share)s, power factor %(factor)s") % place


assert HUNDREDTHS * HUNDREDTHS == PARTS
