"""Bill runs: how far one is, what each came to, and what became of a month's service points."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tahseel.channels.accounts import naming, ordering, previewing
from tahseel.channels.accounts.values import PointRow
from tahseel.channels.accounts.worklists import READING_ROLES, ROWS_MAX
from tahseel.channels.pages.values import Crumb
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import PointState, Proof
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, requires

RUNS_SHOWN = 24
NAMED = (PointState.LEFT, PointState.PARKED, PointState.HELD, PointState.EXCUSED)


@requires(*READING_ROLES)
@never_cache
@require_GET
def bill_runs(request: GuardedRequest) -> HttpResponse:
    """The runs, and the proof of one month: the asked one, else that of the newest run."""
    runs = billing.runs(limit=RUNS_SHOWN)
    month = _asked(request.GET.get("month", "")) or (runs[0].month if runs else None)
    context = {
        "working": billing.working(),
        "may_try": request.actor.has(*previewing.TRYING_ROLES),
        "runs": runs,
        "ordered": ordering.rows(limit=RUNS_SHOWN),
        "month": month,
        "proof": billing.proof(month=month) if month else None,
        "points": _points(month) if month else [],
        "crumbs": [
            Crumb(_("Find an account"), reverse("desk:find")),
            Crumb(_("Bills"), reverse("accounts:bill_work")),
            Crumb(_("Bill runs")),
        ],
    }
    context["states"] = _states(context["proof"])
    return render(request, "accounts/bill_runs.html", context)


@requires(*READING_ROLES)
@never_cache
@require_GET
def run_progress(request: GuardedRequest) -> HttpResponse:
    """How far the runs are that work now; asked for every other second."""
    return render(request, "accounts/parts/progress.html", {"working": billing.working()})


def _asked(text: str) -> BillingMonth | None:
    try:
        return BillingMonth.parse(text)
    except ValueError:
        return None


def _states(proof: object) -> list[tuple[str, int]]:
    if not isinstance(proof, Proof):
        return []
    return [(naming.point_state(state), proof.states.get(state, 0)) for state in PointState]


def _points(month: BillingMonth) -> list[PointRow]:
    """Those that have no bill, by name, what was forgotten first."""
    found = [
        point
        for state in NAMED
        for point in billing.proven_points(month=month, state=state, limit=ROWS_MAX)
    ][:ROWS_MAX]
    refs = supply.accounts(account_ids={one.account_id for one in found if one.account_id})
    return [
        PointRow(
            one,
            refs[one.account_id].number if one.account_id else "",
            naming.point_state(one.state),
            naming.point_reason(one.reason),
        )
        for one in found
    ]
