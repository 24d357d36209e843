"""Parallel runs: a month as the old system billed it beside ours, by cause and bill by bill."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tahseel.channels.accounts import naming
from tahseel.channels.accounts.worklists import READING_ROLES, ROWS_MAX
from tahseel.channels.pages.values import Crumb
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.queries import ComparisonRecord
from tahseel.charging.billing.values import DifferenceCause
from tahseel.kernel.money import Money
from tahseel.trust.access.guards import GuardedRequest, requires


class CauseRow(NamedTuple):
    """A cause with its bills and what it comes to, ours less theirs."""

    said: str
    bills: int
    total: Money


class DifferenceRow(NamedTuple):
    """One service of one account that both do not bill alike."""

    account: str
    known: bool
    service: str
    line: int
    ours: Money | None
    theirs: Money | None
    causes: list[CauseRow]
    why: str


@requires(*READING_ROLES)
@never_cache
@require_GET
def comparisons(request: GuardedRequest) -> HttpResponse:
    """The parallel runs that were made, the newest first."""
    rows = [(one, _sums(one)) for one in billing.comparisons()]
    return render(request, "accounts/comparisons.html", {"rows": rows, "crumbs": _crumbs()})


@requires(*READING_ROLES)
@never_cache
@require_GET
def comparison(request: GuardedRequest, comparison_id: UUID) -> HttpResponse:
    """One: sums, causes, and its largest differences with what explains them."""
    found = billing.comparison(comparison_id=comparison_id)
    if found is None:
        raise Http404
    report = found.report
    context = {
        "about": found,
        "sums": _sums(found),
        "causes": [_cause(one["cause"], one["bills"], one["fils"]) for one in report["causes"]],
        "rows": [_row(one) for one in report["differences"][:ROWS_MAX]],
        "crumbs": [*_crumbs(), Crumb(f"{found.system} {found.month}")],
    }
    return render(request, "accounts/comparison.html", context)


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("Find an account"), reverse("desk:find")),
        Crumb(_("Bills"), reverse("accounts:bill_work")),
        Crumb(_("Bill runs"), reverse("accounts:bill_runs")),
        Crumb(_("Parallel runs"), reverse("accounts:comparisons")),
    ]


def _sums(one: ComparisonRecord) -> dict[str, Any]:
    names = ("ours", "theirs", "difference")
    return {name: Money(one.report[f"{name}_fils"]) for name in names}


def _cause(code: str, bills: int, fils: int) -> CauseRow:
    return CauseRow(naming.difference_cause(DifferenceCause(code)), bills, Money(fils))


def _row(one: dict[str, Any]) -> DifferenceRow:
    ours, theirs = one["ours"], one["theirs"]
    return DifferenceRow(
        account=one["account"],
        known=bool(ours) or one["why"] not in {"no_account", ""},
        service=one["service"],
        line=one["line"],
        ours=Money(ours["amount_fils"]) if ours else None,
        theirs=Money(theirs["amount_fils"]) if theirs else None,
        causes=[_cause(cause, 1, fils) for cause, fils in one["causes"].items()],
        why=naming.point_reason(one["why"]),
    )
