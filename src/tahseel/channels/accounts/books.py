"""The books: trial balance, months closed and opened again, and an account's statement."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tahseel.books.ledger import operations as ledger_operations
from tahseel.books.ledger import queries as ledger
from tahseel.books.ledger import rules as ledger_rules
from tahseel.books.ledger.values import Act, Statement, TrialBalance
from tahseel.channels.accounts import acts
from tahseel.channels.accounts.forms.booking import ACCRUE, CLOSE, BooksForm, SpanForm, TrialForm
from tahseel.channels.accounts.values import ClosingRow, CodeRow
from tahseel.channels.accounts.worklists import READING_ROLES
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb
from tahseel.charging.billing import operations as billing
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth, FiscalYear, local_day
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef
from tahseel.trust.access.guards import GuardedRequest, answering_json, deny, requires
from tahseel.trust.audit import operations as audit

BOOK_ROLES = ("revenue_manager", "auditor")
ASKING_ROLES = ("revenue_manager",)
ENTRIES_MAX = 500


@requires(*BOOK_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def books(request: GuardedRequest) -> HttpResponse:
    """The trial balance of a month or at a day's end; a manager asks for closings below it."""
    fresh = {"approval_id": new_id(request.at)}
    if request.method != "POST":
        return _books(request, BooksForm(initial=fresh))
    form = BooksForm(request.POST)
    if not request.actor.has(*ASKING_ROLES):
        deny(request, needs=frozenset(ASKING_ROLES))
    if not form.is_valid():
        return _books(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        _ask(request, form)
    except Refusal as refusal:
        return _books(request, form, refused=refusal, status=refusal.http_status)
    messages.success(request, _("Asked for; a second person has to agree."))
    return redirect("accounts:books")


def _ask(request: GuardedRequest, form: BooksForm) -> None:
    given = form.cleaned_data
    propose = {
        CLOSE: ledger_operations.propose_closing,
        ACCRUE: billing.propose_accrual,
    }.get(given["act"], ledger_operations.propose_reopening)
    propose(
        actor=request.actor,
        at=request.at,
        approval_id=given["approval_id"],
        month=given["month"],
        reason=given["reason"],
    )


def _books(
    request: GuardedRequest,
    form: BooksForm,
    *,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    today = local_day(request.at)
    asked = TrialForm(request.GET, today=today)
    given = asked.cleaned_data if asked.is_valid() else {}
    month: BillingMonth | None = given.get("month")
    day: date = given.get("day") or today
    if month is not None:
        found = ledger.trial_balance_of(month.period)
    else:
        found = ledger.trial_balance_at_end_of(day)
    if not asked.is_valid() and status == HTTPStatus.OK:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context: dict[str, Any] = {
        "asked": asked,
        "form": form if request.actor.has(*ASKING_ROLES) else None,
        "refused": refused,
        "month": month,
        "day": day,
        "year": formats.digits(str(FiscalYear.of(month.first_day if month else day))),
        "found": found,
        "rows": _rows(found),
        "closed_until": ledger.closed_until(),
        "closings": [
            ClosingRow(one, BillingMonth.of(one.period.start), one.act is Act.CLOSED)
            for one in ledger.closings()
        ],
        "crumbs": [Crumb(_("Find an account"), reverse("desk:find")), Crumb(_("The books"))],
    }
    return render(request, "accounts/books.html", context, status=status)


def _rows(found: TrialBalance) -> list[CodeRow]:
    chart = ledger_rules.chart()
    return [
        CodeRow(
            row,
            chart[row.code].number if row.code in chart else "",
            formats.by_language(ar=chart[row.code].name_ar, en=chart[row.code].name_en)
            if row.code in chart
            else row.code,
        )
        for row in found.rows
    ]


@requires(*READING_ROLES)
@never_cache
@require_GET
def statement(request: GuardedRequest, number: str) -> HttpResponse:
    """An account from day to day: what it owed before, each entry, what it owed after."""
    ref, form = _ref(number), SpanForm(request.GET, today=local_day(request.at))
    valid = form.is_valid()
    found = _statement(request, ref, form) if valid else None
    chart = ledger_rules.chart()
    lines = found.lines[-ENTRIES_MAX:] if found else ()
    context = {
        "number": ref.number,
        "form": form,
        "found": found,
        "rows": [
            (line, chart.get(line.stored.entry.debit), chart.get(line.stored.entry.credit))
            for line in lines
        ],
        "hidden": len(found.lines) - len(lines) if found else 0,
        "crumbs": [
            Crumb(_("Find an account"), reverse("desk:find")),
            Crumb(ref.number, reverse("accounts:account", args=[ref.number])),
            Crumb(_("Statement of account")),
        ],
    }
    status = HTTPStatus.OK if valid else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "accounts/statement.html", context, status=status)


@answering_json
@requires(*READING_ROLES)
@never_cache
@require_GET
def statement_json(request: GuardedRequest, number: str) -> HttpResponse:
    """The same as JSON: amounts in fils, days and instants in ISO 8601."""
    ref, form = _ref(number), SpanForm(request.GET, today=local_day(request.at))
    if not form.is_valid():
        return JsonResponse({"wrong": form.errors}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    found = _statement(request, ref, form)
    return JsonResponse(
        {
            "account": ref.number,
            "since": found.since.isoformat(),
            "until": found.until.isoformat(),
            "opening_fils": found.opening.fils,
            "closing_fils": found.closing.fils,
            "entries": [
                {
                    "id": str(line.stored.entry.id),
                    "version": line.stored.version,
                    "business_date": line.stored.entry.business_date.isoformat(),
                    "recorded_at": line.stored.recorded_at.isoformat(),
                    "debit": line.stored.entry.debit,
                    "credit": line.stored.entry.credit,
                    "amount_fils": line.stored.entry.amount.fils,
                    "change_fils": line.change.fils,
                    "standing_fils": line.standing.fils,
                    "source": line.stored.entry.source,
                }
                for line in found.lines
            ],
        }
    )


def _statement(request: GuardedRequest, ref: AccountRef, form: SpanForm) -> Statement:
    """The read is on record before anything is shown."""
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    audit.record_read(
        actor=request.actor,
        purpose=acts.purpose_of(request.actor),
        subject=str(ref.id),
        at=request.at,
        facts={"of": "statement", "since": since.isoformat(), "until": until.isoformat()},
    )
    return ledger.statement(account_id=ref.id, since=since, until=until)


def _ref(number: str) -> AccountRef:
    ref = supply.account_ref(number=number)
    if ref is None:
        raise Http404
    return ref
