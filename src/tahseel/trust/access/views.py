"""The door: signing in and out."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tahseel.kernel.errors import Refusal
from tahseel.trust.access import operations
from tahseel.trust.access.forms import SignInForm
from tahseel.trust.access.guards import GuardedRequest, public, signed_in


@public
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: GuardedRequest) -> HttpResponse:
    """The form, and what it sends. A wrong answer says nothing about whether the name exists."""
    back = _way_back(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(back)
        return _page(request, SignInForm(), back)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, back, status=422)
    try:
        operations.sign_in(request=request, at=request.at, **form.cleaned_data)
    except Refusal as refusal:
        request.axes_locked_out = False  # type: ignore[attr-defined]  # our own page answers
        form.add_error(None, refusal.in_language(get_language() or settings.LANGUAGE_CODE))
        return _page(request, form, back, status=refusal.http_status)
    return HttpResponseRedirect(back)


@signed_in
@never_cache
@require_POST
def sign_out(request: GuardedRequest) -> HttpResponse:
    """Ends the session; only by POST, so that no link can do it."""
    operations.sign_out(request=request, at=request.at)
    return HttpResponseRedirect(resolve_url(settings.LOGOUT_REDIRECT_URL or "/"))


def _page(request: HttpRequest, form: SignInForm, back: str, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "next": back,
        "sign_ins": getattr(settings, "SIGN_INS_SHOWN", ()),
    }
    return render(request, "access/sign_in.html", context, status=status)


def _way_back(request: HttpRequest) -> str:
    """Where to go after signing in: only an address of this site, else the home page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if allowed and wanted.startswith("/"):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)
