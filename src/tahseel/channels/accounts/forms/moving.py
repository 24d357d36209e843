"""What the counter types: who moves in, what was read when somebody leaves, why supply is cut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.books.deposits.values import NewDeposit
from tahseel.channels.accounts import naming
from tahseel.channels.accounts.forms import fields
from tahseel.channels.accounts.forms.securing import CASH, DepositFields, waiver_field
from tahseel.channels.accounts.values import DialAsked
from tahseel.channels.pages import formats
from tahseel.channels.pages.fields import DayField
from tahseel.charging.billing.values import FinalRead
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import LOCAL_ZONE
from tahseel.kernel.quantity import Service
from tahseel.kernel.text import to_latin_digits
from tahseel.registry.meters.values import BASE_PER_UNIT
from tahseel.registry.supply import rules as supply
from tahseel.registry.supply.values import Capacity, Vacancy

VACANCIES = (Vacancy.NOT_OCCUPIED, Vacancy.UNDER_CONSTRUCTION, Vacancy.CLOSED_BY_ORDER)


def _capacities() -> list[tuple[str, str]]:
    return [(one.value, naming.capacity(one)) for one in (Capacity.TENANT, Capacity.OWNER)]


def _vacancies() -> list[tuple[str, str]]:
    return [(one.value, naming.vacancy(one)) for one in VACANCIES]


def _reasons() -> list[tuple[str, str]]:
    return [
        (one.code, formats.by_language(ar=one.name_ar, en=one.name_en))
        for one in supply.stop_reasons().values()
        if not one.on_vacancy
    ]


def _services() -> list[tuple[str, str]]:
    return [(one.value, naming.service(one)) for one in Service]


class MoveInForm(DepositFields):
    """Who moves in, since when, by which lease, and with which deposit."""

    field_order = ("deposit_id", "who", "from_day", "capacity", "agreement")
    who = fields.who_field()
    from_day = DayField(label=_("First day"))
    capacity = forms.ChoiceField(label=_("As"), choices=_capacities)
    agreement = fields.text_field(_("Number of the lease or deed"))
    waiver = waiver_field()

    def deposit(self, *, account_id: UUID, customer_id: UUID) -> NewDeposit | None:
        """The deposit as typed, or None."""
        return self.given_deposit(
            account_id=account_id, customer_id=customer_id, taken_on=self.cleaned_data["from_day"]
        )


def fresh_move_in(*, at: Any, today: date, wanted: str) -> MoveInForm:
    """The empty form, with the deposit that is asked of a tenant."""
    return MoveInForm(
        initial={"deposit_id": new_id(at), "from_day": today, "amount": wanted, "tender": CASH}
    )


class DialFields(forms.Form):
    """Every dial as it was read at the beginning of the day on which somebody else is liable."""

    def __init__(self, *args: Any, dials: Sequence[DialAsked], **options: Any) -> None:
        super().__init__(*args, **options)
        self.dials = dials
        for number, dial in enumerate(dials):
            self.fields[f"dial_{number}"] = fields.number_field(
                _("Final read of meter %(serial)s (%(unit)s)")
                % {"serial": dial.serial, "unit": naming.dial_unit(dial.unit)},
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Every dial a number in its unit; an empty one was read before."""
        given = super().clean() or self.cleaned_data
        found = []
        for number, dial in enumerate(self.dials):
            text = to_latin_digits(str(given.get(f"dial_{number}", ""))).strip()
            if not text:
                continue
            value = _base(text, dial)
            if value is None:
                self.add_error(f"dial_{number}", _("This is not a dial's number."))
            else:
                found.append(FinalRead(dial.meter_id, dial.register, value))
        given["reads"] = found
        return given


class MoveOutForm(DialFields):
    """The first day without him, and every dial as it was read."""

    intent = forms.UUIDField(widget=forms.HiddenInput())
    on_day = DayField(label=_("First day without him"))
    vacancy = forms.ChoiceField(
        label=_("Should nobody follow"),
        help_text=_("A landlord who agreed to it takes supply back"),
        choices=_vacancies,
    )


class FinishForm(DialFields):
    """Every dial as it was read on the first day of whoever is liable now."""

    intent = forms.UUIDField(widget=forms.HiddenInput())


def _base(text: str, dial: DialAsked) -> int | None:
    """The dial in base units, or None when it is no number of that dial."""
    try:
        value = Decimal(text) * BASE_PER_UNIT[dial.unit]
    except InvalidOperation:
        return None
    if not value.is_finite() or value < 0:
        return None
    return int(value.to_integral_value())


class StopForm(forms.Form):
    """Which services are to be off, why, and on what ground."""

    reason = forms.ChoiceField(label=_("Reason"), choices=_reasons)
    services = forms.MultipleChoiceField(
        label=_("Services"), choices=_services, widget=forms.CheckboxSelectMultiple()
    )
    reference = forms.CharField(
        label=_("Ground"),
        help_text=_("The number of the notice, report or request"),
        max_length=fields.TEXT_LENGTH_MAX,
    )


class OffForm(forms.Form):
    """When supply was really cut, as the crew reports it."""

    off_on = DayField(label=_("Day on which it was cut"))
    off_time = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def off_at(self) -> datetime:
        """The instant, from the day and the time in Kuwait."""
        day, time = self.cleaned_data["off_on"], self.cleaned_data["off_time"]
        return datetime.combine(day, time, LOCAL_ZONE).astimezone(UTC)


def off_now(at: datetime) -> dict[str, object]:
    """What the form begins with: this minute."""
    here = at.astimezone(LOCAL_ZONE)
    return {"off_on": here.date(), "off_time": here.time().replace(second=0, microsecond=0)}


class BecauseForm(forms.Form):
    """Why a reason to be off has ended, or a proposal is refused."""

    because = forms.CharField(label=_("Why"), max_length=fields.TEXT_LENGTH_MAX)
