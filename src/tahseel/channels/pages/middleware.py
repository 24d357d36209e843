"""What every request must be, and what every answer carries: a strict policy, the language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.cache import patch_vary_headers

Respond = Callable[[HttpRequest], HttpResponse]

NUL = "\x00"
API = "api"
PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
)


def content_policy() -> str:
    """Nothing inline, nothing foreign; forms may also lead to the configured payment pages."""
    form_targets = " ".join(["'self'", *getattr(settings, "PAYMENT_FORM_HOSTS", [])])
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            f"form-action {form_targets}",
        )
    )


class SecurityHeaders:
    """Sets the content policy and its companions; what a view set itself is left alone."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": content_policy(),
            "Permissions-Policy": PERMISSIONS,
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            # A shared counter machine must not show the last person's page on "back".
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class WithoutNul:
    """Refuses whatever asks or sends a NUL: nobody types one, and no text of the database holds it.

    A form field refuses it with words; what a view reads by itself would break on it.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _by: object, _named: object
    ) -> None:
        """Pages only; the doors of machines judge what is sent by their own description."""
        match = request.resolver_match
        described = match is not None and API in match.app_names
        if not described and not getattr(view, "csrf_exempt", False):
            _refuse_nul(request.GET)
            _refuse_nul(request.POST)


def _refuse_nul(told: QueryDict) -> None:
    if any(NUL in name or NUL in "".join(values) for name, values in told.lists()):
        raise BadRequest("a NUL in what was asked or sent")


class ChosenLanguage:
    """The language of the cookie, else Arabic; what the browser prefers does not decide.

    The State's language is Arabic, and a counter machine's browser is often an English one.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response
        self.known = {code for code, _ in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in self.known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Cookie",))
        return response
