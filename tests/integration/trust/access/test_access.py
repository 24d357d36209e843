"""Signing in, roles, and guards: denied means refused, unchanged, unsent, audited."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from tahseel.countries.kuwait import country
from tahseel.kernel.actor import ANONYMOUS, Actor, ActorKind, system
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.trust.access import operations, queries, rules, values
from tahseel.trust.access.guards import (
    GuardedRequest,
    public,
    requires,
    requires_by_data,
    signed_in,
)
from tahseel.trust.access.models import User, UserRole
from tahseel.trust.access.values import UserKind
from tahseel.trust.audit import queries as audit

pytestmark = pytest.mark.usefixtures("database", "_house")
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
JOB = system("test")
PASSWORD = "Tell no one 4417"
touched: list[str] = []


class Clock:
    at = START


def clock() -> datetime:
    return Clock.at


def navigation(request: HttpRequest) -> list[Any]:
    return []


@requires("exit_officer", "office_head")
def border(request: GuardedRequest, who: str) -> HttpResponse:
    touched.append(request.actor.id)
    return HttpResponse(f"{request.actor.label} {request.at.isoformat()}")


@signed_in
def account(request: GuardedRequest) -> HttpResponse:
    return HttpResponse(request.actor.id)


@public
def home(request: GuardedRequest) -> HttpResponse:
    return HttpResponse(request.actor.id)


@pytest.fixture
def _house() -> Iterator[None]:
    values.install_roles(rules.load_roles(country.data("roles")))
    touched.clear()
    Clock.at = START
    routes = ModuleType("access_test_routes")
    routes.urlpatterns = [  # type: ignore[attr-defined]
        path("", include("tahseel.trust.access.urls")),
        path("", include("tahseel.channels.pages.urls")),
        path("border/<str:who>/", border),
        path("account/", account),
        path("", home),
    ]
    sys.modules[routes.__name__] = routes
    with override_settings(
        ROOT_URLCONF=routes.__name__,
        CLOCK=f"{__name__}.clock",
        PAGES_NAVIGATION=f"{__name__}.navigation",
        SESSION_IDLE_S_MAX=600,
        SESSION_S_MAX=3600,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"],
        MIDDLEWARE=[*with_limits(settings.MIDDLEWARE)],
    ):
        yield
    del sys.modules[routes.__name__]


def with_limits(middleware: list[str]) -> list[str]:
    limits = "tahseel.trust.access.middleware.SessionLimits"
    middleware = [name for name in middleware if "whitenoise" not in name]
    if limits in middleware:
        return middleware
    after = middleware.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
    return [*middleware[:after], limits, *middleware[after:]]


def make(username: str = "sara", *roles: str, kind: UserKind = UserKind.STAFF) -> User:
    return operations.create_user(
        actor=JOB,
        at=START,
        id=new_id(START),
        username=username,
        password=PASSWORD,
        kind=kind,
        label_ar="سارة",
        label_en="Sara",
        customer_id=new_id(START) if kind == UserKind.CUSTOMER else None,
        roles=roles,
    )


def enter(client: Client, username: str = "sara", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password, **more})


def leaves(action: str) -> list[dict[str, Any]]:
    return audit.leaves_between(since=START, until=START + timedelta(days=2), action=action)


def test_a_user_is_made_with_roles_and_a_sealed_password() -> None:
    user = make("Sara ", "clerk")

    assert user.username == "sara"
    assert user.password.startswith("argon2$")
    assert queries.actor_for(user) == Actor(
        ActorKind.STAFF, str(user.id), "سارة", frozenset({"clerk"})
    )
    assert leaves("access.create_user")[0]["facts"] == {"kind": "staff", "roles": ["clerk"]}
    assert PASSWORD not in str(leaves("access.create_user"))


def test_a_customer_holds_the_customers_role_and_the_id_of_the_record() -> None:
    user = make("6001", kind=UserKind.CUSTOMER)

    actor = queries.actor_for(user)

    assert actor.kind is ActorKind.CUSTOMER
    assert actor.roles == {"customer"}
    assert actor.customer_id == str(user.customer_id)
    rules.require_self_or(actor, user.customer_id, "clerk")
    with pytest.raises(NotAllowed):
        rules.require_self_or(actor, new_id(START), "clerk")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"username": "SARA"}, operations.UsernameTaken),
        ({"password": "12345"}, operations.WeakPassword),
        ({"roles": ["emperor"]}, operations.UnknownRole),
        ({"roles": ["customer"]}, operations.UnknownRole),
        ({"roles": ["clerk", "auditor"]}, operations.RolesConflict),
    ],
)
def test_a_faulty_user_is_refused_whole(change: dict[str, Any], refusal: type[Refusal]) -> None:
    make("sara")
    wanted: dict[str, Any] = {
        "actor": JOB,
        "at": START,
        "id": new_id(START),
        "username": "noura",
        "password": PASSWORD,
        "kind": UserKind.STAFF,
        "label_ar": "نورة",
        "label_en": "Noura",
    }

    with pytest.raises(refusal):
        operations.create_user(**{**wanted, **change})

    assert User.objects.count() == 1
    outcomes = [leaf["outcome"] for leaf in leaves("access.create_user")]
    assert sorted(outcomes) == ["done", "refused"]


def test_only_a_security_officer_gives_roles_and_never_to_oneself() -> None:
    officer, clerk = make("officer", "security_officer"), make("sara", "clerk")
    by_officer, by_clerk = queries.actor_for(officer), queries.actor_for(clerk)

    operations.grant_role(actor=by_officer, at=START, user_id=clerk.id, role="office_head")
    operations.grant_role(actor=by_officer, at=START, user_id=clerk.id, role="office_head")
    for actor, target in ((by_clerk, officer.id), (by_officer, officer.id)):
        with pytest.raises(NotAllowed):
            operations.grant_role(actor=actor, at=START, user_id=target, role="clerk")

    assert queries.roles_of(clerk.id) == {"clerk", "office_head"}
    assert queries.roles_of(officer.id) == {"security_officer"}
    outcomes = [leaf["outcome"] for leaf in leaves("access.grant_role")]
    assert sorted(outcomes) == ["denied", "denied", "done", "done"]


def test_a_revoked_role_is_gone_at_once_and_stays_as_history() -> None:
    user = make("sara", "clerk")

    operations.revoke_role(actor=JOB, at=START, user_id=user.id, role="clerk")

    assert queries.roles_of(user.id) == frozenset()
    assert UserRole.objects.get().revoked_by == JOB.id
    with pytest.raises(NotFound):
        operations.revoke_role(actor=JOB, at=START, user_id=user.id, role="clerk")


def test_a_scope_says_where_a_role_holds() -> None:
    user = make("sara")
    operations.grant_role(
        actor=JOB, at=START, user_id=user.id, role="clerk", scope="office:hawalli"
    )

    assert queries.scopes_of(user_id=user.id, role="clerk") == {"office:hawalli"}


def test_signing_in_opens_a_session_and_tells_the_log() -> None:
    user, client = make("sara", "exit_officer"), Client()
    client.get("/sign-in/")
    before = client.session.session_key

    answer = enter(client, "SARA", next="/border/1/")

    assert (answer.status_code, answer["Location"]) == (302, "/border/1/")
    assert client.session.session_key != before
    assert client.get("/account/").content.decode() == str(user.id)
    assert [leaf["subject"] for leaf in leaves("access.sign_in")] == [str(user.id)]


def test_the_session_cookie_is_kept_from_scripts() -> None:
    make()
    cookie = enter(Client()).cookies[settings.SESSION_COOKIE_NAME]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    "away",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x"],
)
def test_signing_in_never_leads_to_another_site(away: str) -> None:
    make()

    assert enter(Client(), next=away)["Location"] == "/"


def test_a_wrong_password_and_a_wrong_name_get_the_same_answer() -> None:
    user = make()

    answers = [
        enter(Client(), "sara", "wrong password"),
        enter(Client(), "285011500017", "wrong password"),
    ]

    assert [a.status_code for a in answers] == [401, 401]
    known, unknown = sorted(leaves("access.sign_in"), key=lambda leaf: "name:" in leaf["subject"])
    assert known["subject"] == str(user.id)
    assert unknown["subject"].startswith("name:")
    assert {leaf["outcome"] for leaf in (known, unknown)} == {"refused"}
    assert "285011500017" not in str(unknown)


def test_nobody_guesses_for_long() -> None:
    make()
    client = Client()

    codes = [enter(client, "sara", f"wrong password {n}").status_code for n in range(6)]
    right = enter(client)

    assert codes[:4] == [401] * 4
    assert codes[5] == 429
    assert right.status_code == 429
    assert {leaf["outcome"] for leaf in leaves("access.sign_in")} == {"refused", "denied"}
    assert client.get("/account/").status_code == 302


def test_somebody_switched_off_cannot_enter() -> None:
    user = make()
    User.objects.filter(id=user.id).update(is_active=False)

    assert enter(Client()).status_code == 401


def test_signing_out_ends_the_session_only_by_post() -> None:
    make()
    client = Client()
    enter(client)

    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/account/").status_code == 302
    assert [leaf["facts"] for leaf in leaves("access.sign_out")] == [{"cause": "asked"}]


def test_a_form_from_another_site_is_refused() -> None:
    make()

    assert enter(Client(enforce_csrf_checks=True)).status_code == 403
    assert leaves("access.sign_in") == []


def test_a_role_opens_its_page_with_actor_and_instant() -> None:
    user = make("sara", "exit_officer")
    client = Client()
    enter(client)

    answer = client.get("/border/1/")

    assert answer.content.decode() == f"سارة {START.isoformat()}"
    assert touched == [str(user.id)]


def test_denied_means_refused_unchanged_and_audited() -> None:
    user, client = make("sara", "clerk"), Client()
    enter(client)

    answer = client.get("/border/285011500017/")

    assert answer.status_code == 403
    assert touched == []
    (leaf,) = leaves("access.open_page")
    assert leaf["outcome"] == "denied"
    assert leaf["actor"]["id"] == str(user.id)
    assert leaf["subject"] == "border/<str:who>/"
    assert leaf["facts"]["needs"] == ["exit_officer", "office_head"]
    assert "285011500017" not in str(leaf)


def test_who_is_not_signed_in_is_led_to_the_door_and_back() -> None:
    client = Client()

    page = client.get("/border/1/?a=b")
    script = client.get("/border/1/", headers={"Accept": "application/json"})
    htmx = client.get("/border/1/", headers={"HX-Request": "true"})
    sent = client.post("/border/1/")

    assert page["Location"] == "/sign-in/?next=%2Fborder%2F1%2F%3Fa%3Db"
    assert script.status_code == 401
    assert (htmx.status_code, htmx["HX-Redirect"]) == (401, "/sign-in/")
    assert sent["Location"] == "/sign-in/"
    assert touched == []


def test_a_role_taken_away_closes_the_page_at_once() -> None:
    user, client = make("sara", "exit_officer"), Client()
    enter(client)
    operations.revoke_role(actor=JOB, at=START, user_id=user.id, role="exit_officer")

    assert client.get("/border/1/").status_code == 403


@pytest.mark.parametrize(
    ("steps_s", "inside"), [([500, 500, 500], True), ([601], False), ([590] * 7, False)]
)
def test_a_session_ends_when_idle_and_after_its_longest_time(
    steps_s: list[int], inside: bool
) -> None:
    make()
    client = Client()
    enter(client)
    client.get("/account/")

    for step in steps_s:
        Clock.at += timedelta(seconds=step)
        last = client.get("/account/")

    assert (last.status_code == 200) is inside
    causes = [leaf["facts"]["cause"] for leaf in leaves("access.sign_out")]
    assert causes == ([] if inside else ["idle"])


def test_everybody_may_open_a_public_page() -> None:
    assert Client().get("/").content.decode() == ANONYMOUS.id


def test_every_guard_can_be_read_from_its_view() -> None:
    assert border.guard.roles == {"exit_officer", "office_head"}  # type: ignore[attr-defined]
    assert not account.guard.public  # type: ignore[attr-defined]
    by_data = requires_by_data(lambda: ["exit_officer"])(border)
    assert by_data.guard.needed() == {"exit_officer"}  # type: ignore[attr-defined]
    assert home.guard.public  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="at least one role"):
        requires()


def test_nobody_is_an_actor_without_signing_in() -> None:
    assert queries.actor_for(HttpRequest()) == ANONYMOUS
