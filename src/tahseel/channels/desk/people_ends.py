"""What ends before its day: a protection and a document of a customer, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tahseel.channels.desk import people, wording
from tahseel.channels.desk.people_forms import EndForm
from tahseel.channels.pages.values import Crumb
from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.values import CustomerView
from tahseel.trust.access.guards import GuardedRequest, requires

HEADS = ("office_head", "revenue_manager")


@dataclass(frozen=True)
class Ending:
    """What the page of an end says. thing: what ends, in words."""

    label: Promise
    note: Promise
    thing: str
    end: Callable[[str], object]
    told: Promise


@requires(*HEADS)
@never_cache
@require_http_methods(["GET", "POST"])
def protection(request: GuardedRequest, customer_id: UUID, protection_id: UUID) -> HttpResponse:
    """End a protected status before its day; from then on supply may be cut for a debt."""
    view = people.view_of(request, customer_id)
    found = queries.protections_of(**people.reading(request), customer_id=customer_id)
    one = next((each for each in found if each.id == protection_id), None)
    if one is None or one.ended_at is not None:
        raise Http404
    ending = Ending(
        label=_("End the protection"),
        note=_("From now on supply may be cut for a debt."),
        thing=wording.protections()[one.kind],
        end=lambda reason: operations.end_protection(
            actor=request.actor, at=request.at, protection_id=protection_id, reason=reason
        ),
        told=_("The protection has ended."),
    )
    return _ended(request, view, ending)


@requires(*people.WRITERS)
@never_cache
@require_http_methods(["GET", "POST"])
def document(request: GuardedRequest, customer_id: UUID, document_id: UUID) -> HttpResponse:
    """Withdraw a document: it proves nobody any more, and stays in the history."""
    view = people.view_of(request, customer_id)
    found = queries.documents_of(**people.reading(request), customer_id=customer_id)
    one = next((each for each in found if each.id == document_id), None)
    if one is None or one.withdrawn_at is not None:
        raise Http404
    ending = Ending(
        label=_("Withdraw the document"),
        note=_("It proves nothing any more and stays in the history."),
        thing=f"{wording.documents()[one.kind]} {one.number_masked}",
        end=lambda reason: operations.withdraw_document(
            actor=request.actor, at=request.at, document_id=document_id, reason=reason
        ),
        told=_("The document is withdrawn."),
    )
    return _ended(request, view, ending)


def _ended(request: GuardedRequest, view: CustomerView, ending: Ending) -> HttpResponse:
    form = EndForm(request.POST or None)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            ending.end(form.cleaned_data["reason"])
            messages.success(request, str(ending.told))
            return redirect("desk:customer", view.id)
        except Refusal as refusal:
            refused = refusal
    context = {
        "view": view,
        "act": ending,
        "form": form,
        "refused": refused,
        "crumbs": people.crumbs(people.crumb(view), Crumb(str(ending.label))),
    }
    return render(
        request, "desk/customer_act.html", context, status=people.status_of(form, refused)
    )
