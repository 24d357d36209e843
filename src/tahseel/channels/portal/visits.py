"""A customer's visits: what is booked, a half-day to book, another one instead, or none."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb
from tahseel.channels.places import queries as shown
from tahseel.channels.portal.views import hide
from tahseel.consumption.appointments import operations, queries, rules
from tahseel.consumption.appointments.values import Booking, Slot, State
from tahseel.kernel.actor import ActorKind
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef
from tahseel.trust.access.guards import GuardedRequest, deny, signed_in


class SlotForm(forms.Form):
    """Which half-day."""

    slot = forms.ChoiceField(label=gettext_lazy("Day and time"))
    intent = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *arguments: object, slots: list[Slot], **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        field = self.fields["slot"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(f"{one.day} {one.half}", named(one)) for one in slots]


class BookForm(SlotForm):
    """Which half-day, and what for."""

    reason = forms.ChoiceField(label=gettext_lazy("What for"))
    field_order = ("reason", "slot", "intent")

    def __init__(self, *arguments: object, slots: list[Slot], **options: object) -> None:
        super().__init__(*arguments, slots=slots, **options)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        known = rules.policy().reasons.values()
        field.choices = [(r.code, formats.by_language(ar=r.name_ar, en=r.name_en)) for r in known]


def named(slot: Slot) -> str:
    """ "Sunday 29 November 2026 · morning (8 to 11)"."""
    half = rules.policy().halves[slot.half]
    name = formats.by_language(ar=half.name_ar, en=half.name_en)
    day = f"{WEEKDAYS[slot.day.weekday()]} {strip_tags(formats.day(slot.day))}"
    hours = {"first": half.from_hour, "until": half.until_hour}
    return f"{day} · {name} " + _("(%(first)d to %(until)d)") % hours


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def visits(request: GuardedRequest, number: str) -> HttpResponse:
    """An account's visits, and a form that books one."""
    account = _account(request, number)
    area = premises.area_of(unit_ids=[account.unit_id])[account.unit_id].code
    slots = queries.free(area=area, today=local_day(request.at))
    form, refused = BookForm(slots=slots, initial={"intent": new_id(request.at)}), None
    if request.method == "POST":
        form = BookForm(request.POST, slots=slots)
        if form.is_valid():
            try:
                return _booked(request, account, form)
            except Refusal as refusal:
                refused = refusal
    return _page(request, account, slots, form, refused)


def _booked(request: GuardedRequest, account: AccountRef, form: BookForm) -> HttpResponse:
    day, half = form.cleaned_data["slot"].split(" ")
    operations.book(
        actor=request.actor,
        at=request.at,
        booking_id=form.cleaned_data["intent"] or new_id(request.at),
        account_id=account.id,
        day=parsed(day),
        half=half,
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("Booked. You are reminded on the day before."))
    return redirect("portal:visits", account.number)


@signed_in
@never_cache
@require_POST
def change(request: GuardedRequest, booking_id: UUID, code: str) -> HttpResponse:
    """Move a visit to another half-day, or cancel it."""
    found = queries.booking(booking_id=booking_id)
    number = _number(found) if found else ""
    if found is None or code not in ("move", "cancel"):
        raise Http404
    account = _account(request, number)
    slots = queries.free(area=found.area, today=local_day(request.at))
    form = SlotForm(request.POST, slots=slots)
    if code == "move" and not form.is_valid():
        return _page(request, account, slots, _empty(request, slots), None, moving=form)
    try:
        if code == "cancel":
            operations.cancel(actor=request.actor, at=request.at, booking_id=booking_id)
            messages.success(request, _("Cancelled."))
        else:
            day, half = form.cleaned_data["slot"].split(" ")
            operations.move(
                actor=request.actor,
                at=request.at,
                booking_id=booking_id,
                day=parsed(day),
                half=half,
            )
            messages.success(request, _("Moved."))
    except Refusal as refusal:
        return _page(request, account, slots, _empty(request, slots), refusal)
    return redirect("portal:visits", account.number)


def parsed(text: str) -> date:
    """A day of a choice that the form has checked."""
    return date.fromisoformat(text)


def _empty(request: GuardedRequest, slots: list[Slot]) -> BookForm:
    return BookForm(slots=slots, initial={"intent": new_id(request.at)})


def _number(found: Booking) -> str:
    return supply.accounts(account_ids=[found.account_id])[found.account_id].number


def _account(request: GuardedRequest, number: str) -> AccountRef:
    """The visitor's own account, or any for the office; to others it does not exist."""
    found = supply.account_ref(number=number)
    if request.actor.kind is ActorKind.CUSTOMER:
        day = local_day(request.at)
        liable = supply.payers(account_ids=[found.id], day=day).get(found.id) if found else None
        if liable is None or str(liable) != request.actor.customer_id:
            hide(request, str(found.id) if found else "account")
    elif not request.actor.has(*operations.OFFICE):
        deny(request, needs=frozenset(operations.OFFICE))
    if found is None:
        raise Http404
    return found


def _page(
    request: GuardedRequest,
    account: AccountRef,
    slots: list[Slot],
    form: BookForm,
    refused: Refusal | None,
    *,
    moving: SlotForm | None = None,
) -> HttpResponse:
    today = local_day(request.at)
    found = queries.bookings_of(account_ids=[account.id])
    rows = [
        (
            one,
            (shown.visit_reason(one), shown.visit_half(one)),
            shown.visit_pill(one),
            _open(one, today),
        )
        for one in found
    ]
    wrong = form.errors or (moving and moving.errors)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    context = {
        "account": account,
        "rows": rows,
        "form": form,
        "moving": moving or SlotForm(slots=slots, auto_id="move_%s"),
        "slots": slots,
        "refused": refused,
        "crumbs": [
            Crumb(_("My accounts"), reverse("portal:accounts")),
            Crumb(account.number, reverse("portal:account", args=[account.number])),
            Crumb(_("Visits")),
        ],
    }
    return render(
        request, "portal/visits.html", context, status=refused.http_status if refused else status
    )


def _open(one: Booking, today: date) -> bool:
    return one.state is State.BOOKED and (one.day - today).days >= rules.policy().first_days


def _names(one: Booking) -> tuple[str, str]:
    return shown.visit_reason(one), shown.visit_half(one)
