"""The JSON API: the slices' routers under /api/v1/, each route behind the guard that it names."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.operation import PathView

from tahseel.channels.desk.api import router as desk
from tahseel.channels.places.api import router as places
from tahseel.channels.timeline.api import router as timeline
from tahseel.kernel.errors import Refusal
from tahseel.trust.access.guards import View, answering_json, public, requires

ROUTERS = (timeline, places, desk)
NAMESPACE = "api"


class RequestUnreadable(Refusal):
    """Something of the request is not as the description of the API says."""

    code = "request_unreadable"
    text_ar = "الطلب لا يوافق وصف الواجهة: {where}"
    text_en = "The request is not as the API describes it: {where}"


def build() -> list[URLPattern]:
    """Every route of the API, guarded; its description is for everybody and tells of nobody."""
    api = NinjaAPI(
        title="Tahseel",
        version="1",
        docs_url=None,
        urls_namespace=NAMESPACE,
        description="Sign in as for the pages; the session's cookie comes with every request.",
    )
    for router in ROUTERS:
        api.add_router("", router)
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(ValidationError, _unreadable)
    roles = {
        _as_django_writes(address): _roles(view)
        for router in ROUTERS
        for address, view in router.path_operations.items()
    }
    patterns = [one for one in api.urls[0] if isinstance(one, URLPattern)]
    return [_guarded(one, roles.get(str(one.pattern))) for one in patterns]


def _roles(view: PathView) -> set[str]:
    """For whom the operations of an address are: each names its `roles`."""
    return {role for one in view.operations for role in getattr(one.view_func, "roles", ())}


def _as_django_writes(address: str) -> str:
    return address.lstrip("/").replace("{", "<").replace("}", ">")


def _guarded(route: URLPattern, roles: Collection[str] | None) -> URLPattern:
    """The same route behind `requires(roles)`; a route of no operation is the description."""
    guard = public if roles is None else requires(*roles)
    return path(str(route.pattern), answering_json(guard(_plain(route.callback))), name=route.name)


def _plain(view: View) -> View:
    """The view without the marks that the library set on it: ours alone count."""

    def call(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        return view(request, *given, **named)

    return call


def _refused(request: HttpRequest, refusal: Refusal | type[Refusal]) -> HttpResponse:
    assert isinstance(refusal, Refusal)
    return JsonResponse(refusal.as_dict(), status=refusal.http_status)


def _unreadable(
    request: HttpRequest, error: ValidationError | type[ValidationError]
) -> HttpResponse:
    assert isinstance(error, ValidationError)
    where = ", ".join(".".join(map(str, one["loc"])) for one in error.errors)
    return _refused(request, RequestUnreadable(where=json.dumps(where)[1:-1]))
