"""The screens of rounds: parse, call one query or operation, show."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tahseel.channels.pages.values import Crumb
from tahseel.channels.rounds import acting, doors, reading
from tahseel.channels.rounds.acting import ACTS, Act
from tahseel.channels.rounds.doors import Answer, Said
from tahseel.channels.rounds.forms import ReaderForm
from tahseel.consumption.field import operations, queries
from tahseel.consumption.field.operations import READER, SUPERVISORS, WALKERS
from tahseel.consumption.field.values import RoundState, RoundView, Stop, StopState
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.trust.access.guards import GuardedRequest, deny, requires

OVERSEERS = (*SUPERVISORS, "clerk", "auditor")
VIEWERS = (READER, *OVERSEERS)
DAYS_SHOWN = timedelta(days=31)
DAY = timedelta(days=1)
CODE_MAX = 60


@requires(*VIEWERS)
@never_cache
@require_GET
def rounds(request: GuardedRequest) -> HttpResponse:
    """Rounds of the last month: a reader's own, or everybody's."""
    today = local_day(request.at)
    state = request.GET.get("state", "")
    found = queries.rounds(
        since=today - DAYS_SHOWN,
        until=today + DAY,
        reader="" if request.actor.has(*OVERSEERS) else request.actor.id,
        area=request.GET.get("area", "")[:CODE_MAX],
        state=RoundState(state) if state in set(RoundState) else None,
    )
    context = {
        "rows": reading.round_rows(found),
        "stops": sum(one.stops for one in found),
        "read": sum(one.read for one in found),
        "no_access": sum(one.no_access for one in found),
        "left": sum(one.left for one in found),
        "oversees": request.actor.has(*OVERSEERS),
        "filters": doors.filters(request.GET.get("area", ""), state),
    }
    return render(request, "rounds/rounds.html", context)


@requires(*OVERSEERS)
@never_cache
@require_http_methods(["GET", "POST"])
def routes(request: GuardedRequest) -> HttpResponse:
    """Every route, when it is read and who reads it usually."""
    readers, refused = reading.readers(), None
    if request.method == "POST":
        form = ReaderForm(request.POST, readers=readers)
        try:
            route_id = UUID(request.POST.get("route", ""))
        except ValueError as wrong:
            raise Http404 from wrong
        try:
            operations.name_usual_reader(
                actor=request.actor,
                at=request.at,
                route_id=route_id,
                reader=form.cleaned_data["reader"] if form.is_valid() else "?",
            )
        except Refusal as refusal:
            refused = refusal
        else:
            messages.success(request, _("The reader is named from the next round on."))
            return redirect("rounds:routes")
    context = {
        "rows": reading.route_rows(local_day(request.at)),
        "readers": readers,
        "may": request.actor.has(*SUPERVISORS),
        "refused": refused,
        "crumbs": [Crumb(_("Reading rounds"), reverse("rounds:rounds")), Crumb(_("Routes"))],
    }
    status = refused.http_status if refused else HTTPStatus.OK
    return render(request, "rounds/routes.html", context, status=status)


@requires(*VIEWERS)
@never_cache
@require_GET
def round_page(request: GuardedRequest, round_id: UUID) -> HttpResponse:
    """One round: its meters, what came of them, and what may be done."""
    return _page(request, _found(request, round_id))


@requires(*WALKERS)
@never_cache
@require_POST
def act(request: GuardedRequest, round_id: UUID, code: str) -> HttpResponse:
    """Send out, take results in, come back, name a reader, close."""
    found, wanted = _found(request, round_id), ACTS.get(code)
    if wanted is None:
        raise Http404
    form = acting.form_of(wanted, found, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, sent=(wanted, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        acting.do(wanted, actor=request.actor, at=request.at, found=found, form=form)
    except Refusal as refusal:
        return _page(
            request, found, sent=(wanted, form), refused=refusal, status=refusal.http_status
        )
    messages.success(request, str(wanted.said))
    return redirect("rounds:round", round_id)


@requires(*VIEWERS)
@never_cache
@require_GET
def work(request: GuardedRequest, round_id: UUID) -> HttpResponse:
    """The work of a round that is out, as a file for a handheld."""
    found = _found(request, round_id)
    if found.state is not RoundState.OUT:
        raise Http404
    text = queries.work_file(round_id=round_id, language=reading.language())
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"round-{found.area}-{found.number}-{found.day}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@requires(*WALKERS)
@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: GuardedRequest, round_id: UUID, sequence: int) -> HttpResponse:
    """The page for a phone at the door: every dial, or why there is no read."""
    walked = _found(request, round_id)
    found = queries.stop(round_id=round_id, sequence=sequence)
    if found is None:
        raise Http404
    door = reading.door(round_id, found)
    if request.method == "GET":
        return _door(request, walked, found, doors.fresh(door, at=request.at))
    said = doors.said(request, walked, found, door)
    if isinstance(said, Answer):
        return _door(request, walked, found, said, door=door)
    messages.success(request, _next_words(said))
    following = doors.following(queries.stops(round_id=round_id), sequence)
    if following is None:
        return redirect("rounds:round", round_id)
    return redirect("rounds:stop", round_id, following)


def _next_words(said: Said) -> str:
    words = {
        StopState.READ: _("Meter %(serial)s is read."),
        StopState.NO_ACCESS: _("Meter %(serial)s: noted that there was no access."),
    }
    return words[said.state] % {"serial": said.serial}


@requires(*VIEWERS)
@never_cache
@require_GET
def photo(request: GuardedRequest, round_id: UUID, digest: str) -> HttpResponse:
    """A photograph of a visit, as it was taken."""
    _found(request, round_id)
    kept = queries.photo_of_round(round_id=round_id, sha256=digest)
    if kept is None:
        raise Http404
    media_type, body = kept
    response = HttpResponse(body, content_type=media_type)
    response["Content-Security-Policy"] = "default-src 'none'"
    return response


def _found(request: GuardedRequest, round_id: UUID) -> RoundView:
    """The round; another reader's is not shown to a reader, and the log says that he asked."""
    found = queries.round_of(round_id=round_id)
    if found is None:
        raise Http404
    if found.reader != request.actor.id and not request.actor.has(*OVERSEERS):
        deny(request, needs=frozenset(SUPERVISORS))
    return found


def _page(
    request: GuardedRequest,
    found: RoundView,
    *,
    sent: tuple[Act, forms.Form] | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    fitting = [
        wanted
        for wanted in ACTS.values()
        if request.actor.has(*wanted.roles) and found.state in wanted.states
    ]
    sheet = reading.sheet(found)
    context = {
        "sheet": sheet,
        "forms": [
            (one, sent[1] if sent and sent[0] is one else acting.form_of(one, found))
            for one in fitting
        ],
        "sent": sent[0].code if sent else "",
        "refused": refused,
        "walks": found.state is RoundState.OUT and request.actor.has(*WALKERS),
        "next": doors.following([row.stop for row in sheet.stops], 0),
        "crumbs": [Crumb(_("Reading rounds"), reverse("rounds:rounds")), Crumb(sheet.row.area)],
    }
    return render(request, "rounds/round.html", context, status=status)


def _door(
    request: GuardedRequest,
    walked: RoundView,
    found: Stop,
    answer: Answer,
    *,
    door: object = None,
) -> HttpResponse:
    context = {
        "door": door or reading.door(walked.id, found),
        "walked": walked,
        "answer": answer,
        "walks": walked.state is RoundState.OUT,
        "crumbs": [
            Crumb(_("Reading rounds"), reverse("rounds:rounds")),
            Crumb(_("Round"), reverse("rounds:round", args=[walked.id])),
            Crumb(found.serial),
        ],
    }
    response = render(request, "rounds/stop.html", context, status=answer.status)
    response["Permissions-Policy"] = doors.PERMISSIONS
    return response
