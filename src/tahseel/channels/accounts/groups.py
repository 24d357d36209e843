"""The consolidated balance of a main account: every account under it, as of a day."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tahseel.channels.accounts import acts
from tahseel.channels.accounts.forms import DayForm
from tahseel.channels.accounts.values import GroupRow
from tahseel.channels.pages.values import Crumb
from tahseel.kernel.period import local_day
from tahseel.recovery.government import queries as government
from tahseel.registry.customers import queries as customers
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, requires

ROWS_MAX = 500


@requires(*government.READERS)
@never_cache
@require_GET
def group(request: GuardedRequest, number: str) -> HttpResponse:
    """A main account with all under it: who is liable, what is owed, what is held."""
    ref = supply.account_ref(number=number)
    if ref is None:
        raise Http404
    today = local_day(request.at)
    form = DayForm(request.GET, today=today)
    day = form.cleaned_data["day"] if form.is_valid() else today
    purpose = acts.purpose_of(request.actor)
    nodes = government.group(
        actor=request.actor, at=request.at, purpose=purpose, account_id=ref.id, day=day
    )
    shown = nodes[:ROWS_MAX]
    people = customers.by_ids(
        actor=request.actor,
        at=request.at,
        purpose=purpose,
        customer_ids={one.customer_id for one in shown if one.customer_id is not None},
    )
    units = [one.unit_id for one in shown]
    ar, en = (premises.addresses(unit_ids=units, language=one) for one in ("ar", "en"))
    context = {
        "number": ref.number,
        "form": form,
        "day": day,
        "root": nodes[0],
        "count": len(nodes),
        "rows": [
            GroupRow(
                one,
                people.get(one.customer_id) if one.customer_id else None,
                ar[one.unit_id],
                en[one.unit_id],
            )
            for one in shown
        ],
        "hidden": len(nodes) - len(shown),
        "crumbs": _crumbs(ref.number),
    }
    status = HTTPStatus.OK if form.is_valid() else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "accounts/group.html", context, status=status)


def _crumbs(number: str) -> list[Crumb]:
    return [
        Crumb(_("Find an account"), reverse("desk:find")),
        Crumb(number, reverse("accounts:account", args=[number])),
        Crumb(_("Main account and those under it")),
    ]
