"""Bodies with their consolidated balances, for staff and for a body's own finance officer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tahseel.channels.bodies.forms import AgreementForm, AnnulForm, DayForm, EndForm
from tahseel.channels.pages.values import Crumb
from tahseel.kernel.actor import Actor, ActorKind, Purpose
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.recovery.government import operations as government
from tahseel.recovery.government import queries
from tahseel.recovery.government.values import AgreementKind, Figures, NewAgreement
from tahseel.trust.access.guards import GuardedRequest, deny, requires

STAFF = queries.READERS
OFFICER = "body_officer"


def purpose_of(actor: Actor) -> Purpose:
    """Why these balances are read."""
    if actor.kind is ActorKind.CUSTOMER:
        return Purpose.OWN_ACCOUNT
    return Purpose.AUDIT if actor.has("auditor") else Purpose.COLLECTION


@requires(*STAFF, OFFICER)
@never_cache
@require_GET
def tops(request: GuardedRequest) -> HttpResponse:
    """Every ministry with its whole; an officer is led to the own body."""
    if request.actor.customer_id is not None:
        return redirect("bodies:body", body_id=request.actor.customer_id)
    form, day, status = _day(request)
    nodes = queries.tops(
        actor=request.actor, at=request.at, purpose=purpose_of(request.actor), day=day
    )
    context = {
        "form": form,
        "day": day,
        "nodes": nodes,
        "total": sum((node.whole for node in nodes), Figures()),
    }
    return render(request, "bodies/tops.html", context, status=status)


@requires(*STAFF, OFFICER)
@never_cache
@require_GET
def body(request: GuardedRequest, body_id: UUID) -> HttpResponse:
    """A body with everything under it, its agreements and its own accounts."""
    return _body(request, body_id)


@requires(government.CONCLUDES)
@never_cache
@require_POST
def conclude(request: GuardedRequest, body_id: UUID) -> HttpResponse:
    """Put an agreement on record."""
    form = AgreementForm(request.POST)
    if not form.is_valid():
        return _body(request, body_id, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    given = dict(form.cleaned_data)
    kind = AgreementKind(given.pop("kind"))
    agreement = NewAgreement(id=new_id(request.at), body_id=body_id, kind=kind, **given)
    return _done(
        request,
        body_id,
        lambda: government.conclude_agreement(
            actor=request.actor, at=request.at, agreement=agreement
        ),
        _("The agreement is on record."),
        form,
    )


@requires(government.CONCLUDES)
@never_cache
@require_POST
def end_agreement(request: GuardedRequest, body_id: UUID, agreement_id: UUID) -> HttpResponse:
    """Let an agreement of the body end before a day."""
    _require_own(body_id, agreement_id)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _body(request, body_id, end_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _done(
        request,
        body_id,
        lambda: government.end_agreement(
            actor=request.actor, at=request.at, agreement_id=agreement_id, **form.cleaned_data
        ),
        _("The end of the agreement is on record."),
    )


@requires(government.CONCLUDES)
@never_cache
@require_POST
def annul_agreement(request: GuardedRequest, body_id: UUID, agreement_id: UUID) -> HttpResponse:
    """Set aside an agreement of the body that should not be on record."""
    _require_own(body_id, agreement_id)
    form = AnnulForm(request.POST)
    if not form.is_valid():
        return _body(request, body_id, annul_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _done(
        request,
        body_id,
        lambda: government.annul_agreement(
            actor=request.actor, at=request.at, agreement_id=agreement_id, **form.cleaned_data
        ),
        _("The agreement is annulled."),
    )


def _done(
    request: GuardedRequest,
    body_id: UUID,
    act: Callable[[], object],
    said: str,
    form: AgreementForm | None = None,
) -> HttpResponse:
    """Do it and go back to the page of the body; a refusal is told on the page."""
    try:
        act()
    except Refusal as refusal:
        return _body(request, body_id, form=form, refused=refusal, status=refusal.http_status)
    messages.success(request, said)
    return redirect("bodies:body", body_id=body_id)


def _require_own(body_id: UUID, agreement_id: UUID) -> None:
    if agreement_id not in {one.id for one in queries.agreements_with(body_id=body_id)}:
        raise Http404


def _day(request: GuardedRequest) -> tuple[DayForm, date, int]:
    today = local_day(request.at)
    form = DayForm(request.GET, today=today)
    if form.is_valid():
        return form, form.cleaned_data["day"], HTTPStatus.OK
    return form, today, HTTPStatus.UNPROCESSABLE_ENTITY


def _body(
    request: GuardedRequest,
    body_id: UUID,
    *,
    form: AgreementForm | None = None,
    end_form: EndForm | None = None,
    annul_form: AnnulForm | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    day_form, day, read = _day(request)
    who = {"actor": request.actor, "at": request.at, "purpose": purpose_of(request.actor)}
    try:
        nodes = queries.tree(**who, body_id=body_id, day=day)  # type: ignore[arg-type]
        lines = queries.accounts(**who, body_id=body_id, day=day)  # type: ignore[arg-type]
    except NotFound as missing:
        raise Http404 from missing
    except NotAllowed:
        deny(request)
    staff = request.actor.kind is ActorKind.STAFF
    context = {
        "form": day_form,
        "day": day,
        "nodes": nodes,
        "root": nodes[0],
        "lines": lines,
        "agreements": queries.agreements_with(body_id=body_id),
        "staff": staff,
        "agreement_form": (form or AgreementForm()) if _concludes(request.actor) else None,
        "end_form": (end_form or EndForm()) if _concludes(request.actor) else None,
        "annul_form": (annul_form or AnnulForm()) if _concludes(request.actor) else None,
        "refused": refused,
        "crumbs": [Crumb(_("Government bodies"), "/bodies/"), Crumb(_("Body"))] if staff else [],
    }
    status = read if status == HTTPStatus.OK else status
    return render(request, "bodies/body.html", context, status=status)


def _concludes(actor: Actor) -> bool:
    return actor.has(government.CONCLUDES)
