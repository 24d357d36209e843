"""Who has which role on an account, who acts for whom, and to whom the account is handed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts import naming
from tahseel.channels.accounts.forms import fields
from tahseel.channels.accounts.forms.moving import DialFields
from tahseel.channels.accounts.forms.securing import DepositFields, waiver_field
from tahseel.channels.accounts.values import DialAsked
from tahseel.channels.pages.fields import DayField
from tahseel.registry.supply.values import PLAIN_ROLES, Capacity, Role

Choices = Sequence[tuple[str, str]]


def _roles() -> list[tuple[str, str]]:
    return [(one.value, naming.role(one)) for one in Role if one in PLAIN_ROLES]


def _capacities() -> list[tuple[str, str]]:
    return [(one.value, naming.capacity(one)) for one in (Capacity.TENANT, Capacity.OWNER)]


class RoleForm(forms.Form):
    """A role over a span of days, with the paper that shows it."""

    role = forms.ChoiceField(label=_("Role"), choices=_roles)
    who = fields.who_field()
    from_day = DayField(label=_("First day"))
    until_day = DayField(
        label=_("First day without it"), required=False, help_text=_("Empty while no end is known")
    )
    agreement = fields.text_field(_("Number of the paper"), required=False)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean(self) -> dict[str, Any]:
        """A role lasts at least a day."""
        given = super().clean() or self.cleaned_data
        begins, ends = given.get("from_day"), given.get("until_day")
        if begins and ends and ends <= begins:
            self.add_error("until_day", _("This lies before the first day."))
        return given


class EndRoleForm(forms.Form):
    """Which role ends, and when."""

    party = forms.ChoiceField(label=_("Role"))
    on_day = DayField(label=_("First day without it"))
    reason = fields.text_field(_("Why it has ended"))

    def __init__(self, *arguments: Any, open_roles: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["party"].choices = list(open_roles)  # type: ignore[attr-defined]


class StrikeRoleForm(forms.Form):
    """Which role never was, and why it stands on record."""

    party = forms.ChoiceField(label=_("Role"))
    reason = fields.text_field(_("Why it should not be on record"))

    def __init__(self, *arguments: Any, roles: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["party"].choices = list(roles)  # type: ignore[attr-defined]


class ProxyForm(forms.Form):
    """A power of attorney: who acts for whom, until when, by which document."""

    principal = forms.ChoiceField(
        label=_("For whom"), help_text=_("Somebody with a part in this account")
    )
    who = fields.who_field(_("Civil number of the proxy"))
    document = fields.text_field(_("Number of the power of attorney"))
    from_day = DayField(label=_("First day"))
    until_day = DayField(label=_("First day without it"))

    def __init__(self, *arguments: Any, principals: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["principal"].choices = list(principals)  # type: ignore[attr-defined]


class TransferForm(DialFields, DepositFields):
    """To whom the account is handed without a day between, the dials of that day, his deposit."""

    who = fields.who_field(_("Civil or registration number of the next one"))
    on_day = DayField(label=_("First day of the next one"))
    capacity = forms.ChoiceField(label=_("As"), choices=_capacities)
    agreement = fields.text_field(_("Number of the lease or deed"))
    waiver = waiver_field()

    def __init__(self, *arguments: Any, dials: Sequence[DialAsked], **options: Any) -> None:
        super().__init__(*arguments, dials=dials, **options)
        asked = [name for name in self.fields if name.startswith("dial_")]
        self.order_fields(["deposit_id", "who", "on_day", "capacity", "agreement", *asked])

    def clean_capacity(self) -> Capacity:
        return Capacity(self.cleaned_data["capacity"])


class TitleForm(DialFields, DepositFields):
    """Who owns the place now, by which title deed; the dials where the owner before was liable.

    secured: the country asks a deposit of an owner here, which few do.
    """

    who = fields.who_field(_("Civil or registration number of the new owner"))
    on_day = DayField(label=_("First day of the new owner"))
    deed = fields.text_field(_("Number of the title deed"))
    takes_back = forms.BooleanField(
        label=_("Agrees to take supply back whenever a tenant leaves"), required=False
    )
    waiver = waiver_field()

    def __init__(
        self, *arguments: Any, dials: Sequence[DialAsked], secured: bool, **options: Any
    ) -> None:
        super().__init__(*arguments, dials=dials, **options)
        asked = [name for name in self.fields if name.startswith("dial_")]
        self.order_fields(["deposit_id", "who", "on_day", "deed", "takes_back", *asked])
        for name in () if secured else _SECURING:
            del self.fields[name]


_SECURING = ("tender", "amount", "issuer", "reference", "expires_on", "waiver")


class LandlordForm(forms.Form):
    """An owner who takes supply back, on which of his accounts, by which agreement."""

    owner = forms.ChoiceField(label=_("Owner"))
    agreement = fields.text_field(_("Number of the agreement"))
    from_day = DayField(label=_("First day"))
    also = forms.MultipleChoiceField(
        label=_("Also on these accounts of the building"),
        widget=forms.CheckboxSelectMultiple(),
        required=False,
    )

    def __init__(self, *arguments: Any, owners: Choices, beside: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["owner"].choices = list(owners)  # type: ignore[attr-defined]
        if beside:
            self.fields["also"].choices = list(beside)  # type: ignore[attr-defined]
        else:
            del self.fields["also"]
