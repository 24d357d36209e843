"""The two addresses a gateway calls: server to server with the response, by browser on error."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tahseel.books.payments import facilities, operations, queries
from tahseel.kernel.errors import Refusal
from tahseel.kernel.limits import Limit
from tahseel.trust.access.guards import GuardedRequest, public
from tahseel.trust.access.throttle import limited

# A payment firm tells us of every payment from a few addresses; a forger asks for more of our time.
NOTIFICATION_LIMIT = Limit("notification", most=3_000, seconds=60)
ERROR_LIMIT = Limit("payment-error", most=30, seconds=60)
BODY_BYTES_MAX = 16 * 1024
TRACK_ID_LENGTH_MAX = 40


@csrf_exempt
@public
@limited(NOTIFICATION_LIMIT)
@require_POST
def response(request: HttpRequest, gateway: str) -> HttpResponse:
    """Keep what the gateway says and answer in its own form; the money waits for the inquiry.

    A message that is refused gets no `REDIRECT=` line, so that the gateway takes back what it may
    have captured for it.
    """
    known = cast("GuardedRequest", request)
    if int(request.headers.get("Content-Length") or 0) > BODY_BYTES_MAX:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        told = operations.receive_notification(
            actor=known.actor, at=known.at, gateway=gateway, body=request.body
        )
    except Refusal as refusal:
        return HttpResponse(refusal.code, status=refusal.http_status, content_type="text/plain")
    content_type, line = facilities.gateway(gateway).answer_notification(told.result_url)
    return HttpResponse(line, content_type=content_type)


@public
@limited(ERROR_LIMIT)
@require_GET
def error(request: HttpRequest, gateway: str) -> HttpResponse:
    """The browser comes back without a receipt: show what we find out ourselves.

    An unknown track id leads to the front page and tells nothing.
    """
    track_id = request.GET.get("trackid", "")[:TRACK_ID_LENGTH_MAX]
    intent = queries.intent_by_track(track_id) if track_id.isalnum() else None
    if intent is None or intent.gateway != gateway:
        return HttpResponseRedirect("/")
    return HttpResponseRedirect(facilities.installed().result_url(intent.id))
