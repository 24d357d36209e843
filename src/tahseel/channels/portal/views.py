"""The customer's screens: own accounts and bills, paying by reference, the result of a payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import NoReturn, TypeVar
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tahseel.books.payments import operations as payments
from tahseel.books.payments import queries as paid
from tahseel.books.payments.values import IntentState, PaymentIntent
from tahseel.channels.pages import formats
from tahseel.channels.portal import drawings, meters_read, paying, queries
from tahseel.channels.portal.forms import IntervalsForm, PayForm, ReferenceForm
from tahseel.channels.portal.values import AccountSheet, BillSheet, Visitor
from tahseel.channels.printing.values import LANGUAGES
from tahseel.consumption.readings.values import NoIntervals
from tahseel.kernel.errors import Fault, NotAllowed, NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.limits import Limit
from tahseel.kernel.period import Period, local_day
from tahseel.kernel.quantity import Service
from tahseel.kernel.words import amount_in_words
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef
from tahseel.trust.access.guards import GuardedRequest, deny, public, signed_in
from tahseel.trust.access.throttle import limited
from tahseel.trust.audit import operations as audit
from tahseel.trust.audit.values import Outcome

GATEWAY = "knet"
# Enough for a family that pays ten bills; far too little to try references one after another.
ASK_LIMIT = Limit("pay", most=30, seconds=60)
RESULT_LIMIT = Limit("payment-result", most=120, seconds=60)
OPEN_STATES = frozenset({IntentState.SENT, IntentState.CAPTURED, IntentState.IN_DOUBT})
PAYMENTS_SHOWN = 12
FILE_LIMIT = Limit("interval-file", most=30, seconds=60)
Sheet = TypeVar("Sheet", AccountSheet, BillSheet, Visitor, bytes)


@signed_in
@never_cache
@require_GET
def accounts(request: GuardedRequest) -> HttpResponse:
    """The accounts of the person who is signed in; one account leads straight to its page."""
    if request.actor.customer_id is None:
        return redirect("desk:find")
    found = queries.own_accounts(actor=request.actor, at=request.at, as_of=local_day(request.at))
    if len(found) == 1:
        return redirect("portal:account", number=found[0].number)
    return render(request, "portal/accounts.html", {"accounts": found})


@signed_in
@never_cache
@require_GET
def account(request: GuardedRequest, number: str) -> HttpResponse:
    """One account for its payer or for staff of the counter; to others it does not exist."""
    ref = supply.account_ref(number=number)

    def read() -> AccountSheet:
        if ref is None:
            raise NotFound
        return queries.account_sheet(
            actor=request.actor, at=request.at, account=ref, as_of=local_day(request.at)
        )

    found = _allowed(request, str(ref.id) if ref else "account", read)
    own = meters_read.own_meters(actor=request.actor, at=request.at, account=ref) if ref else []
    open_now = meters_read.window(request.at)
    charts = [drawings.monthly(found.months, service) for service in Service]
    context = {
        "sheet": found,
        "charts": [chart for chart in charts if chart],
        "daily": drawings.daily(found.days),
        "paid": found.payments[:PAYMENTS_SHOWN],
        "own_meters": own,
        "read_until": open_now.end - timedelta(days=1) if open_now else None,
        "estimated": any(month.estimated for month in found.months),
    }
    return render(request, "portal/account.html", context)


@signed_in
@never_cache
@require_GET
def bill(request: GuardedRequest, number: str) -> HttpResponse:
    """One bill with its lines and what explains them."""

    def read() -> BillSheet:
        return queries.bill_sheet(
            actor=request.actor, at=request.at, number=number, as_of=local_day(request.at)
        )

    found = _allowed(request, "bill", read)
    pay = reverse("portal:pay_reference", args=[number])
    context = {
        "sheet": found,
        "charts": [drawings.billed(one, found.row.bill.month) for one in found.told.compared],
        "words": amount_in_words(found.row.bill.total, language=get_language() or "ar"),
        "code": formats.square_code(urljoin(settings.PUBLIC_URL, pay)),
    }
    return render(request, "portal/bill.html", context)


@signed_in
@limited(FILE_LIMIT)
@never_cache
@require_GET
def bill_pdf(request: GuardedRequest, number: str, language: str) -> HttpResponse:
    """One bill as it is printed, in Arabic or English."""

    def read() -> bytes:
        if language not in LANGUAGES:
            raise NotFound
        return queries.bill_paper(
            actor=request.actor, at=request.at, number=number, language=language
        )

    paper = HttpResponse(_allowed(request, "bill", read), content_type="application/pdf")
    paper["Content-Disposition"] = f'inline; filename="{number}-{language}.pdf"'
    return paper


@signed_in
@limited(FILE_LIMIT)
@never_cache
@require_GET
def intervals(request: GuardedRequest, number: str) -> HttpResponseBase:
    """Every interval of some days as a Green Button file; asked without days, the form for them."""
    ref = supply.account_ref(number=number)

    def visitor() -> Visitor:
        if ref is None:
            raise NotFound
        return queries.visitor_of(actor=request.actor, account=ref)

    seen = _allowed(request, str(ref.id) if ref else "account", visitor)
    assert ref is not None, "an account that is none was refused"
    today = local_day(request.at)
    year = {"first_day": today - timedelta(days=365), "last_day": today - timedelta(days=1)}
    form = IntervalsForm(request.GET if "first_day" in request.GET else None, initial=year)
    if form.is_valid():
        try:
            return _file(request, ref, form.period())
        except NoIntervals as refusal:
            form.add_error(None, formats.by_language(ar=refusal.text_ar, en=refusal.text_en))
    context = {"number": number, "own": seen.customer_id is not None, "form": form}
    return render(request, "portal/intervals.html", context)


def _file(request: GuardedRequest, account: AccountRef, period: Period) -> StreamingHttpResponse:
    pieces = queries.interval_file(
        actor=request.actor, at=request.at, account=account, period=period
    )
    name = f"{account.number}-{period.start}-{period.end - timedelta(days=1)}.xml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type="application/atom+xml", headers=headers)


def _allowed(request: GuardedRequest, subject: str, read: Callable[[], Sheet]) -> Sheet:
    """What is read, or the refusal: 403 for staff without a role, 404 for whose it is not."""
    try:
        return read()
    except NotAllowed:
        deny(request)
        raise
    except NotFound:
        hide(request, subject)


def hide(request: GuardedRequest, subject: str) -> NoReturn:
    """Somebody else's page looks like none; the attempt is a leaf "denied"."""
    audit.record(
        actor=request.actor,
        action="portal.open_page",
        subject=subject,
        at=request.at,
        outcome=Outcome.DENIED,
        facts={"route": request.resolver_match.route if request.resolver_match else ""},
    )
    raise Http404


@public
@limited(ASK_LIMIT, methods=frozenset({"POST"}))
@never_cache
@require_http_methods(["GET", "POST"])
def pay(request: GuardedRequest) -> HttpResponse:
    """Ask for a reference: a bill number, or the reference told at a gate."""
    form = ReferenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("portal:pay_reference", reference=form.cleaned_data["reference"])
    return render(request, "portal/pay.html", {"form": form})


@public
@limited(ASK_LIMIT)
@never_cache
@require_http_methods(["GET", "POST"])
def pay_reference(request: GuardedRequest, reference: str) -> HttpResponse:
    """Show what a reference asks for, and go to the payment page. It tells no name."""
    found = paying.payable(actor=request.actor, at=request.at, reference=reference)
    if found is None:
        return render(request, "portal/nothing.html", {}, status=HTTPStatus.NOT_FOUND)
    form = PayForm(
        request.POST or None,
        initial={"intent": new_id(request.at), "amount": found.amount.dinars()},
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(_start(request, found, form))
        except Refusal as error:
            refusal = error
    context = {"payable": found, "form": form, "refusal": refusal}
    return render(request, "portal/pay_reference.html", context)


def _start(request: GuardedRequest, found: paying.Payable, form: PayForm) -> str:
    started = payments.start(
        actor=request.actor,
        at=request.at,
        id=form.cleaned_data["intent"],
        amount=found.amount if found.whole else form.cleaned_data["amount"],
        gateway=GATEWAY,
        claims=found.claims,
        hold_reference=found.hold_reference,
        language="ar" if (get_language() or "ar").startswith("ar") else "en",
    )
    return started.redirect_url


@public
@limited(RESULT_LIMIT)
@never_cache
@require_GET
def result(request: GuardedRequest, intent_id: UUID) -> HttpResponse:
    """What became of a payment: asked of the gateway, not of the browser that comes back."""
    intent = paid.intent(intent_id)
    if intent is None:
        raise Http404
    if intent.state in OPEN_STATES:
        intent = _find_out(request, intent)
    reference = dict(intent.reference)
    context = {
        "intent": intent,
        "open": intent.state in OPEN_STATES,
        "posted": intent.state is IntentState.POSTED,
        "payment_id": reference.get("paymentid") or reference.get("payid") or "",
        "at_border": intent.hold_reference and request.actor.has("exit_officer"),
    }
    page = "portal/parts/result.html" if request.headers.get("HX-Request") else "portal/result.html"
    return render(request, page, context)


def _find_out(request: GuardedRequest, intent: PaymentIntent) -> PaymentIntent:
    try:
        done = payments.confirm(actor=request.actor, at=request.at, track_id=intent.track_id)
    except Fault:
        return intent
    return done.intent
