"""What applicants and staff type. The application's form is built from the service's definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.pages import formats
from tahseel.channels.pages.fields import DayField
from tahseel.channels.services import rules
from tahseel.channels.services.values import Ask, DocumentKind, ServiceDefinition
from tahseel.kernel.ids import CivilId
from tahseel.kernel.quantity import Service
from tahseel.registry.meters.values import MeterView

TEXT_MAX = 300
LINES_MAX = 20
PAPER = "paper_"
SERVICES = [(Service.ELECTRICITY.value, _("Electricity")), (Service.WATER.value, _("Water"))]
WRONG_DIAL = _("One value for each register, such as 1.8.0=000012.")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class ApplyForm(forms.Form):
    """One application; `counter` asks for whom, because the clerk is not the applicant."""

    intent = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, definition: ServiceDefinition, counter: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if counter:
            self.fields["applicant"] = forms.CharField(
                label=_("Applicant's civil number"), max_length=24, widget=_number()
            )
        for ask, (name, field) in _asked().items():
            if ask in definition.asks:
                self.fields[name] = field
        for kind in definition.documents:
            self.fields[PAPER + kind.code] = _paper(kind)

    def clean_applicant(self) -> CivilId:
        """The checked identifier; what was typed is never repeated in the message."""
        try:
            return CivilId.parse(self.cleaned_data["applicant"])
        except ValueError as error:
            raise forms.ValidationError(_("This is not a valid civil number.")) from error

    def papers(self) -> dict[str, Any]:
        """The files that were given, by the kind of document."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return {n.removeprefix(PAPER): v for n, v in given.items() if n.startswith(PAPER)}


def _number() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"})


def _asked() -> Mapping[Ask, tuple[str, forms.Field]]:
    return {
        Ask.PLACE: (
            "place",
            forms.CharField(
                label=_("Automatic number of the place"),
                help_text=_("On the plate beside the door"),
                max_length=24,
                widget=_number(),
            ),
        ),
        Ask.ACCOUNT: (
            "account",
            forms.CharField(label=_("Account number"), max_length=24, widget=_number()),
        ),
        Ask.SERVICES: (
            "services",
            forms.MultipleChoiceField(
                label=_("What is wanted"),
                choices=SERVICES,
                widget=forms.CheckboxSelectMultiple,
            ),
        ),
        Ask.LOAD: (
            "load_kw",
            forms.IntegerField(
                label=_("Connected load in kilowatts"),
                help_text=_("From the approved plan; for an increase the new whole"),
                min_value=1,
                max_value=rules.LOAD_KW_MAX,
            ),
        ),
        Ask.UNTIL: ("until_day", DayField(label=_("Needed until"))),
        Ask.PURPOSE: ("purpose", forms.CharField(label=_("For what"), max_length=TEXT_MAX)),
    }


def _paper(kind: DocumentKind) -> forms.FileField:
    return forms.FileField(
        label=formats.by_language(ar=kind.name_ar, en=kind.name_en),
        help_text=_("Needed before the study") if kind.required else _("May follow later"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )


class PaperForm(forms.Form):
    """One more paper."""

    kind = forms.ChoiceField(label=_("Document"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, JPEG or PNG, up to 5 MB"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def __init__(self, *args: Any, definition: ServiceDefinition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            (kind.code, formats.by_language(ar=kind.name_ar, en=kind.name_en))
            for kind in definition.documents
        ]


class StudyForm(forms.Form):
    """What the engineer found."""

    network_point = forms.CharField(label=_("Point of the network"), max_length=60)
    available_kw = forms.IntegerField(label=_("Kilowatts that it can still give"), min_value=0)
    current_kw = forms.IntegerField(
        label=_("Kilowatts connected already"), min_value=0, initial=0, required=False
    )
    conditions = forms.CharField(
        label=_("Conditions"),
        help_text=_("One on each line; none when there are none"),
        required=False,
        max_length=TEXT_MAX * LINES_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    remark = forms.CharField(label=_("Remark"), required=False, max_length=TEXT_MAX)

    def clean_conditions(self) -> list[str]:
        return _lines(self.cleaned_data["conditions"])


class FailForm(forms.Form):
    """What has to be put right."""

    reasons = forms.CharField(
        label=_("What has to be put right"),
        help_text=_("One on each line; the applicant reads it"),
        max_length=TEXT_MAX * LINES_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_reasons(self) -> list[str]:
        return _lines(self.cleaned_data["reasons"])


class WithdrawForm(forms.Form):
    """Why the application is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=TEXT_MAX)


class ProlongForm(forms.Form):
    """Until when what an inspection found may still be put right, and why."""

    until = DayField(label=_("New last day"))
    reason = forms.CharField(label=_("Reason"), max_length=TEXT_MAX)


class CloseForm(forms.Form):
    """Why an application that was paid for ends."""

    reason = forms.CharField(label=_("Reason"), max_length=TEXT_MAX)


class RefundForm(forms.Form):
    """To which account at a bank what is owed back goes."""

    intent = forms.UUIDField(widget=forms.HiddenInput)
    iban = forms.CharField(label=_("IBAN of the applicant"), max_length=42, widget=_number())
    reason = forms.CharField(label=_("Reason"), max_length=TEXT_MAX)


class MeterForm(forms.Form):
    """A meter from stock and its dials; for an increase also the last dials of the old one."""

    serial = forms.CharField(label=_("Meter number"), max_length=40, widget=_number())
    opening = forms.CharField(label=_("Opening reading"), max_length=200, widget=_number())
    closing = forms.CharField(
        label=_("Last reading of the old meter"), max_length=200, widget=_number(), required=False
    )

    def __init__(self, *args: Any, service: Service, exchange: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": service.value})
        self.service = service
        if not exchange:
            del self.fields["closing"]


class RemovalForm(forms.Form):
    """The last dials of a meter that is taken down."""

    closing = forms.CharField(label=_("Last reading"), max_length=200, widget=_number())

    def __init__(self, *args: Any, serial: str, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": f"m{serial}"})
        self.serial = serial


def dials(text: str, meter: MeterView | None) -> dict[str, str]:
    """Dial values by register from "1.8.0=12 2.8.0=3", or one value for a meter of one register.

    Raises forms.ValidationError.
    """
    words = text.split()
    if meter is not None and len(words) == 1 and "=" not in text and len(meter.registers) == 1:
        return {meter.registers[0].code: words[0]}
    pairs = [word.partition("=") for word in words]
    if not pairs or not all(code and value for code, _equals, value in pairs):
        raise forms.ValidationError(WRONG_DIAL)
    return {code: value for code, _equals, value in pairs}
