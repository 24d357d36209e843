"""The page of a route: its meters in their order, put in another one or moved to another route."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb
from tahseel.channels.rounds import reading
from tahseel.consumption.field import operations, queries
from tahseel.consumption.field.operations import SUPERVISORS
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.kernel.text import to_latin_digits
from tahseel.trust.access.guards import GuardedRequest, requires

OVERSEERS = (*SUPERVISORS, "clerk", "auditor")
PLACE = "place-"
PLACE_MAX = 9_999


@requires(*OVERSEERS)
@never_cache
@require_http_methods(["GET", "POST"])
def route(request: GuardedRequest, route_id: UUID) -> HttpResponse:
    """One route today; what is sent changes its order, or moves the chosen meters elsewhere."""
    day = local_day(request.at)
    found = queries.route(route_id=route_id, day=day)
    if found is None:
        raise Http404
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            said = _done(request, route_id)
        except Refusal as refusal:
            refused = refusal
        else:
            messages.success(request, said)
            return redirect("rounds:route", route_id)
    area = reading.area_names().get(found.area, found.area)
    others = [o for o in queries.routes(day=day) if o.area == found.area and o.id != found.id]
    context = {
        "route": found,
        "area": area,
        "rows": reading.stop_rows(queries.route_stops(route_id=route_id, day=day)),
        "others": others,
        "may": request.actor.has(*SUPERVISORS),
        "refused": refused,
        "crumbs": [
            Crumb(_("Reading rounds"), reverse("rounds:rounds")),
            Crumb(_("Routes"), reverse("rounds:routes")),
            Crumb(f"{area} {formats.digits(str(found.number))}"),
        ],
    }
    status = refused.http_status if refused else HTTPStatus.OK
    return render(request, "rounds/route.html", context, status=status)


def _done(request: GuardedRequest, route_id: UUID) -> str:
    """What was done, in words. Raises the refusals of the operation."""
    day = local_day(request.at)
    if request.POST.get("what") == "move":
        operations.move_stops(
            actor=request.actor,
            at=request.at,
            route_id=_id(request.POST.get("to", "")),
            point_ids=[_id(text) for text in request.POST.getlist("point")],
            from_day=day,
        )
        return _("The meters stand on the other route from today on.")
    stands = [one.service_point_id for one in queries.route_stops(route_id=route_id, day=day)]
    points = list(dict.fromkeys(stands))
    told = {point: _place(request.POST.get(f"{PLACE}{point}", "")) for point in points}
    operations.order_stops(
        actor=request.actor,
        at=request.at,
        route_id=route_id,
        point_ids=sorted(points, key=lambda point: told[point]),
    )
    return _("The route is read in this order from its next round on.")


def _place(text: str) -> int:
    """Where a meter is to stand; what is no number stands last."""
    digits = to_latin_digits(text.strip())
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 5 else PLACE_MAX


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Http404 from wrong
