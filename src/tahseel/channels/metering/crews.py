"""An order to a crew that is for no exception, such as one for a bill that is held back."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tahseel.channels.metering import acting
from tahseel.channels.metering.acting import ACTS, Act, Form
from tahseel.channels.metering.queries import order_rows
from tahseel.channels.metering.views import READERS
from tahseel.channels.pages.values import Crumb
from tahseel.consumption.exceptions import operations, queries
from tahseel.consumption.exceptions.values import FieldOrder, OrderState
from tahseel.kernel.errors import Refusal
from tahseel.trust.access.guards import GuardedRequest, deny, requires


@requires(*READERS)
@never_cache
@require_GET
def order(request: GuardedRequest, order_id: UUID) -> HttpResponse:
    """What a crew is asked to do, and its report; that of an exception stands on its page."""
    found = _found(order_id)
    if found.exception_id is not None:
        return redirect("metering:exception", found.exception_id)
    return _page(request, found)


@requires(*operations.SENDERS, *operations.CREW)
@never_cache
@require_POST
def close(request: GuardedRequest, order_id: UUID, code: str) -> HttpResponse:
    """Report what was found, or call the crew back."""
    found, wanted = _found(order_id), ACTS.get(code)
    if wanted is None or not wanted.out or found.exception_id is not None:
        raise Http404
    if not request.actor.has(*wanted.roles):
        deny(request, needs=frozenset(wanted.roles))
    form = acting.out_form(wanted, request.POST)
    if not form.is_valid():
        return _page(request, found, sent=(wanted, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        acting.end(wanted, actor=request.actor, at=request.at, order=found, form=form)
    except Refusal as refusal:
        return _page(
            request, found, sent=(wanted, form), refused=refusal, status=refusal.http_status
        )
    messages.success(request, str(wanted.said))
    return redirect("metering:order", order_id)


def _found(order_id: UUID) -> FieldOrder:
    found = queries.field_order(order_id=order_id)
    if found is None:
        raise Http404
    return found


def _page(
    request: GuardedRequest,
    found: FieldOrder,
    *,
    sent: tuple[Act, Form] | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    out = found.state is OrderState.ORDERED
    acts = [one for one in ACTS.values() if out and one.out and request.actor.has(*one.roles)]
    [row] = order_rows([found])
    context = {
        "row": row,
        "forms": [
            (one, sent[1] if sent and sent[0] is one else acting.out_form(one)) for one in acts
        ],
        "sent": sent[0].code if sent else "",
        "refused": refused,
        "crumbs": [
            Crumb(_("Reads to check"), reverse("metering:exceptions")),
            Crumb(_("Field order")),
        ],
    }
    return render(request, "metering/order.html", context, status=status)
