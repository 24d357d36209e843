"""One asks, another answers, in Chromium: both languages, both widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]


@pytest.fixture
def world(database: Any) -> Any:
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock

    assembly.assemble()
    return street.build(clock.now())


@pytest.fixture
def requests(world: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two requests that wait: one of the clerk's, one of the manager's own."""
    from tests.integration.channels.test_approving import in_words

    from tahseel.app import clock
    from tahseel.trust.access import queries as access
    from tahseel.trust.approvals import operations, rules

    monkeypatch.setattr(rules, "_registered", dict(rules._registered))
    operations.register(
        "test.write_off",
        lambda **given: None,
        roles=["office_head", "revenue_manager"],
        in_words=in_words,
    )
    return [
        str(
            operations.submit(
                actor=access.actor_for(access.user_named(username)),
                at=clock.now(),
                operation="test.write_off",
                payload={"fils": fils},
                reason=reason,
            )
        )
        for username, fils, reason in (
            ("clerk", 45_250, "كسر في أنبوب بعد العداد، والصور مرفقة بالطلب"),
            ("revenue_manager", 1_207_500, "Limitation period has passed"),
        )
    ]


@looks
def test_a_manager_reads_rejects_and_approves(
    requests: list[str], open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("revenue_manager", open_page, "/approvals/", look)
    assert_sound(page)
    shot(page, "approvals", look)

    page.click(f"#yours a[href='/approvals/{requests[0]}/']")
    expect(page.locator("#approve")).to_be_visible()
    assert_sound(page)
    shot(page, "approval", look)
    page.click("#approve")
    expect(page.locator(".notice[data-tone=good]")).to_be_visible()
    assert_sound(page)
    page.click(f"#others a[href='/approvals/{requests[1]}/']")
    expect(page.locator("#withdraw")).to_be_visible()
    assert page.locator("#approve").count() == 0
    assert_sound(page)
    shot(page, "approval-own", look)
