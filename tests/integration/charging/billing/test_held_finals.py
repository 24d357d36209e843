"""A final bill is checked like any other: held where it is odd, and the deposit waits with it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.charging.billing.test_moving_out import (
    AUGUST,
    JULY,
    LEAVES,
    NOW,
    bill_month,
    deposit,
    final_reads,
    leave,
    read,
    street,
    used,
)
from tests.integration.charging.billing.test_run import Street
from tests.integration.registry.town import CLERK, HEAD

from tahseel.books.claims import queries as claims
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.ledger import queries as ledger
from tahseel.charging.billing import jobs, operations, queries
from tahseel.charging.billing.operations import releasing
from tahseel.charging.billing.values import Held, HeldState, PointState
from tahseel.kernel.actor import Actor, system
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity
from tahseel.trust.approvals import operations as approvals

__all__ = ["street"]
MANAGER = Actor(CLERK.kind, "manager-1", "manager", frozenset({"revenue_manager"}))
CLERK_JOB = system("bill-run")
MONTHS = [BillingMonth(2026, 4), BillingMonth(2026, 5), BillingMonth(2026, 6)]
DAYS = Period(date(2026, 7, 1), LEAVES)


@pytest.fixture
def lived(street: Street) -> Street:
    """Three months of 3 000 kWh and 30 cubic metres, all billed; 125 dinars of deposit."""
    releasing.register()
    read(street, MONTHS[0].first_day, 1_000, 100)
    for number, month in enumerate(MONTHS, start=1):
        read(street, month.period.end, 1_000 + 3_000 * number, 100 + 30 * number)
        bill_month(month, NOW)
    deposit(street, 500_000)
    return street


def left(street: Street, kwh: int = 28_000) -> tuple[Any, Held]:
    """He leaves with twelve times the use of other half months on his dial."""
    done = leave(street, reads=final_reads(street, kwh=kwh, cubic=205))
    [held] = queries.held_back()
    return done, held


def account(street: Street) -> UUID:
    return street.accounts[0]


def finals(street: Street) -> list[Money]:
    return [one.total for one in queries.bills(account(street)) if one.month == JULY]


def money_held(street: Street) -> list[Money]:
    found = deposits_queries.deposits(account_ids=[account(street)])[account(street)]
    return [one.amount for one in found if str(one.state) == "held"]


def test_an_odd_final_bill_is_not_issued_and_the_deposit_waits(lived: Street) -> None:
    done, held = left(lived)

    assert (done.bill_id, done.held, done.settled.netted) == (None, True, Money(0))
    assert (held.account_id, held.month, held.days) == (account(lived), JULY, DAYS)
    assert "too_high" in {str(one.check) for one in held.found}
    assert finals(lived) == []
    assert money_held(lived) == [Money(500_000)]
    assert deposits_queries.waiting(account_id=account(lived)) == [lived.payers[0]]
    assert deposits_queries.left_behind(day=AUGUST.date()) == []
    with pytest.raises(deposits.SettlementWaits):
        deposits.settle(
            actor=HEAD, at=NOW, account_id=account(lived), customer_id=lived.payers[0],
            on_day=NOW.date(),
        )  # fmt: skip


def test_a_usual_final_bill_goes_out_at_once(lived: Street) -> None:
    done = leave(lived, reads=final_reads(lived, kwh=11_500, cubic=205))

    assert (done.held, queries.held_back()) == (False, [])
    assert finals(lived) == [done.total]


def test_its_release_issues_it_and_nets_the_deposit(lived: Street) -> None:
    _, held = left(lived)

    released = operations.release_held(
        actor=HEAD, at=NOW, account_id=account(lived), held_id=held.id, reason="a workshop"
    )

    assert (finals(lived), released.total) == ([held.total], held.total)
    assert used(lived)[1, "electricity"] == 18_000_000
    assert (queries.held_back(), money_held(lived)) == ([], [])
    assert deposits_queries.waiting(account_id=account(lived)) == []
    owed = sum(one.open.fils for one in claims.open_claims(account(lived)))
    billed = sum(one.total.fils for one in queries.bills(account(lived)))
    assert owed == max(0, billed - 500_000)
    assert ledger.recompute().balanced
    assert claims.recompute().sound


def test_the_month_bills_only_the_days_after_it_and_no_day_twice(lived: Street) -> None:
    _, held = left(lived)
    supply.move_in(
        actor=CLERK, at=NOW, account_id=account(lived), customer_id=lived.town.people(1)[0],
        from_day=LEAVES, capacity=Capacity.TENANT, agreement="lease 1",
    )  # fmt: skip
    read(lived, JULY.period.end, 29_500, 220)

    report = bill_month(JULY, AUGUST)
    operations.release_held(
        actor=HEAD, at=AUGUST, account_id=account(lived), held_id=held.id, reason="a workshop"
    )

    assert report.bills == 1
    assert (report.proof.states[PointState.HELD], report.proof.holds) == (2, True)
    assert sum(wh for (_, service), wh in used(lived).items() if service == "electricity") == (
        19_500_000
    )
    charged = [one.period for one in queries.bills(account(lived)) if one.month == JULY]
    assert sorted((one.start, one.end) for one in charged) == [
        (DAYS.start, LEAVES), (LEAVES, JULY.period.end),
    ]  # fmt: skip
    assert queries.proof(month=JULY).states[PointState.BILLED] == 2


def test_a_read_that_is_put_right_lets_it_go_in_the_night(lived: Street) -> None:
    _, held = left(lived)
    read(lived, LEAVES, 11_500, 205)

    seen = operations.look_again(actor=HEAD, at=AUGUST, account_id=account(lived), held_id=held.id)

    assert seen.state is HeldState.CLEARED
    assert used(lived)[1, "electricity"] == 1_500_000
    assert money_held(lived) == []


def test_the_night_looks_at_it_too_and_leaves_what_is_the_same(lived: Street) -> None:
    _, held = left(lived)

    same = jobs.operations.look_at_all(actor=CLERK_JOB, at=AUGUST)
    read(lived, LEAVES, 11_500, 205)
    other = jobs.operations.look_at_all(actor=CLERK_JOB, at=AUGUST)

    assert (same, other) == (0, 1)
    seen = queries.held(account_id=account(lived), held_id=held.id)
    assert seen is not None
    assert seen.state is HeldState.CLEARED
    assert money_held(lived) == []


def test_a_large_one_takes_two_people(lived: Street) -> None:
    _, held = left(lived, kwh=300_000)
    assert held.total >= Money(500_000)

    asked = operations.propose_release(
        actor=HEAD, at=NOW, approval_id=uuid4(), account_id=account(lived), held_id=held.id,
        reason="a workshop",
    )  # fmt: skip
    before = finals(lived)
    approvals.approve(actor=MANAGER, at=NOW, approval_id=asked)

    assert (before, finals(lived)) == ([], [held.total])
    assert money_held(lived) == []


def test_he_who_left_is_not_to_be_finished_once_more(lived: Street) -> None:
    left(lived)

    assert queries.unfinished(account_id=account(lived), day=NOW.date()) is None
