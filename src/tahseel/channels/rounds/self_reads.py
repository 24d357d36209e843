"""The clerk's list of reads that customers reported and that somebody must look at."""

from __future__ import annotations

from collections.abc import Sequence
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
from django.views.decorators.http import require_GET, require_http_methods

from tahseel.channels.pages.values import Crumb
from tahseel.channels.rounds import reading
from tahseel.channels.rounds.values import SelfReadRow
from tahseel.consumption.field import operations, queries, rules
from tahseel.consumption.field.operations import CLERKS
from tahseel.consumption.field.values import SelfRead, SelfReadState
from tahseel.kernel.errors import Refusal
from tahseel.registry.meters import queries as meters
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, requires

READERS = (*CLERKS, "auditor")
REASON_MAX = 400
YES = "take"


class DecisionForm(forms.Form):
    """Why a read is taken or refused."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=REASON_MAX)


@requires(*READERS)
@never_cache
@require_GET
def waiting(request: GuardedRequest) -> HttpResponse:
    """What customers reported and nobody has looked at yet, the longest first."""
    rows = _rows(queries.self_reads_waiting())
    crumbs = [Crumb(_("Reading rounds"), reverse("rounds:rounds")), Crumb(_("Self-reads"))]
    return render(request, "rounds/self_reads.html", {"rows": rows, "crumbs": crumbs})


@requires(*READERS)
@never_cache
@require_http_methods(["GET", "POST"])
def decide(request: GuardedRequest, read_id: UUID) -> HttpResponse:
    """One of them with its photograph: taken, or refused with a reason."""
    found = queries.self_read(read_id=read_id)
    if found is None:
        raise Http404
    form, refused = DecisionForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            operations.decide_self_read(
                actor=request.actor,
                at=request.at,
                read_id=read_id,
                accept=request.POST.get("decision") == YES,
                reason=form.cleaned_data["reason"],
            )
        except Refusal as refusal:
            refused = refusal
        else:
            messages.success(request, _("The decision is on record."))
            return redirect("rounds:self_reads")
    [row] = _rows([found])
    context = {
        "row": row,
        "form": form,
        "refused": refused,
        "may": request.actor.has(*CLERKS) and found.state is SelfReadState.WAITING,
        "crumbs": [Crumb(_("Self-reads"), reverse("rounds:self_reads")), Crumb(row.serial)],
    }
    asked = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    status = refused.http_status if refused else asked
    return render(request, "rounds/self_read.html", context, status=status)


@requires(*READERS)
@never_cache
@require_GET
def photo(request: GuardedRequest, read_id: UUID) -> HttpResponse:
    """The photograph that came with a customer's read."""
    kept = queries.photo_of_self_read(read_id=read_id)
    if kept is None:
        raise Http404
    media_type, body = kept
    response = HttpResponse(body, content_type=media_type)
    response["Content-Security-Policy"] = "default-src 'none'"
    return response


def _rows(found: Sequence[SelfRead]) -> list[SelfReadRow]:
    devices = meters.meters(meter_ids={one.meter_id for one in found})
    accounts = supply.accounts(account_ids={one.account_id for one in found})
    words = {
        "out_of_range": _("Far from its history"),
        "no_history": _("Nothing is known to compare it with"),
    }
    return [
        SelfReadRow(
            one,
            devices[one.meter_id].serial,
            accounts[one.account_id].number,
            words.get(one.why, ""),
            tuple((reading.dial_row(dial), rules.shown(value, dial)) for dial, value in one.dials),
        )
        for one in found
    ]
