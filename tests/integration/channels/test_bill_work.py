"""What of bills waits: shown on its list and on the account, closed by a head of office."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.world import JOB

from tahseel.charging.billing import operations, queries
from tahseel.charging.billing.values import Misdirected
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity

LIST = "/desk/bills/"


@pytest.fixture
def work(world: Any) -> Misdirected:
    """The resident's flat turns out to be his neighbour's since the last bill began."""
    account_id = world.accounts[world.resident]
    newest = queries.bills(account_id)[0]
    supply.transfer(
        actor=JOB, at=world.now, account_id=account_id, to_customer_id=world.neighbour,
        on_day=newest.period.start + timedelta(days=1), capacity=Capacity.OWNER,
    )  # fmt: skip
    [found] = queries.open_misdirected()
    return found


def page(world: Any, code: str = "") -> str:
    address = f"/desk/accounts/{world.number(world.resident)}/"
    return f"{address}acts/{code}/" if code else address


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_list_names_account_days_and_bills_and_leads_to_them(
    sign_in: Any, world: Any, work: Misdirected, language: str
) -> None:
    shown = sign_in("clerk", language=language).get(LIST).content.decode()

    assert f"/desk/accounts/{world.number(world.resident)}/" in shown
    assert all(f"/bills/{bill.number}/" in shown for bill in work.bills)
    assert "bills-seen" not in shown
    assert LIST in sign_in("clerk", language=language).get("/desk/").content.decode()


def test_the_list_is_closed_to_whoever_does_not_keep_accounts(sign_in: Any, work: Any) -> None:
    assert sign_in("exit_officer").get(LIST).status_code == 403
    assert sign_in().get(LIST).status_code == 302


def test_a_head_closes_a_review_from_the_list_and_the_account_no_longer_shows_it(
    sign_in: Any, world: Any, work: Misdirected
) -> None:
    head, clerk = sign_in("office_head"), sign_in("clerk")
    before = head.get(page(world)).content.decode()
    listed = head.get(LIST).content.decode()
    given = {"work": str(work.id), "reason": "the two have settled it"}

    denied = clerk.post(page(world, "bills-seen"), given)
    unsaid = head.post(page(world, "bills-seen"), {**given, "reason": ""})
    standing = queries.open_misdirected()
    done = head.post(page(world, "bills-seen"), given)
    after = head.get(page(world)).content.decode()

    assert 'id="misdirected"' in before
    assert f"bills-seen/?work={work.id}" in listed
    assert [one.status_code for one in (denied, unsaid, done)] == [403, 422, 302]
    assert standing == [work]
    assert queries.open_misdirected() == []
    assert 'id="misdirected"' not in after


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_corrected_quantity_is_listed_with_what_was_billed_and_what_it_is(
    sign_in: Any, world: Any, language: str
) -> None:
    account_id = world.accounts[world.resident]
    newest = queries.bills(account_id)[0]
    view = queries.bill_view(account_id, newest.id)
    assert view is not None
    meter = view.lines[0].meter_id
    billed = queries.billed_of_meter(account_id=account_id, month=newest.month, meter_id=meter)
    assert billed is not None
    operations.take_correction(
        actor=JOB, at=world.now, account_id=account_id, month=newest.month, meter_id=meter,
        quantity=billed[2] + 123_456_000,
    )  # fmt: skip

    listed = sign_in("clerk", language=language).get(LIST).content.decode()
    shown = sign_in("office_head", language=language).get(page(world)).content.decode()

    assert 'id="corrected"' in listed
    assert "123,456" in listed
    assert f"/bills/{newest.number}/" in listed
    assert 'id="misdirected"' in shown
