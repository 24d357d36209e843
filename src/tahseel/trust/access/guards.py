"""The guard that every view wears: `requires`, `signed_in` or `public`.

A guard gives the request its `actor` and its instant `at`, so that a view reads no clock, and
marks the view (`view.guard`), so that a test can walk all routes. Whoever lacks the role gets
403, and the log a leaf "denied"; whoever is not signed in is led to the sign-in page.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.trust.access import queries, rules
from tahseel.trust.audit import operations as audit
from tahseel.trust.audit.values import Outcome

View = Callable[..., HttpResponseBase]


class GuardedRequest(HttpRequest):
    """What a guarded view gets: a request that knows who asks and when."""

    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Guard:
    """What a view asks of its visitor. No roles: anybody signed in, or everybody when public.

    by_data: looks up at each request which roles the country's data give; then `roles` is empty.
    """

    roles: frozenset[str]
    public: bool = False
    by_data: Callable[[], Collection[str]] | None = None

    def needed(self) -> frozenset[str]:
        """The roles of which a visitor must hold one."""
        return frozenset(self.by_data()) if self.by_data else self.roles


def requires(*roles: str) -> Callable[[View], View]:
    """The view is for holders of at least one of the roles."""
    if not roles:
        raise ValueError("name at least one role, or use signed_in")
    return _guarded(Guard(frozenset(roles)))


def requires_by_data(roles: Callable[[], Collection[str]]) -> Callable[[View], View]:
    """The same where it is the country's data that say which roles: asked at each request."""
    return _guarded(Guard(frozenset(), by_data=roles))


def signed_in(view: View) -> View:
    """The view is for anybody who is signed in."""
    return _guarded(Guard(frozenset()))(view)


def public(view: View) -> View:
    """The view is for everybody; it tells nothing about any person."""
    return _guarded(Guard(frozenset(), public=True))(view)


class SignInNeeded(Refusal):
    """A program asks without a session."""

    code = "sign_in_needed"
    text_ar = "سجّل الدخول أولًا"
    text_en = "Sign in first"
    http_status = 401


def answering_json(view: View) -> View:
    """Around a guarded view that programs call: who may not, or is not signed in, is told in JSON.

    The guard has its say, and its leaf, as on a page.
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        guard: Guard = view.guard  # type: ignore[attr-defined]
        if not guard.public and not request.user.is_authenticated:
            return JsonResponse(SignInNeeded().as_dict(), status=SignInNeeded.http_status)
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            return JsonResponse(NotAllowed().as_dict(), status=NotAllowed.http_status)

    return answer


def instant() -> datetime:
    """The present, from the clock that the settings name."""
    clock = import_string(getattr(settings, "CLOCK", "tahseel.app.clock.now"))
    return cast("datetime", clock())


def _guarded(guard: Guard) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @functools.wraps(view)
        def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if any("\x00" in part for part in kwargs.values() if isinstance(part, str)):
                raise Http404
            known = cast("GuardedRequest", request)
            known.at = instant()
            known.actor = queries.actor_for(request.user)
            if not guard.public:
                if not request.user.is_authenticated:
                    return to_sign_in(request)
                restricted = guard.roles or guard.by_data
                if restricted and not rules.may(known.actor, *(needed := guard.needed())):
                    deny(known, needs=needed)
            return view(request, *args, **kwargs)

        check.guard = guard  # type: ignore[attr-defined]
        return check

    return decorate


def deny(request: GuardedRequest, *, needs: frozenset[str] = frozenset()) -> NoReturn:
    """Write the leaf "denied" and raise PermissionDenied; the page of 403 follows."""
    audit.record(
        actor=request.actor,
        action="access.open_page",
        subject=_route(request),
        at=request.at,
        outcome=Outcome.DENIED,
        facts={"method": request.method, "needs": sorted(needs)},
    )
    raise PermissionDenied(NotAllowed.text_en)


def _route(request: HttpRequest) -> str:
    """The route's pattern, not the address: an address may hold a person's number."""
    match = request.resolver_match
    return match.route if match is not None else request.path


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Leads to the sign-in page; a script gets 401 with the address instead of a page."""
    back = {"next": request.get_full_path()} if request.method == "GET" else {}
    address = f"{settings.LOGIN_URL}?{urlencode(back)}" if back else str(settings.LOGIN_URL)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": str(settings.LOGIN_URL)})
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"code": "sign_in_needed", "sign_in": address}, status=401)
    return HttpResponseRedirect(address)
