"""How often one visitor may ask for pages that everybody may open, and from where he asks.

The counters lie in the database, so that all web processes share them; the visitor's address is
kept as a blind index only. The first refusal of a window leaves a leaf; a flood leaves no flood.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from tahseel.kernel import secrets
from tahseel.kernel.limits import Limit
from tahseel.kernel.sql import prepared
from tahseel.trust.access.guards import GuardedRequest, View
from tahseel.trust.audit import operations as audit
from tahseel.trust.audit.values import Outcome

ADDRESS_INDEX = "access:address"
NOWHERE = str(ipaddress.IPv6Address(0))
_COUNT = """
insert into access_throttle (name, visitor, "window", uses) values (%s, %s, %s, 1)
on conflict (name, visitor, "window") do update set uses = access_throttle.uses + 1
returning uses, coalesce((
  select uses from access_throttle where name = %s and visitor = %s and "window" = %s
), 0)
"""


def limited(limit: Limit, *, methods: frozenset[str] = frozenset()) -> Callable[[View], View]:
    """Beyond the limit a visitor gets 429 and when to come back. Stands below the guard.

    methods: only requests of these methods count; all when empty.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if methods and request.method not in methods:
                return view(request, *args, **kwargs)
            known = cast("GuardedRequest", request)
            if not _within(known, limit):
                too_many = import_string(settings.TOO_MANY_VIEW)
                return cast("HttpResponseBase", too_many(request, limit.seconds_left(known.at)))
            return view(request, *args, **kwargs)

        check.limit = limit  # type: ignore[attr-defined]
        return check

    return decorate


def client_address(request: HttpRequest) -> str:
    """The visitor's address as our own proxies saw it; what he claims himself counts for nothing.

    settings.PROXIES: how many proxies of ours stand in front; 0 without any.
    """
    hops = int(getattr(settings, "PROXIES", 0))
    told = request.headers.get("X-Forwarded-For", "").split(",") if hops else []
    seen = [told[-hops].strip()] if hops and len(told) >= hops else []
    for address in (*seen, str(request.META.get("REMOTE_ADDR") or "")):
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_address(address))
    return NOWHERE


def _within(request: GuardedRequest, limit: Limit) -> bool:
    visitor = secrets.blind_index(client_address(request), purpose=ADDRESS_INDEX)
    window, before = limit.window(request.at), limit.window_before(request.at)
    counted = prepared(_COUNT, [limit.name, visitor, window, limit.name, visitor, before])
    now, last = counted.fetchall()[0]
    if now == 1:
        _forget(limit, request)
    if limit.allows(before=last, now=now, at=request.at):
        return True
    if limit.allows(before=last, now=now - 1, at=request.at) or now == 1:
        _leave_leaf(request, limit)
    return False


def _forget(limit: Limit, request: GuardedRequest) -> None:
    """A visitor's first use of a window clears what no decision needs any more."""
    oldest = limit.window_before(request.at)
    prepared('delete from access_throttle where name = %s and "window" < %s', [limit.name, oldest])


def _leave_leaf(request: GuardedRequest, limit: Limit) -> None:
    match = request.resolver_match
    audit.record(
        actor=request.actor,
        action="access.ask_too_often",
        subject=match.route if match is not None else request.path,
        at=request.at,
        outcome=Outcome.DENIED,
        facts={"limit": limit.name, "most": limit.most, "seconds": limit.seconds},
    )
