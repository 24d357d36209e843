"""Records of the State's registries that wait for a person, and the decision on one of them."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tahseel.channels.desk import people, record_words
from tahseel.channels.desk.people_forms import ReasonForm
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb
from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import queries as customers
from tahseel.registry.feeds import operations, queries, rules
from tahseel.registry.feeds.values import WITHDRAWAL, Kind, RecordView, Standing
from tahseel.trust.access.guards import GuardedRequest, deny, requires
from tahseel.trust.access.rules import holders


@requires(*people.READERS)
@never_cache
@require_GET
def waiting(request: GuardedRequest) -> HttpResponse:
    """What could not be applied by itself, the oldest first; nobody is named here."""
    found = queries.records(standing=Standing.PARKED)
    context = {
        "rows": [_told(one) for one in found],
        "crumbs": people.crumbs(Crumb(_("Records of the State"))),
    }
    return render(request, "desk/records.html", context)


@requires(*people.READERS)
@never_cache
@require_http_methods(["GET", "POST"])
def record(request: GuardedRequest, record_id: UUID) -> HttpResponse:
    """One record: of whom it tells, why it waits, and the decision of a head."""
    one = queries.record(record_id=record_id)
    if one is None:
        raise Http404
    decides = holders("feeds.dismiss")
    if request.method == "POST" and not request.actor.has(*decides):
        deny(request, needs=frozenset(decides))
    form = ReasonForm(request.POST or None)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _decided(request, record_id, form.cleaned_data["reason"])
        except Refusal as refusal:
            refused = refusal
    waits = one.standing is Standing.PARKED
    who = queries.person_of(record_id=record_id)
    context = {
        "row": _told(one),
        "person": customers.by_id(**people.reading(request), customer_id=who) if who else None,
        "waits": waits,
        "withdrawn": waits and (one.kind, one.reason) == (Kind.DEATH, WITHDRAWAL),
        "form": form if waits and request.actor.has(*decides) else None,
        "refused": refused,
        "crumbs": people.crumbs(
            Crumb(_("Records of the State"), reverse("desk:records")), Crumb(one.number)
        ),
    }
    status = refused.http_status if refused else _status(form)
    return render(request, "desk/record.html", context, status=status)


def _decided(request: GuardedRequest, record_id: UUID, reason: str) -> HttpResponse:
    actor, at = request.actor, request.at
    if request.POST.get("answer") == "take_back":
        customer_id = operations.take_back(actor=actor, at=at, record_id=record_id, reason=reason)
        messages.success(request, _("The death is taken back."))
        return redirect("desk:customer", customer_id)
    operations.dismiss(actor=actor, at=at, record_id=record_id, reason=reason)
    messages.success(request, _("The record is dismissed."))
    return redirect("desk:records")


def _told(one: RecordView) -> dict[str, object]:
    registry = rules.registries().get(one.registry)
    names = (registry.name_ar, registry.name_en) if registry else (one.registry, one.registry)
    return {
        "view": one,
        "registry": formats.by_language(ar=names[0], en=names[1]),
        "kind": record_words.kinds().get(one.kind, one.kind),
        "version": record_words.versions().get(one.state, one.state),
        "reason": record_words.reasons().get(one.reason, one.reason),
        "detail": one.detail if one.reason not in record_words.reasons() else "",
    }


def _status(form: ReasonForm) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
