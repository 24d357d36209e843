"""The sign-in form."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

USERNAME_LENGTH_MAX = 150
PASSWORD_LENGTH_MAX = 256


class SignInForm(forms.Form):
    """A name and a password; what is wrong with them is never told apart."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=USERNAME_LENGTH_MAX,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=PASSWORD_LENGTH_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
