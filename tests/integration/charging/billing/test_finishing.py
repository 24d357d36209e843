"""A title told without a read: whoever lost it is billed and settled afterwards, once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.charging.billing.test_handing_over import held, liable
from tests.integration.charging.billing.test_misdirected import leaves
from tests.integration.charging.billing.test_moving_out import (
    AUGUST,
    CUBIC,
    JULY,
    KWH,
    LEAVES,
    NOW,
    bill_month,
    deposit,
    final_reads,
    lived_until_june,
    read,
    used,
)
from tests.integration.charging.billing.test_run import Street, build
from tests.integration.registry.town import CLERK, found

from tahseel.books.claims import queries as claims
from tahseel.books.deposits.values import DepositState
from tahseel.books.ledger import queries as ledger
from tahseel.charging.billing import operations, queries
from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor, system
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import operations as supply

JUSTICE, TOLD = system("justice"), NOW + timedelta(days=1)


@pytest.fixture
def street(database: Any) -> Street:
    """June is billed, a deposit is held, and on 16 July the registry tells another owner."""
    made = build(found(), 1)
    lived_until_june(made)
    deposit(made, 125_000)
    supply.transfer_ownership(
        actor=JUSTICE, at=TOLD, account_id=made.accounts[0], to_customer_id=made.town.person(),
        on_day=LEAVES, deed="5521/2026",
    )  # fmt: skip
    return made


def finish(street: Street, actor: Actor = CLERK, **facts: Any) -> Any:
    given = {
        "at": TOLD, "intent_id": uuid4(), "account_id": street.accounts[0],
        "reads": final_reads(street),
    }  # fmt: skip
    return operations.finish(actor=actor, **{**given, **facts})


def unfinished(street: Street, day: date = LEAVES) -> Any:
    return queries.unfinished(account_id=street.accounts[0], day=day)


def test_who_lost_the_title_is_billed_up_to_the_day_and_his_deposit_meets_it(
    street: Street,
) -> None:
    owner = street.payers[0]
    waited = unfinished(street)

    done = finish(street)

    [final, june] = queries.bills(street.accounts[0])
    assert (waited.customer_id, waited.until_day) == (owner, LEAVES)
    assert (final.customer_id, final.period.end, final.sequence) == (owner, LEAVES, 1)
    assert used(street) == {(1, "electricity"): 1_500 * KWH, (1, "water"): 15 * CUBIC}
    assert done.settled.netted + done.settled.left == june.total + final.total
    assert held(street)[owner] is not DepositState.HELD
    assert unfinished(street) is None
    assert ledger.recompute().balanced
    assert claims.recompute().faults == ()


def test_the_run_bills_the_rest_to_the_new_owner_and_no_fils_twice(street: Street) -> None:
    finish(street)
    read(street, date(2026, 8, 1), 7_100, 161)

    bill_month(JULY, AUGUST)

    assert used(street) == {
        (1, "electricity"): 1_500 * KWH, (1, "water"): 15 * CUBIC,
        (0, "electricity"): 1_600 * KWH, (0, "water"): 16 * CUBIC,
    }  # fmt: skip
    [whole] = [b for b in queries.bills(street.accounts[0]) if (b.month, b.sequence) == (JULY, 0)]
    assert (whole.customer_id, whole.period.start) == (liable(street), LEAVES)


def test_a_second_click_answers_the_first_one_and_another_finds_nothing(street: Street) -> None:
    intent = uuid4()

    first = finish(street, intent_id=intent)
    again = finish(street, intent_id=intent)
    before = queries.bills(street.accounts[0])
    with pytest.raises(operations.NothingToFinish) as refused:
        finish(street)

    assert again == first
    assert refused.value.facts["account"]
    assert queries.bills(street.accounts[0]) == before


def test_once_the_month_is_billed_there_is_nothing_to_finish(street: Street) -> None:
    read(street, date(2026, 8, 1), 7_100, 161)
    bill_month(JULY, AUGUST)

    with pytest.raises(operations.NothingToFinish):
        finish(street, at=AUGUST)

    assert unfinished(street, AUGUST.date()) is None


def test_what_lies_far_back_is_the_runs_and_offered_to_nobody(street: Street) -> None:
    later = BillingMonth.of(LEAVES).next().next()

    assert unfinished(street, later.first_day) is None
    assert unfinished(street, BillingMonth.of(LEAVES).next().first_day) is not None


def test_whoever_does_not_keep_accounts_is_denied_and_nothing_changes(street: Street) -> None:
    stranger = Actor(CLERK.kind, "exit-1", "exit", frozenset({"exit_officer"}))
    bills, deposits = queries.bills(street.accounts[0]), held(street)
    outbox.sequence_pending(at=NOW)

    with pytest.raises(NotAllowed):
        finish(street, stranger)

    assert (queries.bills(street.accounts[0]), held(street)) == (bills, deposits)
    assert outbox.sequence_pending(at=NOW) == 0
    assert leaves("billing.finish") == 1
