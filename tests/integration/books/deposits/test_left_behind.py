"""A deposit of somebody who is no longer liable waits on a list until it is settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.integration.books.deposits.test_deposits import by, settle, tenant_with

from tahseel.books.deposits import queries
from tahseel.kernel.period import local_day
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity


def transfer(town, account, days):
    supply.transfer(
        **by(town), account_id=account.id, to_customer_id=town.person(),
        on_day=local_day(town.at) + timedelta(days=days), capacity=Capacity.OWNER,
    )  # fmt: skip


def test_it_is_listed_from_the_day_on_which_another_is_liable_until_it_is_settled(town):
    account, tenant = tenant_with(town)
    today = local_day(town.at)
    transfer(town, account, 3)

    before = queries.left_behind(day=today + timedelta(days=2))
    [left] = queries.left_behind(day=today + timedelta(days=3))
    settle(town, account, tenant)

    assert before == []
    assert (left.account_id, left.customer_id) == (account.id, tenant)
    assert queries.left_behind(day=today + timedelta(days=3)) == []


@pytest.mark.parametrize("days", [-400, 0, 400])
def test_who_is_liable_or_will_be_has_left_nothing_behind(town, days):
    tenant_with(town)

    assert queries.left_behind(day=local_day(town.at) + timedelta(days=days)) == []
