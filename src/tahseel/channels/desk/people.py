"""The counter's screens of a customer, of records that may be one person, and of merges."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TypedDict
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tahseel.channels.desk import came, people_acts, wording
from tahseel.channels.desk.people_forms import CodeForm, ReasonForm
from tahseel.channels.desk.values import Collision
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.recovery.government import operations as government_operations
from tahseel.recovery.government import queries as government
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers import rules as customer_rules
from tahseel.registry.customers.values import (
    Confirmation,
    ContactView,
    CustomerView,
    LikePair,
)
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import RoleCollision
from tahseel.trust.access.guards import GuardedRequest, requires
from tahseel.trust.access.rules import holders, may

READERS = ("clerk", "office_head", "revenue_manager", "auditor")
WRITERS = ("clerk", "office_head", "revenue_manager")


@requires(*READERS)
@never_cache
@require_GET
def customer(request: GuardedRequest, customer_id: UUID) -> HttpResponse:
    """Who a customer is and how that is proved, what hangs on him, and what happened to him."""
    view = view_of(request, customer_id)
    read = reading(request)
    day = local_day(request.at)
    merges = queries.merges_of(customer_ids=[customer_id])
    documents = wording.documents()
    protections, happenings = wording.protections(), wording.happenings()
    context = {
        "view": view,
        "kind": wording.kinds()[view.kind],
        "pills": wording.pills(view),
        "evidence": wording.evidence().get(view.evidence) if view.evidence else None,
        "accounts": supply.accounts_ever_of(customer_id=customer_id),
        "documents": [
            (documents[paper.kind], paper, paper.counts_on(day))
            for paper in queries.documents_of(**read, customer_id=customer_id)
        ],
        "protections": [
            (protections[one.kind], one, one.counts_on(day))
            for one in queries.protections_of(**read, customer_id=customer_id)
        ],
        "contacts": [
            (wording.contacts()[one.kind], one)
            for one in queries.contacts_of(**read, customer_id=customer_id)
        ],
        "life": [
            (happenings[event.what], event)
            for event in queries.life_of(**read, customer_id=customer_id)
        ],
        "likes": [_told(pair) for pair in queries.duplicates_like(**read, customer_id=customer_id)],
        "merges": merges,
        "acts": people_acts.open_to(view) if request.actor.has(*WRITERS) else [],
        "may_end": may(request.actor, *holders("customers.end_protection")),
        "crumbs": crumbs(Crumb(_name(view))),
    }
    return render(request, "desk/customer.html", context)


@requires(*WRITERS)
@never_cache
@require_http_methods(["GET", "POST"])
def act(request: GuardedRequest, customer_id: UUID, code: str) -> HttpResponse:
    """One form about a customer; a refusal is told on the same page and changes nothing."""
    view = view_of(request, customer_id)
    found = people_acts.ACTS.get(code)
    if found is None:
        raise Http404
    form = found.form(request.POST or None, initial={"name_ar": view.name_ar,
                      "name_en": view.name_en})  # fmt: skip
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            result = found.perform(request, customer_id, form.cleaned_data)
            return _answered(request, customer_id, found, result)
        except Refusal as refusal:
            refused = refusal
    context = {
        "view": view,
        "act": found,
        "form": form,
        "refused": refused,
        "crumbs": crumbs(crumb(view), Crumb(str(found.label))),
    }
    return render(request, "desk/customer_act.html", context, status=status_of(form, refused))


def _answered(
    request: GuardedRequest, customer_id: UUID, act: people_acts.Act, result: object
) -> HttpResponse:
    if isinstance(result, people_acts.Asked):
        messages.success(
            request, _("Asked for. Somebody else decides; until then nothing changes.")
        )
        return redirect("approving:approval", result.approval_id)
    messages.success(request, str(act.told))
    return redirect("desk:customer", customer_id)


@requires(*WRITERS)
@never_cache
@require_http_methods(["GET", "POST"])
def contact(request: GuardedRequest, customer_id: UUID, contact_id: UUID) -> HttpResponse:
    """Verify one contact by a code that is sent to it, or stop using it."""
    view = view_of(request, customer_id)
    found = queries.contacts_of(**reading(request), customer_id=customer_id)
    one = next((each for each in found if each.id == contact_id), None)
    if one is None:
        raise Http404
    asked = request.POST.get("answer", "")
    form = CodeForm(request.POST if asked == "confirm" else None)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            if _contact_done(request, one, asked, form):
                return redirect("desk:customer", customer_id)
        except Refusal as refusal:
            refused = refusal
    context = {
        "view": view,
        "contact": one,
        "kind": wording.contacts()[one.kind],
        "provable": customer_rules.code_channel(one.kind) is not None,
        "form": form,
        "refused": refused,
        "crumbs": crumbs(crumb(view), Crumb(wording.contacts()[one.kind])),
    }
    return render(request, "desk/contact.html", context, status=status_of(form, refused))


def _contact_done(request: GuardedRequest, one: ContactView, asked: str, form: CodeForm) -> bool:
    """Act on a contact; True when its page has nothing more to do."""
    actor, at = request.actor, request.at
    if asked == "send":
        operations.send_code(actor=actor, at=at, contact_id=one.id)
        messages.success(request, _("The code was sent."))
        return False
    if asked == "end":
        operations.end_contact(actor=actor, at=at, contact_id=one.id)
        messages.success(request, _("The contact is no longer used."))
        return True
    if asked != "confirm" or not form.is_valid():
        return False
    answer = operations.confirm_contact(
        actor=actor, at=at, contact_id=one.id, code=form.cleaned_data["code"]
    )
    told = messages.success if answer is Confirmation.CONFIRMED else messages.error
    told(request, wording.answers()[answer])
    return answer is Confirmation.CONFIRMED


@requires(*READERS)
@never_cache
@require_GET
def duplicates(request: GuardedRequest) -> HttpResponse:
    """Records that may be one person, the likeliest first."""
    pairs = queries.duplicates_found(**reading(request))
    context = {"pairs": [_told(pair) for pair in pairs], "crumbs": crumbs(Crumb(_("Duplicates")))}
    return render(request, "desk/duplicates.html", context)


@requires(*WRITERS)
@never_cache
@require_http_methods(["GET", "POST"])
def merge(request: GuardedRequest, goes: UUID, stays: UUID) -> HttpResponse:
    """Two records side by side: ask for their merge, or say that they are two people."""
    pair = queries.pair_of(**reading(request), one_id=goes, other_id=stays)
    if pair is None:
        raise Http404
    sides = {view.id: view for view in (pair.goes, pair.stays)}
    form = ReasonForm(request.POST or None)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _decided(request, goes, stays, form.cleaned_data["reason"])
        except Refusal as refusal:
            refused = refusal
    context = {
        "sides": [_side(request, sides[goes]), _side(request, sides[stays])],
        "goes": sides[goes],
        "stays": sides[stays],
        "pair": _told(pair),
        "collisions": _collisions(request.actor, goes, stays),
        "form": form,
        "refused": refused,
        "crumbs": crumbs(
            Crumb(_("Duplicates"), reverse("desk:duplicates")), Crumb(_("Two records"))
        ),
    }
    return render(request, "desk/merge.html", context, status=status_of(form, refused))


def _collisions(actor: Actor, goes: UUID, stays: UUID) -> list[Collision]:
    """What one person cannot have twice, and where one of the two is ended or set aside."""
    enders, strikers = holders("supply.end_party"), holders("supply.strike_party")
    concluders = (government_operations.CONCLUDES,)

    def others(roles: tuple[str, ...]) -> str:
        return "" if may(actor, *roles) else wording.roles_in_words(roles)

    def strike_at(one: RoleCollision) -> str:
        act = reverse("accounts:act", args=[one.number, "strike-role"])
        return f"{act}?party={one.goes_id}"

    found = [
        Collision(
            wording.role_word(one.role), one.number, "", one.day, one.ends,
            reverse("accounts:account", args=[one.number]), others(enders),
            strike_at(one) if may(actor, *strikers)
            else reverse("accounts:account", args=[one.number]), others(strikers),
        )
        for one in supply.role_collisions(goes_id=goes, stays_id=stays)
    ]  # fmt: skip
    return found + [
        Collision(
            _("Agreement"), one.goes.number, one.stays.number, one.day, one.ends,
            reverse("bodies:body", args=[one.earlier.body_id]), others(concluders),
            reverse("bodies:body", args=[one.goes.body_id]), others(concluders),
        )
        for one in government.collisions(goes_id=goes, stays_id=stays)
    ]  # fmt: skip


def _decided(request: GuardedRequest, goes: UUID, stays: UUID, reason: str) -> HttpResponse:
    actor, at = request.actor, request.at
    if request.POST.get("answer") == "apart":
        operations.keep_apart(actor=actor, at=at, one_id=goes, other_id=stays, reason=reason)
        messages.success(request, _("Kept: these are two people."))
        return redirect("desk:duplicates")
    approval_id = operations.propose_merge(
        actor=actor, at=at, approval_id=new_id(at), merged_id=goes, into_id=stays, reason=reason
    )
    messages.success(request, _("Asked for. Somebody else decides; until then nothing changes."))
    return redirect("approving:approval", approval_id)


@requires(*READERS)
@never_cache
@require_http_methods(["GET", "POST"])
def merged(request: GuardedRequest, merge_id: UUID) -> HttpResponse:
    """What a merge moved, who asked and who agreed; and the question to take it back."""
    found = queries.merge_by_id(merge_id=merge_id)
    if found is None:
        raise Http404
    people = queries.by_ids(**reading(request), customer_ids=[found.merged_id, found.into_id])
    writer = request.actor.has(*WRITERS)
    form = ReasonForm(request.POST or None)
    refused: Refusal | None = None
    if request.method == "POST" and writer and form.is_valid():
        try:
            approval_id = operations.propose_unmerge(
                actor=request.actor, at=request.at, approval_id=new_id(request.at),
                merge_id=merge_id, reason=form.cleaned_data["reason"],
            )  # fmt: skip
            return redirect("approving:approval", approval_id)
        except Refusal as refusal:
            refused = refusal
    names = wording.tables()
    rows = queries.rows_moved(merge_id=merge_id)
    since = came.told(queries.came_since(merge_id=merge_id))
    context = {
        "merge": found,
        "goes": people[found.merged_id],
        "stays": people[found.into_id],
        "rows": [(names.get(table, table), count) for table, count in rows.items()],
        "came": since,
        "sortable": writer and any(one.here for one in since),
        "form": form if writer and found.undone_at is None else None,
        "refused": refused,
        "crumbs": crumbs(crumb(people[found.into_id]), Crumb(_("Merge"))),
    }
    return render(request, "desk/merged.html", context, status=status_of(form, refused))


def view_of(request: GuardedRequest, customer_id: UUID) -> CustomerView:
    view = queries.by_id(**reading(request), customer_id=customer_id)
    if view is None:
        raise Http404
    return view


class Reading(TypedDict):
    """Who reads, when and why: part of every query of a person."""

    actor: Actor
    at: datetime
    purpose: str


def reading(request: GuardedRequest) -> Reading:
    purpose = Purpose.AUDIT if request.actor.has("auditor") else Purpose.CUSTOMER_SERVICE
    return {"actor": request.actor, "at": request.at, "purpose": purpose}


def _name(view: CustomerView) -> str:
    return view.name("ar" if formats.is_arabic() else "en")


def crumb(view: CustomerView) -> Crumb:
    return Crumb(_name(view), reverse("desk:customer", args=[view.id]))


def crumbs(*last: Crumb) -> list[Crumb]:
    return [Crumb(_("Find an account"), reverse("desk:find")), *last]


def _told(pair: LikePair) -> dict[str, object]:
    """A pair with its reasons in words."""
    words = wording.reasons()
    return {
        "goes": pair.goes,
        "stays": pair.stays,
        "score": pair.score,
        "reasons": [words[reason] for reason in pair.reasons],
    }


def _side(request: GuardedRequest, view: CustomerView) -> dict[str, object]:
    """One of two records as it stands beside the other."""
    return {
        "view": view,
        "kind": wording.kinds()[view.kind],
        "pills": wording.pills(view),
        "accounts": supply.accounts_ever_of(customer_id=view.id),
    }


def status_of(form: forms.Form, refused: Refusal | None) -> int:
    if refused is not None:
        return refused.http_status
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
