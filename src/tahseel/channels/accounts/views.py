"""The counter's page of an account, and the acts that begin there."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.channels.accounts import acts, past, queries
from tahseel.channels.accounts.acts import ACTING_ROLES
from tahseel.channels.accounts.acts.act import settlement
from tahseel.channels.accounts.forms import (
    BecauseForm,
    MoveInForm,
    MoveOutForm,
    OffForm,
    StopForm,
    fresh_move_in,
    off_now,
)
from tahseel.channels.accounts.values import Sheet
from tahseel.channels.pages.values import Crumb
from tahseel.charging.billing import operations as billing
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import AccountRef, Capacity, PastAct, PastKind, Vacancy
from tahseel.trust.access.guards import GuardedRequest, deny, requires
from tahseel.trust.access.rules import holders, may

READING_ROLES = ("clerk", "office_head", "revenue_manager", "auditor")
DECIDING_ROLES = ("office_head", "revenue_manager")


@requires(*READING_ROLES)
@never_cache
@require_GET
def account(request: GuardedRequest, number: str) -> HttpResponse:
    """Who is liable and was, who has which role, deposits, and whether supply is on."""
    return _page(request, _ref(number))


@requires(*ACTING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def move_in(request: GuardedRequest, number: str) -> HttpResponse:
    """Move a registered customer in, with his lease and his deposit."""
    ref = _ref(number)
    if request.method == "POST":
        form = MoveInForm(request.POST)
        return _acted(
            request, ref, form, lambda: _admit(request, ref, form), "move_in",
            late=lambda: _admit_late(request, ref, form),
        )  # fmt: skip
    wanted = deposits_queries.tenants_deposit(account_id=ref.id).dinars()
    form = fresh_move_in(at=request.at, today=local_day(request.at), wanted=wanted)
    return _form(request, ref, form, "move_in")


def _admit_late(request: GuardedRequest, ref: AccountRef, form: MoveInForm) -> PastAct:
    """His deposit is taken by itself, once it is agreed that he moved in."""
    given = form.cleaned_data
    return PastAct(
        PastKind.MOVE_IN,
        {
            "account_id": ref.id,
            "customer_id": acts.customer(request, given["who"]),
            "from_day": given["from_day"],
            "capacity": given["capacity"],
            "agreement": given["agreement"],
        },
    )


def _admit(request: GuardedRequest, ref: AccountRef, form: MoveInForm) -> str:
    given = form.cleaned_data
    who = acts.customer(request, given["who"])
    deposits.admit(
        actor=request.actor,
        at=request.at,
        account_id=ref.id,
        customer_id=who,
        from_day=given["from_day"],
        capacity=Capacity(given["capacity"]),
        agreement=given["agreement"],
        deposit=form.deposit(account_id=ref.id, customer_id=who),
        waiver=given["waiver"],
    )
    return _("Moved in.")


@requires(*ACTING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def move_out(request: GuardedRequest, number: str) -> HttpResponse:
    """Final reads, final bill, deposit netted: one act."""
    ref, today = _ref(number), local_day(request.at)
    dials = queries.dials(unit_id=ref.unit_id, on_day=today)
    if request.method != "POST":
        initial = {"on_day": today, "intent": new_id(request.at)}
        return _form(request, ref, MoveOutForm(dials=dials, initial=initial), "move_out")
    form = MoveOutForm(request.POST, dials=dials)
    return _acted(
        request, ref, form, lambda: _leave(request, ref, form), "move_out",
        late=lambda: _leave_late(ref, form),
    )  # fmt: skip


def _leave_late(ref: AccountRef, form: MoveOutForm) -> PastAct:
    """Without reads: the bills of the days become work, and are made anew from what is known."""
    given = form.cleaned_data
    return PastAct(
        PastKind.MOVE_OUT,
        {"account_id": ref.id, "on_day": given["on_day"], "vacancy": given["vacancy"]},
    )


def _leave(request: GuardedRequest, ref: AccountRef, form: MoveOutForm) -> str:
    given = form.cleaned_data
    done = billing.move_out(
        actor=request.actor,
        at=request.at,
        intent_id=given["intent"],
        account_id=ref.id,
        on_day=given["on_day"],
        reads=given["reads"],
        vacancy=Vacancy(given["vacancy"]),
    )
    return f"{_('Moved out.')} {settlement(done)}"


@requires(*ACTING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: GuardedRequest, number: str) -> HttpResponse:
    """Open a reason for which services are to be off."""
    ref = _ref(number)
    if request.method != "POST":
        return _form(request, ref, StopForm(), "stop")
    form = StopForm(request.POST)

    def order() -> str:
        supply.order_stop(
            actor=request.actor,
            at=request.at,
            account_id=ref.id,
            reason=form.cleaned_data["reason"],
            services=[Service(one) for one in form.cleaned_data["services"]],
            reference=form.cleaned_data["reference"],
        )
        return _("The disconnection is ordered.")

    return _acted(request, ref, form, order, "stop")


@requires(*ACTING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def confirm_stop(request: GuardedRequest, number: str, stop_id: UUID) -> HttpResponse:
    """Record when a crew really cut supply for a reason that was ordered."""
    ref = _ref(number)
    if request.method != "POST":
        return _form(request, ref, OffForm(initial=off_now(request.at)), "confirm_stop")
    form = OffForm(request.POST)

    def confirm() -> str:
        supply.confirm_stop(
            actor=request.actor, at=request.at, stop_id=stop_id, off_at=form.off_at()
        )
        return _("It is on record that supply was cut.")

    return _acted(request, ref, form, confirm, "confirm_stop")


@requires(*ACTING_ROLES)
@never_cache
@require_POST
def end_stop(request: GuardedRequest, number: str, stop_id: UUID) -> HttpResponse:
    """End one reason; supply is on again when it was the last."""
    form = BecauseForm(request.POST)

    def end() -> str:
        on = supply.end_stop(
            actor=request.actor,
            at=request.at,
            stop_id=stop_id,
            because=form.cleaned_data["because"],
        )
        return _("Ended. Supply is on again.") if on else _("Ended. Other reasons are left.")

    return _acted(request, _ref(number), form, end, "")


@requires(*DECIDING_ROLES)
@never_cache
@require_POST
def decide(request: GuardedRequest, number: str, proposal_id: UUID) -> HttpResponse:
    """Accept or refuse what a review of the deposit proposes."""
    ref = _ref(number)
    accept = request.POST.get("answer") == "accept"
    form = BecauseForm({"because": request.POST.get("because") or ("-" if accept else "")})

    def answer() -> str:
        deposits.decide_proposal(
            actor=request.actor,
            at=request.at,
            account_id=ref.id,
            proposal_id=proposal_id,
            accept=accept,
            on_day=local_day(request.at),
            reason=form.cleaned_data["because"],
        )
        return _("Accepted.") if accept else _("Refused.")

    return _acted(request, ref, form, answer, "")


@requires(*ACTING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def act(request: GuardedRequest, number: str, code: str) -> HttpResponse:
    """One form about the parties of an account; see `acts`."""
    ref, found = _ref(number), acts.ACTS.get(code)
    if found is None:
        raise Http404
    if not request.actor.has(*found.roles):
        deny(request, needs=frozenset(found.roles))
    sheet = _sheet(request, ref)
    form = found.form(request, sheet, request.POST if request.method == "POST" else None)
    past.asked_before(form, request)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _performed(request, sheet, form, found)
        except Refusal as refusal:
            refused = refusal
    context = {
        "number": ref.number,
        "form": form,
        "refused": refused,
        "title": found.label,
        "label": found.label,
        "note": found.note,
        "crumbs": [*_crumbs(ref, linked=True), Crumb(str(found.label))],
    }
    status = refused.http_status if refused else _status(form)
    return render(request, "accounts/act.html", context, status=status)


def _performed(request: GuardedRequest, sheet: Sheet, form: Form, found: acts.Act) -> HttpResponse:
    """Done, or asked of a second person where the days are billed. Raises Refusal."""
    given, late = {**form.cleaned_data, "form": form}, found.past
    return past.done_or_asked(
        request,
        form,
        lambda: found.perform(request, sheet, given) or str(found.told),
        number=sheet.view.number,
        late=(lambda: late(request, sheet, given)) if late else None,
    )


def _status(form: Form) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _ref(number: str) -> AccountRef:
    found = supply_queries.account_ref(number=number)
    if found is None:
        raise Http404
    return found


def _acted(
    request: GuardedRequest,
    ref: AccountRef,
    form: Form,
    act: Callable[[], str],
    name: str,
    *,
    late: Callable[[], PastAct] | None = None,
) -> HttpResponse:
    """Do it and go back to the account; else the form, or the page, with what is wrong.

    late: what a second person is asked for, where the days are billed.
    """
    refused: Refusal | None = None
    past.asked_before(form, request)
    if form.is_valid():
        try:
            return past.done_or_asked(request, form, act, number=ref.number, late=late)
        except Refusal as refusal:
            refused = refusal
    status = refused.http_status if refused else HTTPStatus.UNPROCESSABLE_ENTITY
    if not name:
        return _page(request, ref, refused=refused, form=form, status=status)
    return _form(request, ref, form, name, refused=refused, status=status)


def _form(
    request: GuardedRequest,
    ref: AccountRef,
    form: Form,
    name: str,
    *,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    titles = {
        "move_in": (_("Move in"), _("Move in")),
        "move_out": (_("Move out"), _("Bill and move out")),
        "stop": (_("Disconnect"), _("Order the disconnection")),
        "confirm_stop": (_("Record that it was cut"), _("Record it")),
    }
    notes = {
        "move_out": _(
            "The dials are kept, the days since the last bill are billed, and the deposit meets"
            " what is owed. The rest of it is paid back."
        )
    }
    context = {
        "number": ref.number,
        "form": form,
        "refused": refused,
        "title": titles[name][0],
        "label": titles[name][1],
        "note": notes.get(name, ""),
        "crumbs": [*_crumbs(ref, linked=True), Crumb(titles[name][0])],
    }
    return render(request, "accounts/act.html", context, status=status)


def _page(
    request: GuardedRequest,
    ref: AccountRef,
    *,
    refused: Refusal | None = None,
    form: Form | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    sheet = _sheet(request, ref)
    context: dict[str, Any] = {
        "sheet": sheet,
        "refused": refused,
        "form": form,
        "may_act": request.actor.has(*ACTING_ROLES) and sheet.view.closed_on is None,
        "acts": acts.open_to(request.actor, sheet),
        "may_confirm": may(request.actor, *holders("supply.confirm_stop")),
        "may_decide": request.actor.has(*DECIDING_ROLES),
        "crumbs": _crumbs(ref),
    }
    return render(request, "accounts/account.html", context, status=status)


def _sheet(request: GuardedRequest, ref: AccountRef) -> Sheet:
    return queries.sheet(
        actor=request.actor,
        at=request.at,
        purpose=acts.purpose_of(request.actor),
        account=ref,
        day=local_day(request.at),
    )


def _crumbs(ref: AccountRef, *, linked: bool = False) -> list[Crumb]:
    here = reverse("accounts:account", args=[ref.number]) if linked else ""
    return [Crumb(_("Find an account"), reverse("desk:find")), Crumb(ref.number, here)]
