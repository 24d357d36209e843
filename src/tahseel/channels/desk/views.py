"""The exit officer's screen and the counter's search."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, retarget

from tahseel.channels.desk import border as watching
from tahseel.channels.desk.forms import CheckForm, FindForm
from tahseel.channels.desk.values import Screen
from tahseel.channels.pages import formats
from tahseel.kernel.actor import Purpose
from tahseel.kernel.errors import Fault
from tahseel.kernel.period import local_day
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, instant, requires

EXIT_ROLES = ("exit_officer",)
COUNTER_ROLES = ("clerk", "office_head", "revenue_manager", "auditor")
WATCH_COOKIE = "tahseel_border"


@requires(*EXIT_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def border(request: GuardedRequest) -> HttpResponse:
    """Look a person up at a gate: posted, kept in a sealed cookie, then asked by this same page.

    So the page may be left to pay and come back to, and nothing is asked twice by a reload.
    """
    if request.method == "POST":
        form = CheckForm(request.POST)
        if form.is_valid():
            return _begin(request, form)
        return render(request, "desk/border.html", {"form": form})
    form = CheckForm(initial={"gate": Gate.EXIT.value})
    token = request.COOKIES.get(WATCH_COOKIE)
    if not token:
        return render(request, "desk/border.html", {"form": form})
    try:
        screen = watching.look(actor=request.actor, at=request.at, token=token)
    except watching.WatchEnded:
        response = render(request, "desk/border.html", {"form": form})
        response.delete_cookie(WATCH_COOKIE, path=reverse("desk:border"))
        return response
    except Fault:
        context = {"form": form, "fault": True, "token": token}
        return render(request, "desk/border.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response = render(request, "desk/border.html", {"form": form, **_shown(screen)})
    _keep(response, screen.token)
    return response


def _begin(request: GuardedRequest, form: CheckForm) -> HttpResponse:
    token = watching.begin(
        actor=request.actor,
        at=request.at,
        civil_id=form.cleaned_data["civil_id"],
        gate=form.cleaned_data["gate"],
    )
    response = redirect("desk:border")
    _keep(response, token)
    return response


def _keep(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        WATCH_COOKIE,
        token,
        max_age=int(watching.WATCH_AGE_MAX.total_seconds()),
        path=reverse("desk:border"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@requires(*EXIT_ROLES)
@never_cache
@require_POST
def watch(request: GuardedRequest) -> HttpResponse:
    """Answers when the answer changes: then the screen's main part, else the watcher itself."""
    token = request.POST.get("watch", "")
    try:
        screen, watched = watching.wait(
            actor=request.actor, at=request.at, clock=instant, token=token
        )
    except watching.WatchEnded:
        return _to_answer(render(request, "desk/parts/ended.html"))
    except Fault:
        context = {"token": token, "later": True}
        return _to_answer(render(request, "desk/parts/fault.html", context))
    if screen is None:
        context = {"token": token, "later": not watched}
        return render(request, "desk/parts/watcher.html", context)
    return _to_answer(render(request, "desk/parts/answer.html", _shown(screen)))


def _to_answer(response: HttpResponse) -> HttpResponse:
    return retarget(reswap(response, "innerHTML"), "#answer")


def _shown(screen: Screen) -> dict[str, object]:
    shown: dict[str, object] = {
        "verdict": screen.verdict,
        "why": screen.why,
        "released": screen.released,
        "token": screen.token,
    }
    if screen.verdict.reference:
        address = reverse("portal:pay_reference", args=[screen.verdict.reference])
        shown |= {
            "pay_url": address,
            "code": formats.square_code(f"{settings.PUBLIC_URL}{address}"),
        }
    return shown


@requires(*COUNTER_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def find(request: GuardedRequest) -> HttpResponse:
    """Find a customer by name in either script, civil number, mobile, account or meter."""
    form = FindForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        purpose = Purpose.AUDIT if request.actor.has("auditor") else Purpose.CUSTOMER_SERVICE
        found = supply.find(
            actor=request.actor,
            at=request.at,
            purpose=purpose,
            text=form.cleaned_data["text"],
            as_of=local_day(request.at),
        )
    return render(request, "desk/find.html", {"form": form, "found": found})
