"""An input is frozen exactly, and an operation is registered with somebody who may approve it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.trust.approvals import rules
from tahseel.trust.approvals.values import MACHINE, ApprovalState

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_registered", {})


def act(**given: Any) -> None:
    """Does nothing: what is tested is who may ask for it."""


def other(**given: Any) -> None:
    """Another one."""


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_what_is_frozen_thaws_to_the_same(payload: dict[str, Any]) -> None:
    frozen = rules.freeze(payload)

    assert rules.thaw(frozen) == payload
    assert rules.freeze(dict(reversed(payload.items()))) == frozen


@pytest.mark.parametrize("payload", [{"a": 1.5}, {"a": [object()]}, {1: "a"}, {"a": (1, 2)}])
def test_what_json_cannot_hold_exactly_is_refused(payload: Any) -> None:
    with pytest.raises(TypeError):
        rules.freeze(payload)


def test_an_input_is_bounded_in_size_and_depth() -> None:
    deep: Any = []
    for _ in range(30):
        deep = [deep]

    with pytest.raises(ValueError, match="larger"):
        rules.freeze({"a": "x" * rules.PAYLOAD_BYTES_MAX})
    with pytest.raises(ValueError, match="deeper"):
        rules.freeze({"a": deep})


def test_one_name_stands_for_one_act() -> None:
    rules.register("a.b", act, roles=["clerk"])
    rules.register("a.b", act, roles=["clerk"])

    with pytest.raises(ValueError, match="already"):
        rules.register("a.b", other, roles=["clerk"])


@pytest.mark.parametrize("roles", [[], {}, {0: ["clerk"], 1: []}])
def test_an_act_that_nobody_may_approve_is_not_registered(roles: Any) -> None:
    with pytest.raises(ValueError, match="nobody"):
        rules.register("a.b", act, roles=roles)


def test_a_tier_without_an_approver_is_an_error_not_a_way_through() -> None:
    rules.register("a.b", act, roles={0: ["clerk"]}, tier_of=lambda payload: 3)

    with pytest.raises(LookupError, match="tier 3"):
        rules.tier(rules.registered("a.b"), {})


def test_every_state_but_pending_is_final() -> None:
    assert MACHINE.reachable() == set(ApprovalState)
    assert [s for s in ApprovalState if not MACHINE.is_final(s)] == [ApprovalState.PENDING]
