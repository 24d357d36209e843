"""The screens of lots: what could be one, those that were formed, a lot with its sample."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tahseel.channels.metering.forms import TEXT_LENGTH_MAX
from tahseel.channels.pages.values import Crumb, Pill, Tone
from tahseel.consumption.metrology import operations
from tahseel.consumption.metrology.queries import lots as queries
from tahseel.consumption.metrology.values import (
    Batch,
    Drawn,
    ExchangeOrder,
    Lot,
    LotState,
    Verdict,
)
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import Phase
from tahseel.trust.access.guards import GuardedRequest, requires

READERS = (
    "clerk", "office_head", "revenue_manager", "auditor", "inspector", "supply_engineer",
)  # fmt: skip
MAKE_MAX, YEAR_MIN, YEAR_MAX = 100, 1900, 2199
SEED_BYTES = 16


class BatchForm(forms.Form):
    """Which candidate a lot is formed of."""

    service = forms.ChoiceField(choices=[(one.value, one.value) for one in Service])
    make = forms.CharField(max_length=MAKE_MAX, required=False, strip=False)
    phase = forms.ChoiceField(choices=[(one.value, one.value) for one in Phase])
    year = forms.IntegerField(min_value=YEAR_MIN, max_value=YEAR_MAX)
    intent = forms.UUIDField(required=False)


class PassOverForm(forms.Form):
    """Why a meter of the sample cannot be tested."""

    meter = forms.UUIDField()
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=TEXT_LENGTH_MAX)


@dataclass(frozen=True, slots=True)
class Title:
    """What the meters of a lot have in common, in words."""

    service: str
    make: str
    phase: str
    year: str


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot in a list."""

    view: Lot
    title: Title
    pill: Pill


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A meter of a sample and how it came out."""

    view: Drawn
    serial: str
    pill: Pill


@requires(*READERS)
@never_cache
@require_GET
def lots(request: GuardedRequest) -> HttpResponse:
    """Of what a lot could be formed, the lots there are, and meters that must come down."""
    return _lots(request)


@requires(*operations.FORMERS)
@never_cache
@require_POST
def form_lot(request: GuardedRequest) -> HttpResponse:
    """Form a lot; the seed of its draw is the machine's, nobody types it."""
    form = BatchForm(request.POST)
    if not form.is_valid():
        return _lots(request, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    told = form.cleaned_data
    batch = Batch(Service(told["service"]), told["make"], told["phase"], told["year"])
    try:
        made = operations.form_lot(
            actor=request.actor, at=request.at, lot_id=told["intent"] or new_id(request.at),
            batch=batch, seed=secrets.token_hex(SEED_BYTES),
        )  # fmt: skip
    except Refusal as refusal:
        return _lots(request, refused=refusal, status=refusal.http_status)
    messages.success(request, _("The lot is formed and its sample drawn."))
    return redirect("metering:lot", made.id)


@requires(*READERS)
@never_cache
@require_GET
def lot(request: GuardedRequest, lot_id: UUID) -> HttpResponse:
    """One lot: how its sample was drawn, each meter of it, and what the lot's meters became."""
    return _lot(request, lot_id)


@requires(*operations.FORMERS)
@never_cache
@require_POST
def pass_over(request: GuardedRequest, lot_id: UUID) -> HttpResponse:
    """Take another meter into the sample for one that cannot be tested."""
    form = PassOverForm(request.POST)
    if not form.is_valid():
        return _lot(request, lot_id, status=HTTPStatus.UNPROCESSABLE_ENTITY, sent=form)
    try:
        operations.pass_over(
            actor=request.actor, at=request.at, lot_id=lot_id,
            meter_id=form.cleaned_data["meter"], reason=form.cleaned_data["reason"],
        )  # fmt: skip
    except NotFound:
        raise Http404 from None
    except Refusal as refusal:
        return _lot(request, lot_id, refused=refusal, status=refusal.http_status)
    messages.success(request, _("The next meter of the draw takes its place."))
    return redirect("metering:lot", lot_id)


def _lots(
    request: GuardedRequest, *, refused: Refusal | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    day = local_day(request.at)
    due = queries.exchanges_due(day=day)
    context = {
        "candidates": [
            (one, title(one.batch), new_id(request.at)) for one in queries.candidates(day=day)
        ],
        "lots": [LotRow(one, title(one.batch), _pill(one.state)) for one in queries.lots()],
        "due": _ordered(due, day),
        "may_form": request.actor.has(*operations.FORMERS),
        "refused": refused,
        "crumbs": [Crumb(_("Truth of meters"), reverse("places:truth")), Crumb(_("Lots"))],
    }
    return render(request, "metering/lots.html", context, status=status)


def _lot(
    request: GuardedRequest,
    lot_id: UUID,
    *,
    refused: Refusal | None = None,
    sent: PassOverForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    found = queries.lot(lot_id=lot_id)
    if found is None:
        raise Http404
    day, drawn = local_day(request.at), queries.sample(lot_id=lot_id)
    serials = _serials([one.meter_id for one in drawn])
    waiting = [SampleRow(one, serials[one.meter_id], _result(one)) for one in drawn if one.waits]
    may = request.actor.has(*operations.FORMERS) and found.state is LotState.SAMPLED
    context = {
        "row": LotRow(found, title(found.batch), _pill(found.state)),
        "sample": [SampleRow(one, serials[one.meter_id], _result(one)) for one in drawn],
        "failed": sum(one.verdict is Verdict.FAILED for one in drawn),
        "waits": len(waiting),
        "orders": _ordered(queries.exchange_orders(lot_id=lot_id, day=day), day),
        "passable": waiting if may else [],
        "form": sent or PassOverForm(),
        "refused": refused,
        "crumbs": [
            Crumb(_("Truth of meters"), reverse("places:truth")),
            Crumb(_("Lots"), reverse("metering:lots")),
            Crumb(_("Lot")),
        ],
    }
    return render(request, "metering/lot.html", context, status=status)


def title(batch: Batch) -> Title:
    """In the words of the page's language."""
    services = {Service.ELECTRICITY: _("Electricity"), Service.WATER: _("Water")}
    phases = {Phase.SINGLE: _("Single phase"), Phase.THREE: _("Three phases")}
    phase = phases.get(Phase(batch.phase), "")
    return Title(services[batch.service], batch.make or "—", phase, str(batch.year))


def _pill(state: LotState) -> Pill:
    return {
        LotState.SAMPLED: Pill(_("Sample being tested"), Tone.INFO),
        LotState.ACCEPTED: Pill(_("Accepted"), Tone.GOOD),
        LotState.REJECTED: Pill(_("Not accepted"), Tone.BAD),
    }[state]


def _result(one: Drawn) -> Pill:
    if one.passed_over:
        return Pill(_("Passed over"), Tone.WARNING)
    if one.verdict is None:
        return Pill(_("To be tested"), Tone.INFO)
    if one.verdict is Verdict.PASSED:
        return Pill(_("Passed the test"), Tone.GOOD)
    return Pill(_("Failed the test"), Tone.BAD)


def _ordered(found: list[ExchangeOrder], day: date) -> list[tuple[ExchangeOrder, str, Pill]]:
    serials = _serials([one.meter_id for one in found])
    return [(one, serials[one.meter_id], _order_pill(one, day)) for one in found]


def _order_pill(one: ExchangeOrder, day: date) -> Pill:
    if not one.hangs:
        return Pill(_("Taken down"), Tone.GOOD)
    return Pill(_("Overdue"), Tone.BAD) if one.due_on <= day else Pill(_("Due"), Tone.WARNING)


def _serials(ids: list[UUID]) -> dict[UUID, str]:
    return {one.id: one.serial for one in meters.meters(meter_ids=set(ids)).values()}
