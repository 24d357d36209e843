"""One bill over all accounts of a main account, settled by one payment with its advice."""

from __future__ import annotations

import csv
import io
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tahseel.books.claims import queries as claims
from tahseel.books.claims.values import Claim
from tahseel.books.payments import operations as payments
from tahseel.books.payments.operations import remitting
from tahseel.channels.accounts.acts import ACTING_ROLES
from tahseel.channels.accounts.forms.collective import RemittanceForm
from tahseel.channels.accounts.worklists import READING_ROLES, ROWS_MAX
from tahseel.channels.pages.values import Crumb
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef
from tahseel.trust.access.guards import GuardedRequest, deny, requires

TENDER = "bank_transfer"


@requires(*READING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def collective(request: GuardedRequest, number: str) -> HttpResponse:
    """What is open on a main account and all under it; one payment taken with its advice."""
    ref = _main(number)
    today = local_day(request.at)
    form = RemittanceForm(initial={"id": new_id(request.at), "business_date": today})
    refused: Refusal | None = None
    if request.method == "POST":
        if not request.actor.has(*ACTING_ROLES):
            deny(request, needs=frozenset(ACTING_ROLES))
        form = RemittanceForm(request.POST, request.FILES)
        try:
            if form.is_valid():
                _settle(request, ref, form)
                return redirect("accounts:collective", number=ref.number)
        except Refusal as refusal:
            refused = refusal
    found = _open(request, ref)
    numbers = supply.accounts(account_ids={one.account_id for one in found})
    context = {
        "number": ref.number,
        "rows": [(one, numbers[one.account_id].number) for one in found[:ROWS_MAX]],
        "count": len(found),
        "total": Money(sum(one.payable.fils for one in found)),
        "form": form,
        "refused": refused,
        "may_act": request.actor.has(*ACTING_ROLES),
        "crumbs": [
            Crumb(_("Find an account"), reverse("desk:find")),
            Crumb(ref.number, reverse("accounts:account", args=[ref.number])),
            Crumb(_("Collective bill")),
        ],
    }
    wrong = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    status = refused.http_status if refused else wrong
    return render(request, "accounts/collective.html", context, status=status)


@requires(*READING_ROLES)
@never_cache
@require_GET
def collective_file(request: GuardedRequest, number: str) -> HttpResponse:
    """The open claims as an advice that pays all of them: a company sends it back."""
    ref = _main(number)
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(remitting.HEADING)
    out.writerows((one.reference, one.payable.dinars()) for one in _open(request, ref))
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="collective-{ref.number}.csv"'
    return answer


def _settle(request: GuardedRequest, ref: AccountRef, form: RemittanceForm) -> None:
    given = form.cleaned_data
    done = payments.record_remittance(
        actor=request.actor,
        at=request.at,
        id=given["id"],
        account_id=ref.id,
        amount=given["amount"],
        tender=TENDER,
        reference=given["reference"],
        business_date=given["business_date"],
        advice=remitting.read_advice(given["advice"].read(remitting.FILE_BYTES_MAX + 1)),
    )
    messages.success(request, _("Claims met: %(count)d.") % {"count": done.recorded})


def _main(number: str) -> AccountRef:
    ref = supply.account_ref(number=number)
    if ref is None:
        raise Http404
    return ref


def _open(request: GuardedRequest, ref: AccountRef) -> list[Claim]:
    accounts = remitting.under(account_id=ref.id, day=local_day(request.at))
    found = [
        one
        for each in claims.open_by_account(accounts).values()
        for one in each.values()
        if one.payable
    ]
    return sorted(found, key=lambda one: (one.due_date, one.reference))
