"""What the counter types about a customer: one form for each thing that can happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.desk import wording
from tahseel.channels.pages.fields import DayField
from tahseel.registry.customers.values import ContactKind, DocumentKind, Evidence, ProtectionKind

NAME_MAX, TEXT_MAX, REASON_MAX = 200, 120, 1_000


def _reason(label: object) -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _proof() -> forms.CharField:
    return forms.CharField(
        label=_("Paper that proves it"),
        help_text=_("What it is, its number and who issued it"),
        max_length=TEXT_MAX,
    )


def _source() -> forms.CharField:
    return forms.CharField(
        label=_("Source"), help_text=_("The certificate or the registry that told"),
        max_length=TEXT_MAX,
    )  # fmt: skip


class NameForm(forms.Form):
    """A name put right."""

    name_ar = forms.CharField(label=_("Name in Arabic"), max_length=NAME_MAX, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=NAME_MAX, required=False)
    effective_on = DayField(label=_("In force from"))
    reason = _reason(_("Why it was wrong"))
    evidence = _proof()


class CivilIdForm(forms.Form):
    """A civil number put right."""

    civil_id = forms.CharField(
        label=_("Civil number"),
        help_text=_("12 digits, as on the card"),
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    proof = forms.ChoiceField(label=_("Proved by"), choices=lambda: _choices(wording.evidence()))
    effective_on = DayField(label=_("In force from"))
    reason = _reason(_("Why it was wrong"))
    evidence = _proof()

    def clean_proof(self) -> Evidence:
        return Evidence(self.cleaned_data["proof"])


class DeathForm(forms.Form):
    """A death."""

    died_on = DayField(label=_("Day of death"))
    source = _source()


class RevokeForm(forms.Form):
    """A death that was none."""

    reason = _reason(_("Why it was wrong"))
    evidence = _proof()


class DepartureForm(forms.Form):
    """A departure for good."""

    departed_on = DayField(label=_("Day of departure"))
    source = _source()


class ReturnForm(forms.Form):
    """Somebody who had left is back."""

    returned_on = DayField(label=_("Day of return"))
    source = _source()


class VerifyForm(forms.Form):
    """A proof of identity."""

    evidence = forms.ChoiceField(label=_("Proved by"), choices=lambda: _choices(wording.evidence()))
    reference = forms.CharField(label=_("Reference of the proof"), max_length=TEXT_MAX)

    def clean_evidence(self) -> Evidence:
        return Evidence(self.cleaned_data["evidence"])


class DoubtForm(forms.Form):
    """A proof taken back."""

    reason = _reason(_("Why the identity is doubted"))


class DocumentForm(forms.Form):
    """A paper put on record."""

    kind = forms.ChoiceField(label=_("Document"), choices=lambda: _choices(wording.documents()))
    issuer = forms.CharField(
        label=_("Issued by"), help_text=_("Two letters of the country, or the authority"),
        max_length=40,
    )  # fmt: skip
    number = forms.CharField(
        label=_("Number"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    issued_on = DayField(label=_("Issued on"), required=False)
    expires_on = DayField(label=_("Valid until"), required=False)

    def clean_kind(self) -> DocumentKind:
        return DocumentKind(self.cleaned_data["kind"])


class ProtectionForm(forms.Form):
    """A protected status."""

    kind = forms.ChoiceField(
        label=_("Why it is protected"), choices=lambda: _choices(wording.protections())
    )
    from_day = DayField(label=_("From"))
    until_day = DayField(
        label=_("Up to"), help_text=_("At most two years; the day itself is not in it")
    )
    evidence = _proof()

    def clean_kind(self) -> ProtectionKind:
        return ProtectionKind(self.cleaned_data["kind"])


class ContactForm(forms.Form):
    """A way of reaching a customer."""

    kind = forms.ChoiceField(label=_("Contact"), choices=lambda: _choices(wording.contacts()))
    value = forms.CharField(
        label=_("Number, mailbox or address"), max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def clean_kind(self) -> ContactKind:
        return ContactKind(self.cleaned_data["kind"])


class LanguageForm(forms.Form):
    """The language in which a customer is told."""

    language = forms.ChoiceField(
        label=_("Language"), choices=[("ar", _("Arabic")), ("en", _("English"))]
    )


class CodeForm(forms.Form):
    """The code that the customer reads out."""

    code = forms.CharField(
        label=_("Code"), help_text=_("Six digits that the customer received"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip


class EndForm(forms.Form):
    """Why something ends before its day."""

    reason = _reason(_("Why it ends"))


class SortForm(forms.Form):
    """What of what came while a merge held belongs to the record that came back, and why."""

    rows = forms.MultipleChoiceField(
        label=_("Belongs to the record that came back"), widget=forms.CheckboxSelectMultiple,
        choices=(),
    )  # fmt: skip
    reason = _reason(_("Reason"))

    def __init__(self, data: Any = None, *, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["rows"].choices = list(rows)  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why two records are one person, or are not."""

    reason = _reason(_("Reason"))


def _choices(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(value), word) for value, word in words.items()]
