"""Headers, language, theme, navigation and the pages for what went wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import include, path
from django.utils.translation import get_language, override

from tahseel.channels.pages import context, errors, views
from tahseel.channels.pages.middleware import ChosenLanguage, SecurityHeaders
from tahseel.channels.pages.values import NavItem
from tahseel.kernel.errors import NotAllowed


class Routes:
    """Only the routes of this slice."""

    urlpatterns = (path("", include("tahseel.channels.pages.urls")),)


@pytest.fixture(autouse=True)
def nothing_but_the_frame() -> Iterator[None]:
    with override_settings(PAGES_NAVIGATION=None, PAGES_SIGN_OUT=None, ROOT_URLCONF=Routes):
        yield


class Visitor:
    def __init__(self, *, signed_in: bool) -> None:
        self.is_authenticated = signed_in
        self.label_ar, self.label_en = "نورة", "Noura"


def request(path: str = "/", *, signed_in: bool = False, **cookies: str) -> HttpRequest:
    made = RequestFactory().get(path)
    made.user = Visitor(signed_in=signed_in)  # type: ignore[assignment]
    made.COOKIES.update(cookies)
    return made


def plain(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_language() or "")


@override_settings(PAYMENT_FORM_HOSTS=["https://pay.example"])
def test_nothing_inline_and_nothing_foreign_is_allowed() -> None:
    response = SecurityHeaders(plain)(request())
    policy = response.headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://pay.example" in policy
    assert "unsafe" not in policy
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]


def test_the_page_of_a_person_is_not_kept_by_the_browser() -> None:
    assert "Cache-Control" not in SecurityHeaders(plain)(request()).headers
    kept = SecurityHeaders(plain)(request(signed_in=True)).headers["Cache-Control"]
    assert "no-store" in kept


@pytest.mark.parametrize(("cookie", "spoken"), [("", "ar"), ("en", "en"), ("fr", "ar")])
def test_arabic_is_spoken_unless_the_person_chose_otherwise(cookie: str, spoken: str) -> None:
    asked = request(tahseel_language=cookie)
    asked.META["HTTP_ACCEPT_LANGUAGE"] = "en-GB,en;q=0.9"

    response = ChosenLanguage(plain)(asked)

    assert response.content == spoken.encode()
    assert response.headers["Content-Language"] == spoken
    assert "Cookie" in response.headers["Vary"]


def test_the_longest_address_above_the_page_is_the_current_one() -> None:
    items = [NavItem("Home", "/"), NavItem("Desk", "/desk/"), NavItem("Border", "/desk/border/")]

    def current(path: str) -> list[str]:
        found = context.destinations(request(path), items)
        return [one.item.label for one in found if one.current]

    assert current("/") == ["Home"]
    assert current("/desk/border/h/1") == ["Border"]
    assert current("/desk/x") == ["Desk"]
    assert current("/elsewhere") == []


def test_the_person_is_named_in_the_language_of_the_page() -> None:
    with override("en"):
        assert context.page(request(signed_in=True))["page"]["signed_in_as"] == "Noura"
        assert context.page(request())["page"]["signed_in_as"] == ""
    with override("ar"):
        assert context.page(request(signed_in=True))["page"]["signed_in_as"] == "نورة"


def test_a_theme_that_does_not_exist_is_the_system_s() -> None:
    assert context.chosen_theme(request(tahseel_theme="dark")) == "dark"
    assert context.chosen_theme(request(tahseel_theme='"><x')) == "auto"


@pytest.mark.parametrize(
    ("back", "goes_to"), [("/bills/?q=1", "/bills/?q=1"), ("//evil.example/", "/"), ("", "/")]
)
def test_choosing_a_theme_never_leads_off_the_site(back: str, goes_to: str) -> None:
    asked = RequestFactory().post("/", {"theme": "dark", "next": back})
    asked.user = Visitor(signed_in=False)  # type: ignore[assignment]

    response = views.theme.__wrapped__(asked)  # type: ignore[attr-defined]

    assert response.headers["Location"] == goes_to
    assert response.cookies[context.THEME_COOKIE].value == "dark"


def test_a_refused_page_says_why_in_both_languages() -> None:
    with override("en"):
        english = errors.denied(request(), NotAllowed())
    with override("ar"):
        arabic = errors.denied(request(), NotAllowed())

    assert english.status_code == arabic.status_code == 403
    assert NotAllowed.text_en in english.content.decode()
    assert NotAllowed.text_ar in arabic.content.decode()
    assert 'dir="rtl"' in arabic.content.decode()


def test_every_error_page_has_its_status_one_heading_and_a_way_home() -> None:
    with override("en"):
        pages = {
            400: errors.bad_request(request()),
            403: errors.csrf_failed(request()),
            404: errors.not_found(request()),
            500: errors.failed(request()),
        }

    for status, response in pages.items():
        html = response.content.decode()
        assert response.status_code == status
        assert html.count("<h1") == 1
        assert 'href="/"' in html
