"""What is done to an application from its page: parse, call one operation, go back to the page."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tahseel.books.deposits import operations as deposits
from tahseel.channels.services import operations, rules
from tahseel.channels.services.forms import (
    CloseForm,
    FailForm,
    PaperForm,
    ProlongForm,
    StudyForm,
    WithdrawForm,
    dials,
)
from tahseel.channels.services.queries import Sheet
from tahseel.channels.services.values import MeterFit, NewEvidence, Study
from tahseel.channels.services.views import (
    meter_forms,
    page,
    refund_form,
    removal_forms,
    seen,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id, new_id
from tahseel.kernel.period import local_day
from tahseel.registry.meters import queries as meters
from tahseel.trust.access.guards import GuardedRequest, View, requires, requires_by_data, signed_in


def on_duty(duty: str) -> Callable[[View], View]:
    """The view is for whoever has the duty by the country's data."""
    return requires_by_data(lambda: rules.catalogue().duties[duty])


@signed_in
@never_cache
@require_POST
def add_paper(request: GuardedRequest, reference: str) -> HttpResponse:
    """Add one paper."""
    sheet = seen(request, reference)

    def add(given: dict[str, Any], found: dict[str, Any]) -> None:
        file = found["file"]
        evidence = NewEvidence(new_id(request.at), found["kind"], file.name, file.read())
        operations.add_evidence(**given, evidence=evidence)

    form = PaperForm(request.POST, request.FILES, definition=sheet.definition)
    return _typed(request, sheet, add, _("The document is on file."), paper=form)


@on_duty("study")
@never_cache
@require_POST
def study(request: GuardedRequest, reference: str) -> HttpResponse:
    """Record the study."""

    def record(given: dict[str, Any], found: dict[str, Any]) -> None:
        made = Study(
            network_point=found["network_point"],
            available_kw=found["available_kw"],
            current_kw=found["current_kw"] or 0,
            conditions=tuple(found["conditions"]),
            remark=found["remark"],
        )
        operations.record_study(**given, study=made)

    sheet, form = seen(request, reference), StudyForm(request.POST)
    return _typed(request, sheet, record, _("The study is recorded."), study=form)


@on_duty("study")
@never_cache
@require_POST
def quote(request: GuardedRequest, reference: str) -> HttpResponse:
    """Quote the fee."""
    sheet = seen(request, reference)
    return _done(request, sheet, lambda given: operations.quote(**given), _("The fee is quoted."))


@on_duty("inspect")
@never_cache
@require_POST
def pass_inspection(request: GuardedRequest, reference: str) -> HttpResponse:
    """Nothing has to be put right."""
    sheet = seen(request, reference)
    return _done(
        request,
        sheet,
        lambda given: operations.record_inspection(**given),
        _("The inspection is passed."),
    )


@on_duty("inspect")
@never_cache
@require_POST
def fail_inspection(request: GuardedRequest, reference: str) -> HttpResponse:
    """Something has to be put right."""
    sheet = seen(request, reference)
    return _typed(
        request,
        sheet,
        lambda given, found: operations.record_inspection(**given, reasons=found["reasons"]),
        _("The applicant is told what has to be put right."),
        inspect=FailForm(request.POST),
    )


@signed_in
@never_cache
@require_POST
def ask_again(request: GuardedRequest, reference: str) -> HttpResponse:
    """What failed is put right."""
    sheet = seen(request, reference)
    return _done(
        request,
        sheet,
        lambda given: operations.ask_again(**given),
        _("Another inspection is asked for."),
    )


@on_duty("decide")
@never_cache
@require_POST
def prolong(request: GuardedRequest, reference: str) -> HttpResponse:
    """More time to put right what an inspection found."""
    sheet = seen(request, reference)
    return _typed(
        request,
        sheet,
        lambda given, found: operations.prolong(
            **given, until=found["until"], reason=found["reason"]
        ),
        _("There is more time, and the applicant is told."),
        prolong=ProlongForm(request.POST, auto_id="id_prolong_%s"),
    )


@on_duty("decide")
@never_cache
@require_POST
def close(request: GuardedRequest, reference: str) -> HttpResponse:
    """The end of an application that was paid for."""
    sheet = seen(request, reference)
    return _typed(
        request,
        sheet,
        lambda given, found: operations.close(**given, reason=found["reason"]),
        _("The application is closed; what is given back is owed now."),
        close=CloseForm(request.POST, auto_id="id_close_%s"),
    )


@on_duty("energise")
@never_cache
@require_POST
def energise(request: GuardedRequest, reference: str) -> HttpResponse:
    """Give the place its supply today."""
    sheet = seen(request, reference)
    found = meter_forms(sheet, request.POST)
    if not all(form.is_valid() for form in found):
        return _again(request, sheet, energise=found)
    fits = []
    for form in found:
        if not form.has_changed():
            continue
        fit = _fit(form)
        if fit is None:
            return _again(request, sheet, energise=found)
        fits.append(fit)
    return _done(
        request,
        sheet,
        lambda given: operations.energise(**given, day=local_day(request.at), fits=fits),
        _("The place has its supply."),
    )


def _fit(form: Any) -> MeterFit | None:
    """The meter of a form; a reading that cannot be read becomes an error of its field."""
    given = form.cleaned_data
    meter = meters.meter_by_serial(serial=given["serial"])
    read = {}
    for name in ("opening", "closing"):
        try:
            read[name] = dials(given[name], meter) if given.get(name) else {}
        except forms.ValidationError as wrong:
            form.add_error(name, wrong)
            return None
    return MeterFit(form.service, given["serial"], read["opening"], read["closing"])


@on_duty("energise")
@never_cache
@require_POST
def remove(request: GuardedRequest, reference: str) -> HttpResponse:
    """The meters of a temporary supply are down."""
    sheet = seen(request, reference)
    found = removal_forms(sheet, request.POST)
    if not all(form.is_valid() for form in found):
        return _again(request, sheet, remove=found)
    closing = {}
    for form in found:
        meter = meters.meter_by_serial(serial=form.serial)
        try:
            closing[form.serial] = dials(form.cleaned_data["closing"], meter)
        except forms.ValidationError as wrong:
            form.add_error("closing", wrong)
            return _again(request, sheet, remove=found)
    day = local_day(request.at)
    return _done(
        request,
        sheet,
        lambda given: operations.record_removal(**given, day=day, closing=closing),
        _("The meter is down and the account closed."),
    )


@signed_in
@never_cache
@require_POST
def withdraw(request: GuardedRequest, reference: str) -> HttpResponse:
    """Take the application back."""
    sheet = seen(request, reference)
    return _typed(
        request,
        sheet,
        lambda given, found: operations.withdraw(**given, reason=found["reason"]),
        _("The application is taken back."),
        withdraw=WithdrawForm(request.POST),
    )


@requires(*deposits.MAKERS)
@never_cache
@require_POST
def ask_refund(request: GuardedRequest, reference: str, refund_id: UUID) -> HttpResponse:
    """Ask that what is owed back be paid; another person agrees to it."""
    sheet = seen(request, reference)
    form = refund_form(refund_id, request.POST)
    if not form.is_valid():
        return _again(request, sheet, refund=(refund_id, form))
    given = form.cleaned_data
    try:
        deposits.propose_refund(
            actor=request.actor,
            at=request.at,
            approval_id=derived_id(given["intent"], "refund", str(refund_id)),
            account_id=sheet.application.account_id,
            deposit_id=refund_id,
            iban=given["iban"],
            reason=given["reason"],
        )
    except Refusal as refusal:
        fresh = seen(request, reference)
        return page(
            request, fresh, refused=refusal, status=refusal.http_status, refund=(refund_id, form)
        )
    messages.success(request, _("The refund waits for an approval."))
    return redirect("services:application", reference=reference)


def _typed(
    request: GuardedRequest,
    sheet: Sheet,
    act: Callable[[dict[str, Any], dict[str, Any]], object],
    said: str,
    **card: forms.Form,
) -> HttpResponse:
    """Do it with what was typed into the form of one card; a wrong form is shown again."""
    (form,) = card.values()
    if not form.is_valid():
        return _again(request, sheet, **card)
    return _done(request, sheet, lambda given: act(given, form.cleaned_data), said)


def _done(
    request: GuardedRequest, sheet: Sheet, act: Callable[[dict[str, Any]], object], said: str
) -> HttpResponse:
    """Do it and go back to the page, which says so; a refusal is told on the page."""
    given = {
        "actor": request.actor,
        "at": request.at,
        "application_id": sheet.application.id,
    }
    try:
        act(given)
    except Refusal as refusal:
        fresh = seen(request, sheet.application.reference)
        return page(request, fresh, refused=refusal, status=refusal.http_status)
    messages.success(request, said)
    return redirect("services:application", reference=sheet.application.reference)


def _again(request: GuardedRequest, sheet: Sheet, **found: Any) -> HttpResponse:
    return page(request, sheet, status=HTTPStatus.UNPROCESSABLE_ENTITY, **found)
