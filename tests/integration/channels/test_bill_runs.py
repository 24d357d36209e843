"""The page of bill runs: how far one is, what each came to, and the proof of a month."""

from __future__ import annotations

from typing import Any

import pytest

from tahseel.charging.billing import queries
from tahseel.charging.billing.operations import progressing
from tahseel.kernel.ids import new_id

PAGE, PROGRESS = "/desk/bills/runs/", "/desk/bills/runs/progress/"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("دورات الفوترة", "كل النقاط محصورة", "نقاط الخدمة")),
        ("en", ("Bill runs", "Every point is accounted for", "Service points")),
    ],
)
def test_the_page_tells_each_run_and_proves_the_newest_month(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...]
) -> None:
    clerk = sign_in("clerk", language=language)

    shown = clerk.get(PAGE).content.decode()

    newest = queries.runs()[0]
    assert all(word in shown for word in words)
    assert newest.total.dinars() in shown
    assert f"?month={newest.month}" in shown
    assert 'id="proof"' in shown
    assert PAGE in clerk.get("/desk/bills/").content.decode()


def test_a_month_that_nobody_billed_names_what_was_forgotten(sign_in: Any, world: Any) -> None:
    month = queries.runs()[0].month.next()

    shown = sign_in("clerk", language="en").get(f"{PAGE}?month={month}").content.decode()

    assert "Some points were forgotten" in shown
    assert "Neither a bill nor a reason" in shown
    assert world.number(world.resident) in shown


def test_a_run_at_work_is_seen_in_the_fragment_that_asks_again(sign_in: Any, world: Any) -> None:
    clerk = sign_in("clerk", language="en")
    month = queries.runs()[0].month

    quiet = clerk.get(PROGRESS).content.decode()
    with progressing.told(
        run_id=new_id(world.now), month=month, accounts=2_000, at=world.now
    ) as tell:
        tell(500)
        busy = clerk.get(PROGRESS).content.decode()

    assert "No run works now" in quiet
    assert 'value="500"' in busy
    assert "(25%)" in busy.replace('<bdi class="number" dir="ltr">', "").replace("</bdi>", "")
    assert f'hx-get="{PROGRESS}"' in busy


def test_a_month_that_is_none_is_not_asked_for(sign_in: Any, world: Any) -> None:
    assert sign_in("clerk").get(f"{PAGE}?month=moon").status_code == 200


@pytest.mark.parametrize("page", [PAGE, PROGRESS])
def test_who_keeps_no_accounts_is_denied(sign_in: Any, world: Any, page: str) -> None:
    assert sign_in("exit_officer").get(page).status_code == 403
    assert sign_in("resident").get(page).status_code == 403
    assert sign_in().get(page).status_code == 302
