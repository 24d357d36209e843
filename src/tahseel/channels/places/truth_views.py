"""The screens of meters' tests: what is due, a meter's tests, one test and what it corrects."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tahseel.channels.pages.values import Crumb
from tahseel.channels.places import truth
from tahseel.channels.places.truth_forms import REASON_MAX, CorrectForm, TestForm
from tahseel.consumption.appointments import operations as appointments
from tahseel.consumption.metrology import operations, queries
from tahseel.consumption.metrology.values import NewTest, TestKind, TestView
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import MeterView
from tahseel.trust.access.guards import GuardedRequest, deny, requires

READERS = (
    "clerk", "office_head", "revenue_manager", "auditor", "supply_engineer", "inspector",
    "connection_officer",
)  # fmt: skip


@requires(*READERS)
@never_cache
@require_GET
def worklist(request: GuardedRequest) -> HttpResponse:
    """Certifications that end, errors of which nobody decided, and the tests recorded last."""
    return _work(request)


def _work(request: GuardedRequest, refused: Refusal | None = None) -> HttpResponse:
    context = {
        "work": truth.work(day=local_day(request.at), as_of=request.at),
        "may_settle": request.actor.has(*appointments.SETTLERS),
        "refused": refused,
    }
    status = refused.http_status if refused else HTTPStatus.OK
    return render(request, "places/truth.html", context, status=status)


@requires(*appointments.SETTLERS)
@never_cache
@require_POST
def settle_access(request: GuardedRequest, access_id: UUID) -> HttpResponse:
    """Close a charge for refused access, saying what became of it."""
    reason = request.POST.get("reason", "")[:REASON_MAX]
    try:
        appointments.settle_access(
            actor=request.actor, at=request.at, access_id=access_id, reason=reason
        )
    except NotFound:
        raise Http404 from None
    except Refusal as refusal:
        return _work(request, refusal)
    messages.success(request, _("The charge is closed."))
    return redirect("places:truth")


@requires(*READERS)
@never_cache
@require_http_methods(["GET", "POST"])
def tests(request: GuardedRequest, meter_id: UUID) -> HttpResponse:
    """Every test of a meter and its certification; whoever tests meters records another."""
    meter = meters.meters(meter_ids=[meter_id]).get(meter_id)
    if meter is None:
        raise Http404
    form, refused = TestForm(service=meter.service, initial={"intent": new_id(request.at)}), None
    if request.method == "POST":
        _require(request, operations.TESTERS)
        form = TestForm(request.POST, service=meter.service)
        if form.is_valid():
            try:
                return _recorded(request, meter, form)
            except Refusal as refusal:
                refused = refusal
    context = {
        "sheet": truth.of_meter(meter, day=local_day(request.at)),
        "form": form if request.actor.has(*operations.TESTERS) else None,
        "refused": refused,
        "crumbs": [
            Crumb(_("Places"), reverse("places:find")),
            Crumb(meter.serial, reverse("places:meter", args=[meter_id])),
            Crumb(_("Tests")),
        ],
    }
    return render(request, "places/tests.html", context, status=_status(form, refused))


def _recorded(request: GuardedRequest, meter: MeterView, form: TestForm) -> HttpResponse:
    given = form.cleaned_data
    made = operations.record_test(
        actor=request.actor,
        at=request.at,
        meter_id=meter.id,
        test=NewTest(
            id=given["intent"] or new_id(request.at),
            meter_id=meter.id,
            kind=TestKind(given["kind"]),
            tested_on=given["tested_on"],
            accuracy_class=given["accuracy_class"],
            reference=given["reference"],
            certificate=given["certificate"],
            points=form.points(),
        ),
    )
    messages.success(request, _("The test is on record."))
    return redirect("places:test", made.id)


@requires(*READERS)
@never_cache
@require_http_methods(["GET", "POST"])
def test(request: GuardedRequest, test_id: UUID) -> HttpResponse:
    """One test with its points; what it corrects, would correct, or was asked to correct."""
    found = queries.meter_test(test_id=test_id)
    if found is None:
        raise Http404
    form, refused = CorrectForm(initial={"intent": new_id(request.at)}), None
    if request.method == "POST":
        _require(request, operations.PROPOSERS)
        form = CorrectForm(request.POST)
        if form.is_valid():
            try:
                return _asked(request, found, form)
            except Refusal as refusal:
                refused = refusal
    sheet = truth.of_test(found, as_of=request.at)
    asks = request.actor.has(*operations.PROPOSERS) and sheet.proposed is not None
    context = {
        "sheet": sheet,
        "form": form if asks and not sheet.waits else None,
        "refused": refused,
        "crumbs": [
            Crumb(_("Places"), reverse("places:find")),
            Crumb(sheet.serial, reverse("places:meter", args=[found.meter_id])),
            Crumb(_("Tests"), reverse("places:tests", args=[found.meter_id])),
            Crumb(_("Test")),
        ],
    }
    return render(request, "places/test.html", context, status=_status(form, refused))


def _asked(request: GuardedRequest, found: TestView, form: CorrectForm) -> HttpResponse:
    operations.propose_correction(
        actor=request.actor,
        at=request.at,
        approval_id=form.cleaned_data["intent"] or new_id(request.at),
        test_id=found.id,
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("A second person is asked. Nothing is changed until then."))
    return redirect("places:test", found.id)


def _require(request: GuardedRequest, roles: tuple[str, ...]) -> None:
    if not request.actor.has(*roles):
        deny(request, needs=frozenset(roles))


def _status(form: TestForm | CorrectForm, refused: Refusal | None) -> int:
    if refused is not None:
        return refused.http_status
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
