"""A test that runs after another in the same process finds what the assembly installed."""

from __future__ import annotations

import ast
import inspect
from collections import Counter

import pytest
from tests.installed import taken_back

from tahseel.app import assembly
from tahseel.kernel import secrets
from tahseel.recovery.government.guarding import require_apart
from tahseel.registry.customers import rules as customers
from tahseel.registry.feeds import rules as feeds
from tahseel.registry.supply.guarding import require_roles_apart


def test_a_merge_asks_about_roles_and_about_agreements() -> None:
    with taken_back():
        assembly.assemble()

        assert set(customers.merge_guards()) == {require_roles_apart, require_apart}


def test_nothing_is_installed_twice_for_the_later_one_would_undo_the_first() -> None:
    calls = Counter(
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(inspect.getsource(assembly.assemble)))
        if isinstance(node, ast.Call)
    )

    twice = [name for name, count in calls.items() if count > 1 and "install" in name]

    assert calls["customers.install_merge_guards"] == 1
    assert twice == []


def test_keys_that_a_test_installed_are_taken_back() -> None:
    before, index = secrets.keys(), secrets.blind_index("288020122596", purpose="civil_id")

    with taken_back():
        secrets.install_keys(secrets.KeyRing.generate())
        other = secrets.blind_index("288020122596", purpose="civil_id")

    assert secrets.keys() is before
    assert secrets.blind_index("288020122596", purpose="civil_id") == index != other


def test_registries_that_a_test_emptied_in_place_are_taken_back() -> None:
    before = feeds.registries()

    with taken_back():
        feeds._installed.clear()
        with pytest.raises(LookupError):
            feeds.registries()

    assert feeds.registries() is before
