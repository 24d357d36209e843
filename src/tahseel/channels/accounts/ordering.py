"""A run that is asked for: the request, its page with how far it is, and calling it off."""

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

from tahseel.channels.accounts import naming, previewing
from tahseel.channels.accounts.forms.running import AskForm, CancelForm, PreviewForm
from tahseel.channels.accounts.values import OrderRow
from tahseel.channels.accounts.worklists import READING_ROLES
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb
from tahseel.charging.billing import operations
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import OrderedRun, OrderState
from tahseel.consumption.field import rules as field
from tahseel.kernel.errors import Refusal
from tahseel.registry.premises import queries as premises
from tahseel.trust.access import queries as access
from tahseel.trust.access.guards import GuardedRequest, requires

LIVE = (OrderState.WAITING, OrderState.RUNNING)
NUMBERS_NAMED = 3


@requires(*previewing.ASKING_ROLES)
@never_cache
@require_POST
def ask(request: GuardedRequest) -> HttpResponse:
    """Ask for the run that was tried; the page of the request follows."""
    form = AskForm(request.POST, **previewing.choices())
    tried = PreviewForm(request.POST, **previewing.choices())
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return previewing.page(request, tried, asking=form, status=status)
    try:
        approval_id = operations.ask_run(
            actor=request.actor,
            at=request.at,
            approval_id=form.cleaned_data["approval_id"],
            wanted=form.wanted(),
            hour=form.cleaned_data["hour"],
            reason=form.cleaned_data["reason"],
        )
    except Refusal as refusal:
        return previewing.page(
            request, tried, asking=form, refused=refusal, status=refusal.http_status
        )
    messages.success(request, _("Asked for. A second person decides."))
    return redirect("approving:approval", approval_id=approval_id)


@requires(*READING_ROLES)
@never_cache
@require_GET
def ordered(request: GuardedRequest, order_id: UUID) -> HttpResponse:
    """What was asked for, how far it is, and what it came to."""
    return _page(request, _found(order_id))


@requires(*READING_ROLES)
@never_cache
@require_GET
def course(request: GuardedRequest, order_id: UUID) -> HttpResponse:
    """The part of the page that changes; asked for every other second until the run has ended."""
    return render(request, "accounts/parts/course.html", _course(_found(order_id)))


@requires(*previewing.ASKING_ROLES)
@never_cache
@require_POST
def cancel(request: GuardedRequest, order_id: UUID) -> HttpResponse:
    """Call it off before it begins."""
    order, form = _found(order_id), CancelForm(request.POST)
    if not form.is_valid():
        return _page(request, order, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        operations.cancel_run(
            actor=request.actor,
            at=request.at,
            order_id=order_id,
            reason=form.cleaned_data["reason"],
        )
    except Refusal as refusal:
        status = refusal.http_status
        return _page(request, _found(order_id), form=form, refused=refusal, status=status)
    messages.success(request, _("Called off. Nobody was billed."))
    return redirect("accounts:ordered", order_id=order_id)


def rows(*, limit: int) -> list[OrderRow]:
    """The newest runs that were asked for, in words."""
    return [_row(one) for one in billing.ordered_runs(limit=limit)]


def _row(order: OrderedRun) -> OrderRow:
    return OrderRow(order, _whom(order), naming.order_state(order.state))


def _whom(order: OrderedRun) -> str:
    wanted, said = order.wanted, []
    if wanted.governorate:
        known = {one.code: one for one in premises.governorates()}
        said.append(_named(known.get(wanted.governorate), wanted.governorate))
    if wanted.cycle:
        cycles = {one.code: one for one in field.policy().cycles}
        said.append(_named(cycles.get(wanted.cycle), wanted.cycle))
    if wanted.numbers:
        more = len(wanted.numbers) - NUMBERS_NAMED
        said += [*wanted.numbers[:NUMBERS_NAMED], *([f"+{more}"] if more > 0 else [])]
    separator = formats.by_language(ar="، ", en=", ")
    return separator.join(said) if said else _("Every account")


def _named(thing: object, code: str) -> str:
    return formats.by_language(
        ar=getattr(thing, "name_ar", code), en=getattr(thing, "name_en", code)
    )


def _found(order_id: UUID) -> OrderedRun:
    found = billing.ordered_run(order_id=order_id)
    if found is None:
        raise Http404
    return found


def _course(order: OrderedRun) -> dict[str, object]:
    return {
        "row": _row(order),
        "live": order.state in LIVE,
        "running": order.state is OrderState.RUNNING,
        "progress": billing.progress_of(run_id=order.id),
        "outcome": billing.run_record(run_id=order.id),
    }


def _page(
    request: GuardedRequest,
    order: OrderedRun,
    *,
    form: CancelForm | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    people = access.labels_of({order.asked_by, order.agreed_by, order.ended_by})
    names = {who: formats.by_language(ar=ar, en=en) for who, (ar, en) in people.items()}
    can = order.state is OrderState.WAITING and request.actor.has(*previewing.ASKING_ROLES)
    context = {
        **_course(order),
        "asked_by": names.get(order.asked_by, order.asked_by),
        "agreed_by": names.get(order.agreed_by, order.agreed_by),
        "ended_by": names.get(order.ended_by, order.ended_by),
        "form": (form or CancelForm()) if can else None,
        "refused": refused,
        "crumbs": [
            Crumb(_("Find an account"), reverse("desk:find")),
            Crumb(_("Bill runs"), reverse("accounts:bill_runs")),
            Crumb(_("Run of a month")),
        ],
    }
    return render(request, "accounts/ordered.html", context, status=status)
