"""The forms of acts on a unit and on a meter, each on a page of its own."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tahseel.channels.approving.values import Touched
from tahseel.channels.pages.values import Crumb
from tahseel.channels.places import acting, devices, past, queries
from tahseel.channels.places.values import Sheet
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.trust.access import rules as access
from tahseel.trust.access.guards import GuardedRequest, deny, requires

FIELD = ("supply_engineer", "inspector", "connection_officer")
ACTORS = ("clerk", "office_head", *FIELD)


@requires(*ACTORS)
@never_cache
@require_http_methods(["GET", "POST"])
def unit_act(request: GuardedRequest, unit_id: UUID, code: str) -> HttpResponse:
    """One form about the sector or the supply of a unit; see `acting`."""
    act = acting.UNIT_ACTS.get(code)
    sheet = queries.sheet(
        unit_id=unit_id, language=get_language() or "ar", as_of=local_day(request.at)
    )
    if act is None or sheet is None or not sheet.standing:
        raise Http404
    _require(request, act)
    form = act.form(sheet, request.POST if request.method == "POST" else None)
    if request.method == "GET" and "intent" in form.fields:
        form.initial["intent"] = new_id(request.at)
    refused: Refusal | None = None
    touched: Touched | None = None
    if request.method == "POST" and form.is_valid():
        try:
            asked = _ask(request, act, sheet, form)
            if asked is None:
                act.perform(request, sheet, form.cleaned_data)
                messages.success(request, str(act.told))
                return redirect("places:unit", unit_id)
            if isinstance(asked, HttpResponse):
                return asked
            touched = asked
        except Refusal as refusal:
            refused = refusal
    here = reverse("places:unit", args=[unit_id])
    return _shown(
        request, form, refused, label=act.label, here=here, name=sheet.address, touched=touched
    )


def _ask(
    request: GuardedRequest, act: acting.UnitAct, sheet: Sheet, form: forms.Form
) -> HttpResponse | Touched | None:
    """A second person, where the act reaches into days that are billed; see `past`."""
    told = act.past
    if told is None:
        return None
    given = form.cleaned_data
    return past.asked_or_shown(
        request,
        form,
        told.change(sheet, given),
        field="why",
        propose=lambda approval_id, why: told.propose(request, sheet, given, approval_id, why),
    )


@requires(*ACTORS)
@never_cache
@require_http_methods(["GET", "POST"])
def meter_act(request: GuardedRequest, meter_id: UUID, code: str) -> HttpResponse:
    """One form about a meter; see `acting`."""
    act = acting.METER_ACTS.get(code)
    device = devices.device(meter_id=meter_id, language=get_language() or "ar")
    if act is None or device is None:
        raise Http404
    _require(request, act)
    form = act.form(device, request.POST if request.method == "POST" else None)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            act.perform(request, device, form)
            messages.success(request, str(act.told))
            return redirect("places:meter", meter_id)
        except Refusal as refusal:
            refused = refusal
    here = reverse("places:meter", args=[meter_id])
    return _shown(request, form, refused, label=act.label, here=here, name=device.meter.serial)


def _require(request: GuardedRequest, act: acting.UnitAct | acting.MeterAct) -> None:
    if not acting.may(request.actor, act):
        deny(request, needs=frozenset(access.holders(act.duty)))


def _shown(
    request: GuardedRequest,
    form: forms.Form,
    refused: Refusal | None,
    *,
    label: Promise,
    here: str,
    name: str,
    touched: Touched | None = None,
) -> HttpResponse:
    context = {
        "touched": touched,
        "form": form,
        "refused": refused,
        "title": label,
        "lede": name,
        "back": here,
        "crumbs": [Crumb(_("Places"), "/places/"), Crumb(name, here), Crumb(str(label))],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(
        request, "places/act.html", context, status=refused.http_status if refused else status
    )
