"""Roles as data, and the pure question of who may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tahseel.countries.kuwait import country
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.errors import NotAllowed
from tahseel.trust.access import rules, values


def actor(*roles: str) -> Actor:
    return Actor(ActorKind.STAFF, "u1", "x", frozenset(roles))


def row(code: str, **change: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name_ar": "دور",
        "name_en": "Role",
        "kind": "staff",
        "source": "test",
        "confidence": "H",
        **change,
    }


def test_the_countrys_roles_are_those_the_house_relies_on() -> None:
    codes = {role.code for role in rules.load_roles(country.data("roles"))}

    assert codes == {
        "clerk",
        "exit_officer",
        "revenue_manager",
        "auditor",
        "security_officer",
        "customer",
        "office_head",
        "take_on_officer",
        "supply_engineer",
        "inspector",
        "connection_officer",
        "body_officer",
        "meter_reader",
    }


def test_a_holder_of_one_of_the_roles_may() -> None:
    rules.require(actor("clerk"), "clerk", "office_head")

    with pytest.raises(NotAllowed) as refused:
        rules.require(actor("auditor"), "clerk", "office_head")
    assert refused.value.facts == {"needs": "clerk, office_head"}


def test_nobody_may_without_a_role_but_the_houses_own_jobs() -> None:
    assert not rules.may(actor(), "clerk")
    assert rules.may(system("worker"), "clerk")


def test_a_conflict_is_found_from_either_side() -> None:
    roles = {
        r.code: r
        for r in rules.load_roles({"role": [row("a", incompatible=["b"]), row("b"), row("c")]})
    }

    assert rules.conflict("a", {"b"}, roles) == "b"
    assert rules.conflict("b", {"a"}, roles) == "a"
    assert rules.conflict("c", {"a", "b"}, roles) is None
    assert rules.conflict("b", {"dropped from the data"}, roles) is None


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "0 roles"),
        ([row("a"), row("a")], "twice"),
        ([row("a", incompatible=["z"])], "unknown role"),
        ([{"code": "a"}], "lacks"),
        ([row("a", kind="robot")], "robot"),
        ([row("a", incompatible="b")], "list"),
        ([row("a"), row(rules.JOBS_ONLY)], "named system"),
        ([row("staff")], "named staff"),
        ([row("partner")], "named partner"),
        ([row("anonymous")], "named anonymous"),
    ],
)
def test_faulty_data_is_refused_with_its_reason(rows: list[Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        rules.load_roles({"role": rows})


def test_roles_are_asked_for_only_once_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_installed", {})

    with pytest.raises(LookupError):
        values.roles()


def duty(**change: Any) -> dict[str, Any]:
    given = {"code": "keep", "roles": ["clerk"], "acts": ["places.keep"], "source": "test"}
    return {**given, "confidence": "H", **change}


@pytest.fixture
def _installed() -> Iterator[None]:
    before = tuple(values.duties().values())
    yield
    values.install_duties(before)


@pytest.mark.usefixtures("_installed")
def test_an_act_is_done_by_whoever_holds_its_duty_and_by_the_houses_jobs() -> None:
    values.install_duties(rules.load_duties({"duty": [duty()]}, {"clerk"}))

    rules.require_duty(actor("clerk"), "places.keep")
    rules.require_duty(system("worker"), "places.keep")

    with pytest.raises(NotAllowed) as denied:
        rules.require_duty(actor("auditor"), "places.keep")
    assert denied.value.facts == {"needs": "clerk"}


@pytest.mark.usefixtures("_installed")
def test_an_act_that_is_nobodys_duty_is_a_fault_of_ours_and_not_allowed_by_default() -> None:
    values.install_duties(rules.load_duties({"duty": [duty()]}, {"clerk"}))

    with pytest.raises(LookupError, match=r"places\.burn is nobody's duty"):
        rules.require_duty(system("worker"), "places.burn")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([], "there is none"),
        ([duty(), duty(code="again")], "each act has one duty"),
        ([duty(roles=["king"])], "unknown role"),
        ([duty(roles="clerk")], "not a list"),
        ([{"code": "keep"}], "lacks 'roles'"),
    ],
)
def test_duties_that_contradict_themselves_are_refused(
    wrong: list[dict[str, Any]], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        rules.load_duties({"duty": wrong}, {"clerk"})
