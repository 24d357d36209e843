"""Services for counter and web: the catalogue, applying, one's list, an application's page."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tahseel.books.deposits import operations as deposits
from tahseel.channels.pages.values import Crumb
from tahseel.channels.services import operations, queries, rules, wording
from tahseel.channels.services.forms import (
    ApplyForm,
    CloseForm,
    FailForm,
    MeterForm,
    PaperForm,
    ProlongForm,
    RefundForm,
    RemovalForm,
    StudyForm,
    WithdrawForm,
)
from tahseel.channels.services.operations.applying import (
    AccountNotYours,
    ApplicationIncomplete,
    PlaceUnknown,
)
from tahseel.channels.services.queries import RefundRow, Sheet
from tahseel.channels.services.values import (
    Ask,
    NewApplication,
    NewEvidence,
    ServiceDefinition,
    State,
)
from tahseel.kernel.actor import Purpose
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.ids import derived_id, new_id
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.customers import queries as customers
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.access import rules as access
from tahseel.trust.access.guards import GuardedRequest, deny, signed_in
from tahseel.trust.audit import operations as audit
from tahseel.trust.audit.values import Outcome


@signed_in
@never_cache
@require_GET
def catalogue(request: GuardedRequest) -> HttpResponse:
    """What is offered where the visitor stands: at the counter or on the web."""
    offered = _offered(request)
    return render(request, "services/catalogue.html", {"services": offered})


def _counter(request: GuardedRequest) -> bool:
    return access.may(request.actor, *rules.catalogue().duties["apply"])


def _offered(request: GuardedRequest) -> list[ServiceDefinition]:
    if _counter(request):
        channel = "counter"
    elif request.actor.customer_id is not None:
        channel = "portal"
    else:
        return deny(request, needs=frozenset(rules.catalogue().duties["apply"]))
    return [s for s in rules.catalogue().services.values() if channel in s.channels]


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: GuardedRequest, code: str) -> HttpResponse:
    """Apply for a service: the form follows from its definition."""
    definition = next((one for one in _offered(request) if one.code == code), None)
    if definition is None:
        raise Http404
    form = ApplyForm(
        request.POST or None,
        request.FILES or None,
        definition=definition,
        counter=_counter(request),
        initial={"intent": new_id(request.at)},
    )
    refused = None
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.apply(
                actor=request.actor,
                at=request.at,
                application=_application(request, definition, form),
                evidence=_evidence(form),
            )
        except Refusal as refusal:
            refused = refusal
        else:
            return redirect("services:application", reference=made.reference)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    context = {
        "service": definition,
        "form": form,
        "refused": refused,
        "crumbs": [Crumb(_("Services"), "/services/"), Crumb(_("Apply"))],
    }
    return render(request, "services/apply.html", context, status=status)


def _application(
    request: GuardedRequest, definition: ServiceDefinition, form: ApplyForm
) -> NewApplication:
    given = form.cleaned_data
    unit_id, account_id = _place(definition, given)
    wanted = given.get("services") or [Service.ELECTRICITY.value]
    return NewApplication(
        id=given["intent"],
        service=definition.code,
        applicant_id=_applicant(request, given),
        unit_id=unit_id,
        services=frozenset(Service(service) for service in wanted),
        load_kw=given.get("load_kw") or 0,
        account_id=account_id,
        until_day=given.get("until_day"),
        purpose=given.get("purpose") or "",
    )


def _applicant(request: GuardedRequest, given: Mapping[str, Any]) -> UUID:
    if "applicant" not in given:
        return UUID(str(request.actor.customer_id))
    found = customers.by_civil_id(
        actor=request.actor,
        at=request.at,
        purpose=Purpose.CUSTOMER_SERVICE,
        civil_id=given["applicant"],
    )
    if found is None:
        raise ApplicationIncomplete(field="applicant")
    return found.id


def _place(definition: ServiceDefinition, given: Mapping[str, Any]) -> tuple[UUID, UUID | None]:
    if Ask.ACCOUNT in definition.asks:
        account = supply.account_ref(number=given["account"])
        if account is None:
            raise AccountNotYours(account=given["account"])
        return account.unit_id, account.id
    number = given["place"].strip()
    unit = premises.units_by_automatic_number(numbers=[number]).get(number)
    if unit is None:
        raise PlaceUnknown()
    return unit, None


def _evidence(form: ApplyForm) -> list[NewEvidence]:
    intent = form.cleaned_data["intent"]
    return [
        NewEvidence(derived_id(intent, "paper", kind), kind, file.name, file.read())
        for kind, file in form.papers().items()
    ]


@signed_in
@never_cache
@require_GET
def applications(request: GuardedRequest) -> HttpResponse:
    """An applicant's own applications, or what waits for the duties of staff."""
    as_of = local_day(request.at)
    if request.actor.customer_id is not None:
        rows = queries.own(actor=request.actor, as_of=as_of)
    else:
        try:
            rows = queries.worklist(actor=request.actor, as_of=as_of)
        except NotAllowed:
            return deny(request, needs=frozenset(rules.catalogue().staff_roles))
    shown = [
        (
            row,
            wording.service_words(row.application.services),
            wording.state_pill(row),
            wording.late_pill(row),
        )
        for row in rows
    ]
    context = {"rows": shown, "own": request.actor.customer_id is not None}
    return render(request, "services/list.html", context)


@signed_in
@never_cache
@require_GET
def application(request: GuardedRequest, reference: str) -> HttpResponse:
    """One application: where it stands, what it costs, its papers, what the visitor may do."""
    return page(request, seen(request, reference))


def seen(request: GuardedRequest, reference: str) -> Sheet:
    """The application, for whoever may see it; to others it does not exist, and a leaf says so."""
    try:
        return queries.sheet(
            actor=request.actor, at=request.at, reference=reference, as_of=local_day(request.at)
        )
    except NotAllowed:
        return deny(request, needs=frozenset(rules.catalogue().staff_roles))
    except NotFound as missing:
        audit.record(
            actor=request.actor,
            action="services.open_page",
            subject="application",
            at=request.at,
            outcome=Outcome.DENIED,
        )
        raise Http404 from missing


@signed_in
@never_cache
@require_GET
def paper(request: GuardedRequest, reference: str, paper_id: UUID) -> HttpResponse:
    """A paper as a download: it never runs in our pages."""
    sheet = seen(request, reference)
    try:
        view, body = queries.paper(
            actor=request.actor,
            at=request.at,
            reference=sheet.application.reference,
            paper_id=paper_id,
        )
    except NotFound as missing:
        raise Http404 from missing
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg"}.get(view.media_type, "png")
    response = HttpResponse(body, content_type=view.media_type)
    name = f"{sheet.application.reference}-{view.kind}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def page(
    request: GuardedRequest,
    sheet: Sheet,
    *,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
    **forms: Any,
) -> HttpResponse:
    """The application's page, with the forms of what the visitor may do now."""
    may = _may(request, sheet)
    shown: dict[str, Any] = {name: make(sheet) for name, (act, make) in _FORMS.items() if may[act]}
    kinds = {kind.code: kind for kind in sheet.definition.documents}
    context = {
        "sheet": sheet,
        "pill": wording.state_pill(sheet.row),
        "late": wording.late_pill(sheet.row),
        "services": wording.service_words(sheet.application.services),
        "verdict": wording.verdict_word(sheet.application.verdict),
        "labels": wording.course_labels(),
        "reached": wording.reached(sheet),
        "course": wording.course(sheet),
        "papers": [(one, kinds.get(one.kind)) for one in sheet.papers],
        "reasons": wording.to_put_right(sheet),
        "missing": sheet.row.missing if sheet.application.state in rules.OPEN else (),
        "may": may,
        "refused": refused,
        "crumbs": [Crumb(_("Applications"), "/applications/"), Crumb(sheet.application.reference)],
        "refunds": _refunds(request, sheet, forms.pop("refund", None)) if may["refund"] else [],
        **shown,
        **forms,
    }
    return render(request, "services/application.html", context, status=status)


def refund_form(refund_id: UUID, data: Any = None, **options: Any) -> RefundForm:
    """The form of one refund; a page may show several, so the ids of their fields differ."""
    return RefundForm(data, auto_id=f"id_{refund_id}_%s", **options)


def _refunds(
    request: GuardedRequest, sheet: Sheet, sent: tuple[UUID, RefundForm] | None
) -> list[tuple[RefundRow, RefundForm]]:
    """What may be asked for, each with its form; the one that was sent as it was typed."""
    typed = dict([sent] if sent else [])
    return [
        (
            one,
            typed.get(one.about.id)
            or refund_form(one.about.id, initial={"intent": new_id(request.at)}),
        )
        for one in sheet.refunds
        if one.due and one.asked is None
    ]


def _may(request: GuardedRequest, sheet: Sheet) -> dict[str, bool]:
    """What the visitor may do to the application now; the operations decide again."""
    state, duties = sheet.application.state, rules.catalogue().duties
    mine = sheet.own or access.may(request.actor, *duties["apply"])

    def holds(duty: str) -> bool:
        return access.may(request.actor, *duties[duty])

    return {
        "paper": mine and state in rules.OPEN,
        "study": holds("study") and state is State.APPLIED,
        "quote": holds("study") and state is State.STUDIED,
        "pay": mine and state is State.QUOTED,
        "inspect": holds("inspect") and state is State.PAID,
        "again": mine and state in (State.FAILED, State.REFERRED),
        "decide": holds("decide") and state is State.REFERRED,
        "energise": holds("energise") and state is State.PASSED,
        "remove": holds("energise") and state is State.REMOVAL_DUE,
        "refund": access.may(request.actor, *deposits.MAKERS)
        and any(one.due and one.asked is None for one in sheet.refunds),
        "withdraw": mine and rules.GETTING_SUPPLY.allows(state, State.WITHDRAWN),
    }


def meter_forms(sheet: Sheet, data: Any = None) -> list[MeterForm]:
    """One form for each service; for an increase a meter is only needed when it is another."""
    exchange = Ask.ACCOUNT in sheet.definition.asks
    return [
        MeterForm(data, service=service, exchange=exchange, empty_permitted=exchange,
                  use_required_attribute=False)
        for service in Service
        if service in sheet.application.services
    ]  # fmt: skip


def removal_forms(sheet: Sheet, data: Any = None) -> list[RemovalForm]:
    """One form for each meter that hangs."""
    hung = queries.hung_at(unit_id=sheet.application.unit_id, day=sheet.as_of)
    return [RemovalForm(data, serial=view.serial) for view in hung.values()]


# A form's name in the page, the act that allows it, and how it is made.
_FORMS: Mapping[str, tuple[str, Any]] = {
    "paper": ("paper", lambda sheet: PaperForm(definition=sheet.definition)),
    "study": ("study", lambda sheet: StudyForm()),
    "inspect": ("inspect", lambda sheet: FailForm()),
    "energise": ("energise", meter_forms),
    "remove": ("remove", removal_forms),
    "prolong": ("decide", lambda sheet: ProlongForm(auto_id="id_prolong_%s")),
    "close": ("decide", lambda sheet: CloseForm(auto_id="id_close_%s")),
    "withdraw": ("withdraw", lambda sheet: WithdrawForm()),
}
