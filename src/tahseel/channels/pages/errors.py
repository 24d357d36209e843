"""The pages for what went wrong, in the language of the page. They touch no database."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from tahseel.channels.pages import formats
from tahseel.channels.pages.context import chosen_theme
from tahseel.kernel.errors import Refusal


def _answer(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    page: dict[str, Any] = {
        "direction": formats.direction(),
        "theme": chosen_theme(request),
        "navigation": [],
        "here": "/",
    }
    context = {"status": status, "heading": title, "text": text, "page": page}
    context["csrf_token"] = get_token(request)
    return HttpResponse(render_to_string("pages/error.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request cannot be understood."""
    return _answer(
        request,
        400,
        _("This request cannot be read"),
        _("Go back, check what was typed, and try again."),
    )


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person may not see this; a Refusal's own text says why."""
    text = _(
        "Your account does not have the role that this page asks for. The attempt is recorded."
    )
    if isinstance(exception, Refusal):
        text = exception.in_language("ar" if formats.is_arabic() else "en")
    return _answer(request, 403, _("You may not open this page"), text)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was not sent from a page of ours, or its page is too old."""
    return _answer(
        request,
        403,
        _("This form has expired"),
        _("Open the page again and send the form once more. Nothing was changed."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing at this address, or nothing that the person may know of."""
    return _answer(
        request,
        404,
        _("There is no such page"),
        _("The address may have been typed wrongly, or the page has moved."),
    )


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """429: asked too often; says when to come back."""
    response = _answer(
        request,
        429,
        _("Too many requests"),
        _("Please wait a little and try again. Nothing was changed."),
    )
    response.headers["Retry-After"] = str(seconds)
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault. Says so, and touches as little as it can."""
    language = getattr(request, "LANGUAGE_CODE", "ar")
    with override(language):
        return _answer(
            request,
            500,
            _("Something went wrong on our side"),
            _("It has been recorded. Nothing you entered was half saved; try again in a moment."),
        )
