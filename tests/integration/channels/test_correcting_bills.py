"""A wrong bill is corrected by two people at the counter; the customer sees what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from tahseel.books.claims import queries as claims
from tahseel.charging.billing import queries
from tahseel.charging.billing.values import Bill
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings import storing
from tahseel.trust.approvals.models import Approval


@pytest.fixture
def wrong(world: Any) -> Bill:
    """The resident's newest bill, of whose electricity it turns out that half was used."""
    account_id = world.accounts[world.resident]
    newest = queries.bills(account_id)[0]
    used = readings.determinants(month=newest.month, account_ids=[account_id])
    half = [
        replace(one, version=one.version + 1, quantity=one.quantity // 2)
        if one.service == "electricity"
        else replace(one, version=one.version + 1)
        for one in used
    ]
    storing.determinants(half, at=world.now)
    return newest


def form(world: Any, bill: Bill, **told: str) -> tuple[str, dict[str, str]]:
    address = f"/desk/accounts/{world.number(world.resident)}/acts/rebill/"
    return address, {
        "approval_id": str(uuid4()), "bill": str(bill.id), "reason": "the dial was read wrong",
        **told,
    }  # fmt: skip


def test_a_clerk_asks_and_a_head_agrees_reading_both_amounts(
    sign_in: Any, world: Any, wrong: Bill
) -> None:
    clerk, head = sign_in("clerk"), sign_in("office_head")
    leads = clerk.get(f"/bills/{wrong.number}/").content.decode()
    address, told = form(world, wrong)

    asked, again = clerk.post(address, told), clerk.post(address, told)
    waits = Approval.objects.get()
    shown = head.get(f"/approvals/{waits.id}/").content.decode()
    done = head.post(f"/approvals/{waits.id}/approve/", {"reason": "seen"})

    assert f"{address}?bill={wrong.id}" in leads
    assert [answer.status_code for answer in (asked, again, done)] == [302, 302, 302]
    new = queries.standing(wrong.account_id)[0]
    assert new.corrects == wrong.id
    assert all(amount.dinars() in shown for amount in (wrong.total, new.total))
    assert claims.recompute().sound


def test_the_customer_sees_old_new_and_difference(sign_in: Any, world: Any, wrong: Bill) -> None:
    address, told = form(world, wrong)
    sign_in("clerk").post(address, told)
    waits = Approval.objects.get()
    sign_in("office_head").post(f"/approvals/{waits.id}/approve/", {"reason": "seen"})
    new = queries.standing(wrong.account_id)[0]
    client = sign_in("resident")

    old_page = client.get(f"/bills/{wrong.number}/").content.decode()
    new_page = client.get(f"/bills/{new.number}/").content.decode()

    assert 'id="corrected"' in old_page
    assert f"/bills/{new.number}/" in old_page
    assert 'id="correction"' in new_page
    difference = wrong.total - new.total
    assert all(one.dinars() in new_page for one in (wrong.total, new.total, difference))
    assert 'id="correct"' not in old_page + new_page


@pytest.mark.parametrize("who", ["exit_officer", "auditor", "resident"])
def test_who_keeps_no_bills_neither_sees_the_button_nor_may_send_it(
    sign_in: Any, world: Any, wrong: Bill, who: str
) -> None:
    client = sign_in(who)
    address, told = form(world, wrong)

    page = client.get(f"/bills/{wrong.number}/").content.decode()
    answer = client.post(address, told)

    assert 'id="correct"' not in page
    assert answer.status_code == 403
    assert Approval.objects.count() == 0
    assert queries.standing(wrong.account_id)[0] == wrong


def test_a_right_bill_is_told_to_be_right(sign_in: Any, world: Any) -> None:
    right = queries.bills(world.accounts[world.resident])[0]
    address, told = form(world, right)

    answer = sign_in("clerk", language="en").post(address, told)

    assert answer.status_code == 422
    assert "the bill is right" in answer.content.decode()
    assert Approval.objects.count() == 0


def test_a_bill_of_another_account_is_not_corrected_here(sign_in: Any, world: Any) -> None:
    other = queries.bills(world.accounts[world.neighbour])[0]
    address, told = form(world, other)

    answer = sign_in("clerk").post(address, told)

    assert answer.status_code == 422
    assert Approval.objects.count() == 0
