"""What somebody types who says no."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

REASON_LENGTH_MAX = 1_000


class RejectForm(forms.Form):
    """The reason is told to whoever asked."""

    reason = forms.CharField(
        label=_("Why not"),
        help_text=_("Whoever asked will read it."),
        max_length=REASON_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
