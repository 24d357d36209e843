"""The bar of the staff stands in one row on the windows that offices have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.browser.test_portal import Open, shot, signed_in, world

__all__ = ["world"]
pytestmark = pytest.mark.browser
ONE_ROW_PX_MAX = 80


@pytest.mark.parametrize("width", [1280, 1366, 1920])
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("role", ["office_head", "clerk"])
def test_the_bar_of_the_staff_is_one_row(
    world: Any, open_page: Open, role: str, language: str, width: int
) -> None:
    page = signed_in(role, open_page, "/places/", (language, "light", width))

    bar = page.locator("header.top .bar").bounding_box()

    shot(page, f"bar-{role}", (language, "light", width))
    assert bar is not None
    assert bar["height"] < ONE_ROW_PX_MAX
