"""The screens of places: parse, call one query or operation, show."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tahseel.channels.approving.values import Touched
from tahseel.channels.pages.values import Crumb
from tahseel.channels.places import acting, devices, past, queries
from tahseel.channels.places.forms import (
    CertificateForm,
    EndingForm,
    MergeForm,
    SplitForm,
    WithdrawForm,
)
from tahseel.channels.places.values import Sheet
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id, new_id
from tahseel.kernel.period import local_day
from tahseel.registry.premises import operations, rules
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.values import PriceCause, PriceChange, Reshaping, UnitState
from tahseel.trust.access.guards import GuardedRequest, requires

FIELD = ("supply_engineer", "inspector", "connection_officer")
READERS = ("clerk", "office_head", "revenue_manager", "auditor", *FIELD)
WRITERS = ("clerk", "office_head")
HEADS = ("office_head",)
ASKERS = ("clerk", "office_head", "revenue_manager", "auditor")
TEXT_MAX = 120
CERTIFIED = ("kind", "number", "valid_from", "valid_until")


@requires(*READERS)
@never_cache
@require_GET
def find(request: GuardedRequest) -> HttpResponse:
    """Find a unit by any part of its address or by its automatic number."""
    text = request.GET.get("q", "")[:TEXT_MAX]
    found = None
    if text.strip():
        found = queries.found(text=text, language=_language(), as_of=local_day(request.at))
    return render(request, "places/find.html", {"text": text, "found": found})


@requires(*READERS)
@never_cache
@require_GET
def unit(request: GuardedRequest, unit_id: UUID) -> HttpResponse:
    """A unit with all that is known about it."""
    return _page(request, _sheet(request, unit_id))


@requires(*READERS)
@never_cache
@require_GET
def meter(request: GuardedRequest, meter_id: UUID) -> HttpResponse:
    """A meter's life: where it hung, its seals and stores, its reads and months."""
    found = devices.device(meter_id=meter_id, language=_language())
    if found is None:
        raise Http404
    crumbs = [Crumb(_("Places"), "/places/"), Crumb(found.meter.serial)]
    acts = [
        (code, act.label)
        for code, act in acting.METER_ACTS.items()
        if acting.may(request.actor, act) and act.fits(found)
    ]
    context = {"device": found, "crumbs": crumbs, "acts": acts}
    return render(request, "places/meter.html", context)


@requires(*WRITERS)
@never_cache
@require_POST
def certify(request: GuardedRequest, unit_id: UUID) -> HttpResponse:
    """Put a certificate on record."""
    sheet, form = _sheet(request, unit_id), CertificateForm(request.POST)
    if not form.is_valid():
        return _page(request, sheet, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    given: dict[str, Any] = {name: form.cleaned_data[name] for name in CERTIFIED} | {
        "unit_id": unit_id
    }
    by: dict[str, Any] = {"actor": request.actor, "at": request.at}
    try:
        asked = past.asked_or_shown(
            request,
            form,
            PriceChange(
                cause=PriceCause.CERTIFICATE, unit_id=unit_id,
                from_day=given["valid_from"], until_day=given["valid_until"],
            ),
            field="why",
            propose=lambda approval_id, why: operations.propose_certificate(
                **by, **given, approval_id=approval_id, reason=why
            ),
        )  # fmt: skip
        if asked is None:
            operations.record_certificate(**by, **given, id=new_id(request.at))
    except Refusal as refused:
        return _page(request, sheet, form=form, refused=refused, status=refused.http_status)
    if isinstance(asked, HttpResponse):
        return asked
    if asked is not None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(request, sheet, form=form, touched=asked, status=status)
    return _done(request, unit_id, _("The certificate is on record."))


@requires(*HEADS)
@never_cache
@require_http_methods(["GET", "POST"])
def withdraw(request: GuardedRequest, certificate_id: UUID) -> HttpResponse:
    """Take a certificate back before its term."""
    paper = premises.certificate(certificate_id=certificate_id)
    if paper is None:
        raise Http404
    sheet = _sheet(request, paper.unit_id)
    form = WithdrawForm(request.POST or None, initial={"intent": new_id(request.at)})

    def act() -> HttpResponse | None:
        by: dict[str, Any] = {
            "actor": request.actor, "at": request.at, "certificate_id": certificate_id,
        }  # fmt: skip
        day, reason = form.cleaned_data["on_day"], form.cleaned_data["reason"]
        change = PriceChange(
            cause=PriceCause.CERTIFICATE, unit_id=paper.unit_id, from_day=day,
            until_day=paper.valid_until,
        )  # fmt: skip
        asked = past.asked_or_shown(
            request,
            form,
            change,
            field="reason",
            propose=lambda approval_id, why: operations.propose_withdrawal(
                **by, on_day=day, reason=why, approval_id=approval_id
            ),
        )
        if isinstance(asked, HttpResponse):
            return asked
        operations.withdraw_certificate(**by, on_day=day, reason=reason)
        return None

    title = _("Withdraw certificate %(number)s") % {"number": paper.number}
    return _formed(request, sheet, form, act, title=title, said=_("The certificate is withdrawn."))


@requires(*HEADS)
@never_cache
@require_http_methods(["GET", "POST"])
def split(request: GuardedRequest, unit_id: UUID) -> HttpResponse:
    """Split a unit into several."""
    sheet = _standing(request, unit_id)
    form = SplitForm(
        request.POST or None,
        unit=sheet.view,
        sector=queries.sector_for(sheet),
        points=[placed for placed in sheet.points if placed.point.until_day is None],
    )

    def act() -> HttpResponse | Touched | None:
        key = form.key(request.at)
        parts = form.parts(key)
        given = Reshaping(
            id=derived_id(key, "act"),
            state=UnitState.SPLIT,
            unit_ids=(unit_id,),
            on_day=form.cleaned_data["on_day"],
            reference=form.cleaned_data["reference"],
            into=tuple(parts.values()),
            points=form.points(parts),
        )
        return past.reshaped(request, form, given, key)

    return _formed(
        request, sheet, form, act, title=_("Split this unit"), said=_("The unit is split.")
    )


@requires(*HEADS)
@never_cache
@require_http_methods(["GET", "POST"])
def merge(request: GuardedRequest, unit_id: UUID) -> HttpResponse:
    """Merge a unit with others of its building; every service point stays in use."""
    sheet = _standing(request, unit_id)
    beside = [row for row in sheet.beside if row.view.state is UnitState.STANDING]
    form = MergeForm(
        request.POST or None, unit=sheet.view, sector=queries.sector_for(sheet), beside=beside
    )

    def act() -> HttpResponse | Touched | None:
        key, unit_ids = form.key(request.at), form.unit_ids()
        day, whole = form.cleaned_data["on_day"], form.whole(key)
        points = premises.service_points(unit_ids=unit_ids, day=day)
        given = Reshaping(
            id=derived_id(key, "act"),
            state=UnitState.MERGED,
            unit_ids=tuple(unit_ids),
            on_day=day,
            reference=form.cleaned_data["reference"],
            into=(whole,),
            points={point.id: whole.id for found in points.values() for point in found},
        )
        return past.reshaped(request, form, given, key)

    return _formed(
        request, sheet, form, act, title=_("Merge with neighbours"), said=_("The units are merged.")
    )


@requires(*HEADS)
@never_cache
@require_http_methods(["GET", "POST"])
def demolish(request: GuardedRequest, unit_id: UUID) -> HttpResponse:
    """Record that a unit was torn down."""
    sheet, form = _standing(request, unit_id), EndingForm(request.POST or None)

    def act() -> HttpResponse | Touched | None:
        key = form.key(request.at)
        day = form.cleaned_data["on_day"]
        points = premises.service_points(unit_ids=[unit_id], day=day).get(unit_id, [])
        given = Reshaping(
            id=derived_id(key, "act"),
            state=UnitState.DEMOLISHED,
            unit_ids=(unit_id,),
            on_day=day,
            reference=form.cleaned_data["reference"],
            points={point.id: None for point in points},
        )
        return past.reshaped(request, form, given, key)

    return _formed(
        request,
        sheet,
        form,
        act,
        title=_("Record a demolition"),
        said=_("The demolition is on record."),
    )


def _formed(
    request: GuardedRequest,
    sheet: Sheet,
    form: forms.Form,
    act: Callable[[], HttpResponse | Touched | None],
    *,
    title: str,
    said: str,
) -> HttpResponse:
    """A form on a page of its own: shown, or done, or shown again with what is wrong."""
    refused: Refusal | None = None
    touched: HttpResponse | Touched | None = None
    if request.method == "GET" and "intent" in form.fields:
        form.initial["intent"] = new_id(request.at)
    if request.method == "POST" and form.is_valid():
        try:
            touched = act()
        except Refusal as why:
            refused = why
        else:
            if touched is None:
                return _done(request, sheet.view.id, said)
    if isinstance(touched, HttpResponse):
        return touched
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    if refused is not None:
        status = HTTPStatus(refused.http_status)
    context = {
        "sheet": sheet, "form": form, "title": title, "refused": refused, "touched": touched,
    }  # fmt: skip
    crumbs = [*_crumbs(sheet, here=False), Crumb(title)]
    return render(request, "places/change.html", {**context, "crumbs": crumbs}, status=status)


def _done(request: GuardedRequest, unit_id: UUID, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("places:unit", unit_id)


def _sheet(request: GuardedRequest, unit_id: UUID) -> Sheet:
    day = local_day(request.at)
    found = queries.sheet(unit_id=unit_id, language=_language(), as_of=day)
    if found is None:
        raise Http404
    return found


def _standing(request: GuardedRequest, unit_id: UUID) -> Sheet:
    """A unit that can still be changed; a page of one that is gone has no such form."""
    sheet = _sheet(request, unit_id)
    if not sheet.standing:
        raise Http404
    return sheet


def _crumbs(sheet: Sheet, *, here: bool) -> list[Crumb]:
    address = "" if here else f"/places/units/{sheet.view.id}/"
    return [Crumb(_("Places"), "/places/"), Crumb(sheet.ladder[-1][1], address)]


def _page(
    request: GuardedRequest,
    sheet: Sheet,
    *,
    form: CertificateForm | None = None,
    refused: Refusal | None = None,
    touched: Touched | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    may_certify = (
        sheet.sector is not None
        and rules.certificate_for(sheet.sector.sector) is not None
        and request.actor.has(*WRITERS)
    )
    context = {
        "sheet": sheet,
        "crumbs": _crumbs(sheet, here=True),
        "acts": [
            (code, act.label)
            for code, act in acting.UNIT_ACTS.items()
            if sheet.standing and acting.may(request.actor, act) and act.fits(sheet)
        ],
        "may_ask": request.actor.has(*ASKERS),
        "may_change": sheet.standing and request.actor.has(*HEADS),
        "touched": touched,
        "form": (form or _fresh(request)) if may_certify and sheet.standing else None,
        "opened": form is not None,
        "refused": refused,
    }
    return render(request, "places/unit.html", context, status=status)


def _fresh(request: GuardedRequest) -> CertificateForm:
    return CertificateForm(initial={"intent": new_id(request.at)})


def _language() -> str:
    return get_language() or "ar"
