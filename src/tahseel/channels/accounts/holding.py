"""A bill that is held back: what was seen, the crews that were sent, and what may be done."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tahseel.channels.accounts import naming, queries
from tahseel.channels.accounts.forms.rebilling import CrewForm
from tahseel.channels.accounts.values import HeldRow
from tahseel.channels.accounts.worklists import READING_ROLES
from tahseel.channels.metering.queries import order_rows
from tahseel.channels.pages.values import Crumb
from tahseel.charging.billing import operations
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import HeldState
from tahseel.consumption.exceptions import queries as exceptions
from tahseel.consumption.exceptions.values import OrderKind, OrderState
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.registry.meters import queries as meters
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, requires


@requires(*READING_ROLES)
@never_cache
@require_GET
def held_bill(request: GuardedRequest, number: str, held_id: UUID) -> HttpResponse:
    """What the bill would be, what was usual, what the crew found, and what became of it."""
    return _page(request, _found(request, number, held_id))


@requires(*operations.SENDERS)
@never_cache
@require_POST
def send(request: GuardedRequest, number: str, held_id: UUID) -> HttpResponse:
    """Send a crew to one of its meters."""
    row = _found(request, number, held_id)
    form = _crew_form(request, row, request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    told = form.cleaned_data

    def act() -> str:
        operations.send_to_field(
            actor=request.actor,
            at=request.at,
            order_id=told["order_id"],
            account_id=row.about.account_id,
            held_id=held_id,
            meter_id=UUID(told["meter"]),
            kind=OrderKind(told["kind"]),
            task=told["task"],
        )
        return _("The order is sent.")

    return _done(request, row, act, form)


@requires(*operations.CLOSING_ROLES)
@never_cache
@require_POST
def again(request: GuardedRequest, number: str, held_id: UUID) -> HttpResponse:
    """Measure and price it by what is known now."""
    row = _found(request, number, held_id)

    def act() -> str:
        seen = operations.look_again(
            actor=request.actor,
            at=request.at,
            account_id=row.about.account_id,
            held_id=held_id,
        )
        return {
            HeldState.HELD: _("It would be the same bill, and is still odd."),
            HeldState.CLEARED: _("No check holds it any more: the bill is issued."),
        }.get(seen.state, _("It would be another bill now; see what is held of the account."))

    return _done(request, row, act)


def _done(
    request: GuardedRequest, row: HeldRow, act: Callable[[], str], form: CrewForm | None = None
) -> HttpResponse:
    try:
        said = act()
    except Refusal as refusal:
        return _page(request, row, form=form, refused=refusal, status=refusal.http_status)
    messages.success(request, said)
    return redirect("accounts:held_bill", number=row.number, held_id=row.about.id)


def _found(request: GuardedRequest, number: str, held_id: UUID) -> HeldRow:
    ref = supply.account_ref(number=number)
    found = billing.held(account_id=ref.id, held_id=held_id) if ref else None
    if found is None:
        raise Http404
    [row] = queries.rows_of([found], at=request.at)
    return row


def _crew_form(request: GuardedRequest, row: HeldRow, data: object = None) -> CrewForm:
    known = meters.meters(meter_ids=set(billing.held_meters(held=row.about)))
    services = {who: naming.service(one.service) for who, one in known.items()}
    choices = [(str(who), f"{services[who]} · {one.serial}") for who, one in known.items()]
    initial = {"order_id": new_id(request.at)}
    return CrewForm(data, devices=sorted(choices, key=lambda one: one[1]), initial=initial)


def _page(
    request: GuardedRequest,
    row: HeldRow,
    *,
    form: CrewForm | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    sent = exceptions.orders_about(about=[row.about.about]).get(row.about.about, [])
    out = any(one.state is OrderState.ORDERED for one in sent)
    waits = row.about.state is HeldState.HELD
    may_send = waits and not out and request.actor.has(*operations.SENDERS)
    context = {
        "row": row,
        "pill": naming.held_state(row.about.state),
        "orders": order_rows(sent),
        "waits": waits,
        "form": (form or _crew_form(request, row)) if may_send else None,
        "may_release": waits and request.actor.has(*operations.CLOSING_ROLES),
        "refused": refused,
        "crumbs": [
            Crumb(_("Find an account"), reverse("desk:find")),
            Crumb(_("Bills"), reverse("accounts:bill_work")),
            Crumb(_("Held before the issue"), reverse("accounts:held_work")),
            Crumb(row.number),
        ],
    }
    return render(request, "accounts/held_bill.html", context, status=status)
