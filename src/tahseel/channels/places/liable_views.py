"""The page that answers who is liable for a unit on any past day."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tahseel.channels.pages.fields import DayField
from tahseel.channels.pages.values import Crumb
from tahseel.channels.places import liable
from tahseel.channels.places.queries import word
from tahseel.channels.places.values import SERVICE_NAMES, VACANCY_NAMES
from tahseel.channels.timeline import queries as stories
from tahseel.channels.timeline.values import ROLES
from tahseel.kernel.period import local_day
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.operations import UnitUnknown
from tahseel.trust.access.guards import GuardedRequest, requires


class DayForm(forms.Form):
    """The day that is asked about."""

    day = DayField(label=gettext_lazy("On day"))


@requires(*ROLES)
@never_cache
@require_GET
def answer(request: GuardedRequest, unit_id: UUID) -> HttpResponse:
    """Who is liable for the unit on a day, today unless another is asked for."""
    today = local_day(request.at)
    form = DayForm(request.GET if "day" in request.GET else {"day": today.isoformat()})
    asked = form.is_valid()
    day = form.cleaned_data["day"] if asked else today
    try:
        found = liable.liable(actor=request.actor, at=request.at, unit_id=unit_id, day=day)
    except UnitUnknown:
        raise Http404 from None
    address = premises.address(unit_id=unit_id, language=get_language() or "ar")
    vacancy = found.span.vacancy if found.span else None
    context = {
        "form": form,
        "found": found if asked else None,
        "address": address,
        "vacant": word(VACANCY_NAMES, vacancy) if vacancy else "",
        "points": [
            (word(SERVICE_NAMES, one.point.service), one.point.number) for one in found.points
        ],
        "acts": [
            (told, stories.sentence(told, found.names), stories.actor_of(told, found.names))
            for told in found.acts
        ],
        "crumbs": [
            Crumb(_("Places"), reverse("places:find")),
            Crumb(address, reverse("places:unit", args=[unit_id])),
            Crumb(_("Who is liable")),
        ],
    }
    return render(request, "places/liable.html", context, status=200 if asked else 422)
