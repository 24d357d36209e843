"""What is collected for other parties: the statement, its file, and paying over."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tahseel.channels.accounts import charging
from tahseel.channels.accounts.forms.charging import PayOverForm
from tahseel.channels.accounts.worklists import READING_ROLES, ROWS_MAX
from tahseel.channels.pages.values import Crumb
from tahseel.charging.charges import operations, queries, rules
from tahseel.charging.charges.operations.paying_over import MAKERS
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, deny, requires

HEADING = ["account", "reference", "cause", "posted_on", "charged", "collected", "paid_over", "due"]


@requires(*READING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def statement(request: GuardedRequest, party: str) -> HttpResponse:
    """What was charged, collected and paid over for a party, and what is due to it."""
    kinds = _kinds(party)
    form = PayOverForm(initial={"approval_id": new_id(request.at)})
    refused: Refusal | None = None
    if request.method == "POST":
        if not request.actor.has(*MAKERS):
            deny(request, needs=frozenset(MAKERS))
        form = PayOverForm(request.POST)
        try:
            if form.is_valid():
                given = form.cleaned_data
                operations.ask_pay_over(actor=request.actor, at=request.at, party=party, **given)
                messages.success(request, _("Asked for. A second person decides."))
                return redirect("accounts:party", party=party)
        except Refusal as refusal:
            refused = refusal
    lines = queries.statement(party=party)
    refs = supply.accounts(account_ids={one.charge.account_id for one in lines[:ROWS_MAX]})
    context = {
        "party": party,
        "name": charging.name(kinds[0]),
        "rows": [(one, refs[one.charge.account_id].number) for one in lines[:ROWS_MAX]],
        "charged": Money(sum(one.charge.amount.fils for one in lines)),
        "collected": Money(sum(one.collected.fils for one in lines)),
        "due": Money(sum(one.unpaid.fils for one in lines)),
        "paid": queries.paid_over(party=party),
        "form": form,
        "refused": refused,
        "may_pay": request.actor.has(*MAKERS),
        "crumbs": [Crumb(_("Find an account"), reverse("desk:find")), Crumb(_("Other parties"))],
    }
    status = refused.http_status if refused else 200
    return render(request, "accounts/party.html", context, status=status)


@requires(*READING_ROLES)
@never_cache
@require_GET
def statement_file(request: GuardedRequest, party: str) -> HttpResponse:
    """The same as CSV, for the party."""
    _kinds(party)
    lines = queries.statement(party=party)
    refs = supply.accounts(account_ids={one.charge.account_id for one in lines})
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(HEADING)
    for one in lines:
        sums = (one.charge.amount, one.collected, one.paid_over, one.unpaid)
        out.writerow([
            refs[one.charge.account_id].number, one.charge.reference, one.charge.cause,
            one.charge.posted_on, *(sum_.dinars() for sum_ in sums),
        ])  # fmt: skip
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="statement-{party}.csv"'
    return answer


def _kinds(party: str) -> list[str]:
    found = [one.code for one in rules.catalogue().kinds.values() if one.party == party]
    if not party or not found:
        raise Http404
    return found
