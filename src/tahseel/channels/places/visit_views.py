"""The visits of a day: who is to be visited where, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tahseel.channels.pages import formats
from tahseel.channels.pages.fields import DayField
from tahseel.channels.pages.values import Crumb, Pill
from tahseel.channels.places import queries as shown
from tahseel.channels.places.truth_views import READERS
from tahseel.consumption.appointments import operations, queries
from tahseel.consumption.appointments.values import Booking, State
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, requires

NOTE_MAX = 200
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit, in words. tells: whoever looks may say what became of it."""

    booking: Booking
    number: str
    address: str
    reason: str
    half: str
    pill: Pill
    tells: bool


@requires(*READERS)
@never_cache
@require_GET
def visits(request: GuardedRequest) -> HttpResponse:
    """Who is to be visited on a day, today if none is asked for."""
    return _page(request, _day(request))


@requires(*operations.CREW)
@never_cache
@require_POST
def report(request: GuardedRequest, booking_id: UUID) -> HttpResponse:
    """Say whether somebody was let in."""
    found = queries.booking(booking_id=booking_id)
    became = request.POST.get("became", "")
    if found is None or became not in {State.KEPT, State.MISSED}:
        raise Http404
    try:
        operations.report(
            actor=request.actor,
            at=request.at,
            booking_id=booking_id,
            kept=became == State.KEPT,
            note_text=request.POST.get("note", "")[:NOTE_MAX],
        )
    except NotFound:
        raise Http404 from None
    except Refusal as refusal:
        return _page(request, found.day, refusal)
    messages.success(request, _("What became of the visit is on record."))
    return redirect(f"{reverse('places:visits')}?day={found.day}")


def _day(request: GuardedRequest) -> date:
    """The day asked for; today for none, and for one that cannot be meant."""
    try:
        found: date | None = DayField(label="", required=False).clean(request.GET.get("day", ""))
    except ValidationError:
        found = None
    return found or local_day(request.at)


def _page(request: GuardedRequest, day: date, refused: Refusal | None = None) -> HttpResponse:
    rows = _rows(queries.bookings_on(day=day), request)
    context = {
        "day": day,
        "before_text": str(day - DAY),
        "after_text": str(day + DAY),
        "rows": rows,
        "waiting": sum(row.booking.state is State.BOOKED for row in rows),
        "refused": refused,
        "crumbs": [Crumb(_("Places"), reverse("places:find")), Crumb(_("Visits"))],
    }
    status = refused.http_status if refused else HTTPStatus.OK
    return render(request, "places/visits.html", context, status=status)


def _rows(found: list[Booking], request: GuardedRequest) -> list[VisitRow]:
    numbers = supply.accounts(account_ids={one.account_id for one in found})
    language = "ar" if formats.is_arabic() else "en"
    places = premises.addresses(unit_ids={one.unit_id for one in found}, language=language)
    crew, today = request.actor.has(*operations.CREW), local_day(request.at)
    return [
        VisitRow(
            booking=one,
            number=numbers[one.account_id].number,
            address=places[one.unit_id],
            reason=shown.visit_reason(one),
            half=shown.visit_half(one),
            pill=shown.visit_pill(one),
            tells=crew and one.state is State.BOOKED and one.day <= today,
        )
        for one in found
    ]
