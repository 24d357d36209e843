"""The fields that many forms share: a day, a person's number, a paper's number, a sum."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.kernel.money import Money
from tahseel.kernel.text import to_latin_digits

TEXT_LENGTH_MAX = 200
NUMBER_LENGTH_MAX = 24


def text_field(label: Any, **options: Any) -> forms.CharField:
    """One line of text."""
    return forms.CharField(label=label, max_length=TEXT_LENGTH_MAX, **options)


def who_field(label: Any = None, **options: Any) -> forms.CharField:
    """The number that finds a registered customer; it is posted, never part of an address."""
    options.setdefault("help_text", _("The customer must be registered"))
    return forms.CharField(
        label=label or _("Civil or registration number"),
        max_length=NUMBER_LENGTH_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        **options,
    )


def number_field(label: Any, *, mode: str = "decimal", **options: Any) -> forms.CharField:
    """A number in Arabic or Latin digits; `mode` chooses the keyboard."""
    return forms.CharField(
        label=label,
        max_length=NUMBER_LENGTH_MAX,
        widget=forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"}),
        **options,
    )


def money(text: str) -> Money | None:
    """The sum as typed, None for nothing. Raises ValidationError."""
    plain = to_latin_digits(text).strip()
    if not plain:
        return None
    try:
        return Money.parse(plain)
    except ValueError as wrong:
        raise forms.ValidationError(_("This is not an amount in dinars.")) from wrong
