"""Temporary supply leaves a deposit as every tenant does: paid with the fee, met at the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.channels.services.conftest import OFFICER, Office
from tests.integration.channels.services.test_getting_supply import sound, trial

from tahseel.books.deposits import queries as deposits
from tahseel.books.deposits.values import DepositState
from tahseel.channels.services import jobs, operations, queries
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service

FEE = 10_000 + 40_000
WANTED = 250_000  # a tenant's for a villa


def quoted(office: Office, days: int = 20) -> Any:
    made = office.apply(
        service="temporary_supply", services=frozenset({Service.ELECTRICITY}), load_kw=30,
        until_day=office.today + timedelta(days=days), purpose="a building site",
        papers=office.papers("permit"),
    )  # fmt: skip
    office.study(made)
    return office.quote(made)


def supplied(office: Office) -> Any:
    made = quoted(office)
    office.pay(made)
    office.inspect(made)
    office.energise(made, office.fits("T", Service.ELECTRICITY))
    return made


def test_the_deposit_is_paid_with_the_fee_and_secures_the_account(office: Office) -> None:
    made = supplied(office)

    (held,) = deposits.deposits(account_ids=[made.account_id])[made.account_id]

    assert made.quotation.total == Money(FEE + WANTED)
    assert (held.amount, held.customer_id, held.state) == (
        Money(WANTED), office.owner, DepositState.HELD,
    )  # fmt: skip
    found = trial(office)
    assert (found["deposit"], found["connection.revenue"]) == (-WANTED, -FEE)
    assert (found["connection.advance"], found["cash"]) == (0, FEE + WANTED)
    assert deposits.cover(account_ids=[made.account_id], day=office.today) == {
        made.account_id: Money(WANTED)
    }
    assert sound()


def test_without_supply_the_deposit_is_owed_back_whole(office: Office) -> None:
    made = quoted(office)
    office.pay(made)

    operations.withdraw(
        actor=office.applicant, at=office.now, application_id=made.id, reason="no site"
    )

    found = trial(office)
    assert (found["refund"], found["deposit"]) == (-(WANTED + 40_000), 0)
    assert found["connection.revenue"] == -10_000


def test_an_owner_of_a_new_place_leaves_no_deposit(office: Office) -> None:
    made = office.passed()
    office.energise(made)

    assert made.quotation.deposit == Money(0)
    assert deposits.deposits(account_ids=[made.account_id]) == {}


def test_the_deposit_is_met_once_the_last_bill_is_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    billed: set[UUID] = set()
    monkeypatch.setattr(queries.bills, "billed_accounts", lambda month, ids: billed & set(ids))
    made = supplied(office)
    office.later(20)
    jobs.night(office.now, office.today)
    office.later()
    operations.record_removal(
        actor=OFFICER, at=office.now, application_id=made.id, day=office.today,
        closing={"T-electricity": {"1.8.0": "000950"}},
    )  # fmt: skip
    early = jobs.night(office.now, office.today)
    billed.add(made.account_id)

    told = jobs.night(office.now, office.today)

    (due,) = deposits.refunds_due()
    assert (early["deposits_settled"], told["deposits_settled"]) == (0, 1)
    assert (due.account_id, due.refund) == (made.account_id, Money(WANTED))
    assert (trial(office)["deposit"], trial(office)["refund"]) == (0, -WANTED)
    assert jobs.night(office.now, office.today)["deposits_settled"] == 0
