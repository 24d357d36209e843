"""Fields that every form shares: a day is typed the same way everywhere, within the same bounds.

Without bounds a day of the year 1 or 9999 passes every form and breaks wherever a day is added to
it or an instant is made of it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.kernel.period import DAY_MAX, DAY_MIN
from tahseel.kernel.text import to_latin_digits

FORMAT = "%Y-%m-%d"


class DayField(forms.DateField):
    """A day between `DAY_MIN` and `DAY_MAX`, as the browser's own calendar gives it."""

    default_error_messages = {  # noqa: RUF012 - Django's own way
        "out_of_bounds": _("Only days of the years 1900 to 2199 are possible."),
    }

    def __init__(self, *, label: Any, **options: Any) -> None:
        bounds = {"min": DAY_MIN.isoformat(), "max": DAY_MAX.isoformat()}
        widget = forms.DateInput(attrs={"type": "date", **bounds}, format=FORMAT)
        super().__init__(label=label, widget=widget, input_formats=[FORMAT], **options)

    def to_python(self, value: Any) -> Any:
        """The day, typed in Arabic or Latin digits. Raises ValidationError."""
        day = super().to_python(to_latin_digits(value) if isinstance(value, str) else value)
        if day is not None and not DAY_MIN <= day <= DAY_MAX:
            raise forms.ValidationError(self.error_messages["out_of_bounds"], code="out_of_bounds")
        return day
