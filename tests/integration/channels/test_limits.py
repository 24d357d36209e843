"""Whoever tries references one after another is told to wait, and nobody else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory, override_settings

from tahseel.channels.portal.views import ASK_LIMIT
from tahseel.trust.access.throttle import client_address

Leaves = Callable[..., list[dict[str, Any]]]


def ask(visitor: str, reference: str = "B-NONE", language: str = "ar") -> Any:
    client = Client(REMOTE_ADDR=visitor, headers={"cookie": f"tahseel_language={language}"})
    return client.get(f"/pay/{reference}/")


def use_up(visitor: str) -> None:
    for number in range(ASK_LIMIT.most):
        assert ask(visitor, f"B-{number}").status_code == 404


@pytest.fixture
def _steady_clock(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All requests of a test lie in one window."""
    from tahseel.trust.access import guards

    moment = ASK_LIMIT.window(guards.instant())
    monkeypatch.setattr(guards, "instant", lambda: moment)


@pytest.mark.usefixtures("_steady_clock")
def test_trying_references_is_refused_unread_unsent_and_on_record(leaves: Leaves) -> None:
    use_up("203.0.113.7")
    before = len(leaves(action="read"))

    told = [ask("203.0.113.7", "B-SECRET") for _ in range(5)]

    assert {answer.status_code for answer in told} == {429}
    assert 1 <= int(told[0].headers["Retry-After"]) <= ASK_LIMIT.seconds
    assert len(leaves(action="read")) == before
    denied = leaves(action="access.ask_too_often")
    assert [(leaf["outcome"], leaf["facts"]["limit"]) for leaf in denied] == [("denied", "pay")]
    assert "203.0.113.7" not in str(denied)


@pytest.mark.usefixtures("_steady_clock")
def test_another_visitor_is_not_kept_waiting() -> None:
    use_up("203.0.113.7")

    assert ask("203.0.113.7").status_code == 429
    assert ask("203.0.113.8").status_code == 404


@pytest.mark.usefixtures("_steady_clock")
def test_a_refused_form_pays_nothing() -> None:
    use_up("203.0.113.7")

    answer = Client(REMOTE_ADDR="203.0.113.7").post("/pay/", {"reference": "B-1"})

    assert answer.status_code == 429
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from payments_intent")
        assert cursor.fetchone() == (0,)


@pytest.mark.usefixtures("_steady_clock")
@pytest.mark.parametrize(
    ("language", "words"), [("ar", "طلبات كثيرة"), ("en", "Too many requests")]
)
def test_the_page_says_so_in_both_languages(language: str, words: str) -> None:
    use_up("203.0.113.9")

    assert words in ask("203.0.113.9", language=language).content.decode()


@pytest.mark.usefixtures("_steady_clock")
def test_the_visitors_address_is_not_kept() -> None:
    ask("203.0.113.7")

    with connection.cursor() as cursor:
        cursor.execute("select name, visitor, uses from access_throttle")
        [(name, visitor, uses)] = cursor.fetchall()
    assert (name, uses) == ("pay", 1)
    assert b"203.0.113.7" not in bytes(visitor)


def test_counters_that_no_decision_needs_are_cleared(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from tahseel.trust.access import guards

    start = ASK_LIMIT.window(guards.instant())
    for minutes in range(6):
        monkeypatch.setattr(guards, "instant", lambda m=minutes: start + timedelta(minutes=m))
        ask("203.0.113.7")

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from access_throttle")
        assert cursor.fetchone() == (2,)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "10.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "<script>", "10.0.0.1"),
        (1, "2001:DB8::7", "2001:db8::7"),
    ],
)
def test_only_our_own_proxies_are_believed(proxies: int, forwarded: str, address: str) -> None:
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded}
    )

    with override_settings(PROXIES=proxies):
        assert client_address(request) == address
