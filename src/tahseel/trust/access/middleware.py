"""Ends a session that nobody has used for a while, and tells the log that it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tahseel.trust.access import operations
from tahseel.trust.access.guards import instant

SEEN = "access_seen"
OPENED = "access_opened"
IDLE_S_MAX = 30 * 60
SESSION_S_MAX = 12 * 60 * 60


class SessionLimits:
    """Signs out after SESSION_IDLE_S_MAX without a request, or SESSION_S_MAX in all (seconds).

    Stands after Django's AuthenticationMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            self._check(request, instant())
        return self.get_response(request)

    def _check(self, request: HttpRequest, at: datetime) -> None:
        now_s = int(at.timestamp())
        seen = int(request.session.get(SEEN, now_s))
        opened = int(request.session.setdefault(OPENED, now_s))
        idle_s_max = int(getattr(settings, "SESSION_IDLE_S_MAX", IDLE_S_MAX))
        session_s_max = int(getattr(settings, "SESSION_S_MAX", SESSION_S_MAX))
        if now_s - seen > idle_s_max or now_s - opened > session_s_max:
            operations.sign_out(request=request, at=at, cause="idle")
            return
        request.session[SEEN] = now_s
