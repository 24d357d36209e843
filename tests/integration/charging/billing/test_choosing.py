"""A run is for a governorate, a reading cycle or a list of accounts; unknown names are refused."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.charging.billing.test_run import JULY, Street, bill, street, use

from tahseel.charging.billing import queries
from tahseel.consumption.field import rules as field
from tahseel.countries.kuwait import country
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply

__all__ = ["street"]


@pytest.fixture(autouse=True)
def _cycles(database: Any) -> None:
    field.install_policy(field.load_policy(country.content("field")))


def numbers(made: Street) -> list[str]:
    refs = supply.accounts(account_ids=made.accounts)
    return [refs[account].number for account in made.accounts]


def test_nothing_chosen_is_everybody(street: Street) -> None:
    assert queries.chosen(month=JULY) is None


def test_a_list_of_accounts_is_billed_and_the_others_wait(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=0)
    first = numbers(street)[0]

    report = bill(account_ids=queries.chosen(month=JULY, numbers=[first]))

    assert (report.accounts, report.bills) == (1, 1)
    assert queries.billed_accounts(JULY, street.accounts) == {street.accounts[0]}
    assert report.proof is not None
    assert not report.proof.holds


def test_a_governorate_has_its_accounts_and_another_one_none(street: Street) -> None:
    [account] = supply.billable_accounts(month=JULY, account_ids=street.accounts[:1])
    others = [g.code for g in premises.governorates() if g.code != account.governorate]

    mine = queries.chosen(month=JULY, governorate=account.governorate)

    assert mine == sorted(street.accounts)
    assert all(queries.chosen(month=JULY, governorate=code) == [] for code in others)


def test_every_account_is_of_one_reading_cycle(street: Street) -> None:
    found = [queries.chosen(month=JULY, cycle=cycle.code) or [] for cycle in field.policy().cycles]

    assert sorted(account for one in found for account in one) == sorted(street.accounts)


def test_a_name_that_nobody_knows_is_refused(street: Street) -> None:
    with pytest.raises(queries.GovernorateUnknown):
        queries.chosen(month=JULY, governorate="atlantis")
    with pytest.raises(queries.CycleUnknown):
        queries.chosen(month=JULY, cycle="moon")
    with pytest.raises(queries.AccountsUnknown):
        queries.chosen(month=JULY, numbers=["000"])
