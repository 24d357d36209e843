"""What waits for somebody of deposits (refunds, demands, proposals) and of bills."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tahseel.books.deposits import queries as deposits
from tahseel.books.deposits.values import Demand, Deposit, Proposal
from tahseel.channels.accounts import acts, naming, queries
from tahseel.channels.accounts.values import (
    BillWork,
    DepositWork,
    MisdirectedRow,
    ParkedRow,
    WorkRow,
)
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb, Pill
from tahseel.charging.billing import operations as billing_operations
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import Misdirected, ParkedAccount
from tahseel.kernel.actor import Actor
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, requires

READING_ROLES = ("clerk", "office_head", "revenue_manager", "auditor")
ROWS_MAX = 200


@requires(*READING_ROLES)
@never_cache
@require_GET
def deposit_work(request: GuardedRequest) -> HttpResponse:
    """Refunds that are due, what was demanded, and proposals that nobody has decided."""
    work = _work(actor=request.actor, at=request.at, day=local_day(request.at))
    context = {
        "work": work,
        "may_act": request.actor.has(*acts.ACTING_ROLES),
        "crumbs": [Crumb(_("Find an account"), reverse("desk:find")), Crumb(_("Deposits"))],
    }
    return render(request, "accounts/deposit_work.html", context)


def _work(*, actor: Actor, at: datetime, day: date) -> DepositWork:
    due, waiting = deposits.refunds_due(), deposits.refunds_waiting(as_of=at)
    demands, proposals = deposits.open_demands(), deposits.open_proposals()
    behind = deposits.left_behind(day=day)
    refunds, asked, open_ = due[:ROWS_MAX], demands[:ROWS_MAX], proposals[:ROWS_MAX]
    left = behind[:ROWS_MAX]
    shown: list[Deposit | Demand | Proposal] = [*refunds, *asked, *open_, *left]
    numbers = supply.accounts(account_ids={one.account_id for one in shown})
    who = {one.customer_id for one in shown if one.customer_id is not None}
    people = customers.by_ids(actor=actor, at=at, purpose=acts.purpose_of(actor), customer_ids=who)

    def row(one: Deposit | Demand | Proposal, said: str = "", pill: Pill | None = None) -> WorkRow:
        holder = people.get(one.customer_id) if one.customer_id else None
        account = numbers.get(one.account_id)  # a fee may be owed back where none was opened
        number = account.number if account else ""
        return WorkRow(one, holder, number, said, pill)

    return DepositWork(
        refunds=tuple((row(one), waiting.get(one.id)) for one in refunds),
        refunds_count=len(due),
        refunds_total=Money(sum(one.refund.fils for one in due)),
        demands=tuple(row(one, pill=_due(one.due_on, day)) for one in asked),
        demands_count=len(demands),
        demands_total=Money(sum(one.amount.fils for one in demands)),
        proposals=tuple(row(one, said=naming.proposal(one.kind)) for one in open_),
        proposals_count=len(proposals),
        left=tuple(row(one, said=_next_act(one, day)) for one in left),
        left_count=len(behind),
    )


def _next_act(left: Deposit, day: date) -> str:
    """What is done about a deposit left behind: its owner's last days may have no bill yet."""
    span = billing.unfinished(account_id=left.account_id, day=day)
    return "finish" if span and span.customer_id == left.customer_id else "settle"


def _due(due_on: date, day: date) -> Pill:
    return Pill(_("Overdue"), "bad") if due_on <= day else Pill(_("Waiting"), "warning")


@requires(*READING_ROLES)
@never_cache
@require_GET
def bill_work(request: GuardedRequest) -> HttpResponse:
    """Bills that name somebody who does not answer for their days, and months without a bill."""
    context = {
        "work": _bills(),
        "may_close": request.actor.has(*billing_operations.CLOSING_ROLES),
        "crumbs": [Crumb(_("Find an account"), reverse("desk:find")), Crumb(_("Bills"))],
    }
    return render(request, "accounts/bill_work.html", context)


def _why(one: ParkedAccount) -> str:
    told = one.refusal
    return formats.by_language(ar=str(told["text_ar"]), en=str(told["text_en"]))


def _bills() -> BillWork:
    found, parked = billing.open_misdirected(), billing.parked()
    misdirected = [one for one in found if one.corrected is None]
    corrected = [one for one in found if one.corrected is not None]
    shown, waiting = misdirected[:ROWS_MAX], parked[:ROWS_MAX]
    ids = {one.account_id for one in [*shown, *corrected[:ROWS_MAX]]}
    ids |= {one.account_id for one in waiting}
    numbers = {ref.id: ref.number for ref in supply.accounts(account_ids=ids).values()}

    def row(one: Misdirected) -> MisdirectedRow:
        return MisdirectedRow(one, numbers[one.account_id], naming.cause(one.cause))

    return BillWork(
        misdirected=tuple(map(row, shown)),
        corrected=tuple(map(row, corrected[:ROWS_MAX])),
        corrected_count=len(corrected),
        misdirected_count=len(misdirected),
        misdirected_total=Money(sum(one.total.fils for one in misdirected)),
        parked=tuple(ParkedRow(one, numbers[one.account_id], _why(one)) for one in waiting),
        parked_count=len(parked),
        held=billing.held_totals(),
    )


@requires(*READING_ROLES)
@never_cache
@require_GET
def held_work(request: GuardedRequest) -> HttpResponse:
    """Bills that a check holds back before they go out, the most money in doubt first."""
    totals = billing.held_totals()
    context = {
        "rows": queries.held_rows(at=request.at),
        "totals": totals,
        "may_release": request.actor.has(*billing_operations.CLOSING_ROLES),
        "crumbs": [
            Crumb(_("Find an account"), reverse("desk:find")),
            Crumb(_("Bills"), reverse("accounts:bill_work")),
            Crumb(_("Held before the issue")),
        ],
    }
    return render(request, "accounts/held_work.html", context)
