"""The screens of metering: parse, call one query or operation, show."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, overload
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tahseel.channels.metering import acting, reading
from tahseel.channels.metering.acting import ACTS, Act, Form
from tahseel.channels.metering.queries import order_rows
from tahseel.channels.metering.values import Row
from tahseel.channels.pages.values import Crumb
from tahseel.consumption.exceptions import operations, queries
from tahseel.consumption.exceptions.values import (
    ExceptionView,
    FieldOrder,
    OrderState,
    State,
    Wanted,
    WorkList,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.trust.access.guards import GuardedRequest, requires

OFFICE = ("clerk", "office_head", "revenue_manager", "auditor")
READERS = (*OFFICE, "inspector", "supply_engineer")
PAGE_ROWS = 25
ORDERS_SHOWN = 20
CODE_MAX = 60


class _Rows(Sequence[Row]):
    """The work-list as a paginator wants it: a length, and rows that are read when asked for."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.whole: WorkList = queries.work_list(wanted=wanted, limit=0)

    def __len__(self) -> int:
        return self.whole.count

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        if isinstance(at, int):
            return self[at : at + 1][0]
        first, end, _step = at.indices(len(self))
        found = queries.work_list(wanted=self.wanted, limit=end - first, offset=first)
        return reading.rows(found.rows)


@requires(*READERS)
@never_cache
@require_GET
def exceptions(request: GuardedRequest) -> HttpResponse:
    """What waits to be decided, dearest first, and which crews are out."""
    wanted = _wanted(request)
    found = _Rows(wanted)
    page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
    orders = queries.orders_out(limit=ORDERS_SHOWN)
    context = {
        "shown": page,
        "whole": found.whole,
        "orders": order_rows(orders),
        "filters": _filters(wanted),
        "rounds": request.actor.has(*OFFICE),
    }
    return render(request, "metering/exceptions.html", context)


def _wanted(request: GuardedRequest) -> Wanted:
    def told(name: str) -> str:
        return request.GET.get(name, "")[:CODE_MAX]

    state = told("state")
    return Wanted(
        rule=told("rule"),
        sector=told("sector"),
        area=told("area"),
        service=told("service"),
        state=State(state) if state in set(State) else State.OPEN,
    )


def _filters(wanted: Wanted) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Name, label and choices of each filter, with the chosen one."""
    counts = queries.open_counts()
    areas = reading.area_names([*counts["area"], wanted.area])
    choices: list[tuple[str, str, dict[str, str], str]] = [
        ("rule", _("Rule"), {c: reading.rule_name(c) for c in counts["rule"]}, wanted.rule),
        ("sector", _("Sector"), {c: reading.sector_name(c) for c in counts["sector"]},
         wanted.sector),
        ("area", _("Area"), areas, wanted.area),
        ("service", _("Service"), {
            Service.ELECTRICITY: _("Electricity"), Service.WATER: _("Water"),
        }, wanted.service),
    ]  # fmt: skip
    shown = [
        (name, label, [("", _("All"), not chosen), *_options(words, chosen)])
        for name, label, words, chosen in choices
    ]
    states = {str(state): reading.state_pill(state).text for state in State}
    shown.append(("state", _("State"), _options(states, str(wanted.state))))
    return shown


def _options(words: dict[str, str], chosen: str) -> list[tuple[str, str, bool]]:
    ordered = sorted(words.items(), key=lambda pair: pair[1])
    return [(str(code), word, str(code) == chosen) for code, word in ordered]


@requires(*READERS)
@never_cache
@require_GET
def exception(request: GuardedRequest, exception_id: UUID) -> HttpResponse:
    """One exception: what was found, the reads around it, and what may be done."""
    return _page(request, _found(exception_id))


@requires(*operations.MAKERS, *operations.SENDERS, *operations.CREW)
@never_cache
@require_POST
def act(request: GuardedRequest, exception_id: UUID, code: str) -> HttpResponse:
    """Decide, ask for an edit, send a crew or report for it."""
    found, wanted = _found(exception_id), ACTS.get(code)
    if wanted is None or (wanted.out and _out(found) is None):
        raise Http404
    form = acting.form_of(wanted, found, request.POST)
    if not form.is_valid():
        return _page(request, found, sent=(wanted, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        acting.do(
            wanted, actor=request.actor, at=request.at, found=found, order=_out(found), form=form
        )
    except Refusal as refusal:
        return _page(
            request, found, sent=(wanted, form), refused=refusal, status=refusal.http_status
        )
    messages.success(request, str(wanted.said))
    return redirect("metering:exception", exception_id)


@requires(*READERS)
@never_cache
@require_GET
def intervals(request: GuardedRequest, meter_id: UUID) -> HttpResponse:
    """Every interval of a meter as a curve, over a week, a month, a quarter or a year."""
    length = request.GET.get("days", "")
    found = reading.life(
        meter_id=meter_id,
        until=_day(request.GET.get("until", "")),
        length=int(length) if length in {str(n) for n in reading.LENGTHS} else reading.LENGTHS[-1],
        today=local_day(request.at),
    )
    if found is None:
        raise Http404
    crumbs = [
        Crumb(_("Places"), reverse("places:find")),
        Crumb(found.serial, reverse("places:meter", args=[meter_id])),
        Crumb(_("Intervals")),
    ]
    return render(request, "metering/intervals.html", {"life": found, "crumbs": crumbs})


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _found(exception_id: UUID) -> ExceptionView:
    found = queries.exception(exception_id=exception_id)
    if found is None:
        raise Http404
    return found


def _out(found: ExceptionView) -> FieldOrder | None:
    orders = queries.orders_of(exception_id=found.id)
    return next((one for one in orders if one.state is OrderState.ORDERED), None)


def _page(
    request: GuardedRequest,
    found: ExceptionView,
    *,
    sent: tuple[Act, Form] | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    waits = queries.edits_waiting(as_of=request.at).get(found.id)
    out = _out(found)
    fitting = [
        wanted
        for wanted in ACTS.values()
        if request.actor.has(*wanted.roles)
        and wanted.out == (out is not None and wanted.code in {"report", "withdraw"})
        and (wanted.out or (found.state is State.OPEN and waits is None))
        and not (wanted.code == "order" and out is not None)
    ]
    forms = [
        (wanted, sent[1] if sent and sent[0] is wanted else acting.form_of(wanted, found))
        for wanted in fitting
    ]
    context = {
        "sheet": reading.sheet(found, waits=str(waits) if waits else ""),
        "forms": forms,
        "sent": sent[0].code if sent else "",
        "refused": refused,
        "crumbs": [Crumb(_("Reads to check"), reverse("metering:exceptions")),
                   Crumb(reading.rule_name(found.rule))],
    }  # fmt: skip
    return render(request, "metering/exception.html", context, status=status)
