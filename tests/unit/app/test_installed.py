"""A test that runs after another in the same process finds what the assembly installed."""

from __future__ import annotations

import pytest
from tests.installed import taken_back

from tahseel.kernel import secrets
from tahseel.registry.feeds import rules as feeds


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
