"""What the base template needs on every page: direction, theme, navigation, sign-in state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch
from django.utils.module_loading import import_string

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import NavItem

THEME_COOKIE = "tahseel_theme"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Destination:
    """A navigation entry and whether the page shown lies under it."""

    item: NavItem
    current: bool


def chosen_theme(request: HttpRequest) -> str:
    """The theme of the cookie; "auto" follows the system."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def destinations(request: HttpRequest, items: Iterable[NavItem]) -> list[Destination]:
    """The navigation with one current entry: the longest address that begins the page's own."""
    listed = list(items)
    under = [
        item.url
        for item in listed
        if request.path == item.url or (item.url != "/" and request.path.startswith(item.url))
    ]
    nearest = max(under, key=len, default="")
    return [Destination(item, bool(nearest) and item.url == nearest) for item in listed]


def _address(name: object) -> str:
    try:
        return resolve_url(name) if isinstance(name, str) else ""
    except NoReverseMatch:
        return ""


def _signed_in_as(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    label = formats.by_language(ar=getattr(user, "label_ar", ""), en=getattr(user, "label_en", ""))
    return label or str(user.get_username())


def page(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    source = getattr(settings, "PAGES_NAVIGATION", None)
    items = import_string(source)(request) if source else ()
    return {
        "page": {
            "direction": formats.direction(),
            "theme": chosen_theme(request),
            "navigation": destinations(request, items),
            "here": request.get_full_path(),
            "sign_in": _address(settings.LOGIN_URL),
            "sign_out": _address(getattr(settings, "PAGES_SIGN_OUT", None)),
            "signed_in_as": _signed_in_as(request),
        }
    }
