"""A debt moves by a signed paper and two people, whole, once, and back again exactly."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.books.transfers.papers import (
    AT,
    DAY,
    MANAGER,
    agree,
    bill,
    broken,
    fils,
    owed,
    pay,
    rows,
    take_back,
)
from tests.integration.registry.town import CLERK, HEAD

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.books.transfers import operations, queries
from tahseel.channels.services import guarding
from tahseel.channels.services.values import FEE
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.states import WrongState
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.rules import OwnApproval
from tahseel.trust.audit import queries as audit


def test_a_debt_moves_claim_by_claim_with_what_each_stems_from(papers: Any) -> None:
    old, newer = papers.owe(30_000, 45_000)
    paper = papers.sign(90_000)

    done = papers.move(paper, {old: 30_000, newer: 20_000})

    assert [(one.id, one.open.fils) for one in owed(papers.flat)] == [(newer, 25_000)]
    came = owed(papers.house)
    assert [(one.open.fils, one.customer_id) for one in came] == [
        (30_000, papers.father), (20_000, papers.father),
    ]  # fmt: skip
    assert {(one.opened_on, one.due_date) for one in came} == {(DAY, DAY + timedelta(days=30))}
    assert [one.reference for one in came] == [f"{done.reference}-1", f"{done.reference}-2"]
    assert [(part.claim_id, part.amount.fils) for part in done.parts] == [
        (old, 30_000), (newer, 20_000),
    ]  # fmt: skip
    assert {one.id for one in came} == {part.new_claim_id for part in done.parts}
    assert queries.of_account(papers.house) == queries.of_account(papers.flat) == [done]
    assert ledger.balance(papers.flat).receivable == Money(25_000)
    assert ledger.balance(papers.house).receivable == Money(50_000)
    assert not broken()


def test_two_entries_pass_the_sum_over_an_account_that_stays_empty(papers: Any) -> None:
    [claim] = papers.owe(30_000)

    done = papers.move(papers.sign(), {claim: 30_000})

    passed = [
        (one.entry.account_id, one.entry.debit, one.entry.credit, one.entry.amount.fils)
        for account in (papers.flat, papers.house)
        for one in ledger.entries(account)
        if one.entry.source_id == done.id
    ]
    assert passed == [
        (papers.flat, "assumed", "receivable", 30_000),
        (papers.house, "receivable", "assumed", 30_000),
    ]


def test_what_was_agreed_to_happens_once(papers: Any) -> None:
    [claim] = papers.owe(30_000)
    paper, approval = papers.sign(), uuid4()
    papers.ask(paper, {claim: 20_000}, approval)

    assert papers.ask(paper, {claim: 20_000}, approval) == approval
    agree(approval)
    after = rows()
    with pytest.raises(WrongState):
        approvals.approve(actor=MANAGER, at=AT, approval_id=approval)
    assert papers.ask(paper, {claim: 20_000}, approval) == approval
    with pytest.raises(InputDiffers):
        papers.ask(paper, {claim: 10_000}, approval)
    with pytest.raises(supply.AssumptionUsed):
        papers.ask(paper, {claim: 10_000})

    assert rows() == after
    assert fils(owed(papers.flat, papers.house)) == 30_000


def test_one_person_moves_nothing(papers: Any) -> None:
    [claim] = papers.owe(30_000)
    paper = papers.sign()
    before = rows()

    approval = operations.propose_move(
        actor=HEAD, at=AT, approval_id=uuid4(), assumption_id=paper,
        parts={claim: Money(30_000)}, reason="he signed",
    )  # fmt: skip
    with pytest.raises(OwnApproval):
        approvals.approve(actor=HEAD, at=AT, approval_id=approval)
    with pytest.raises(NotAllowed):
        approvals.approve(actor=CLERK, at=AT, approval_id=approval)

    assert (rows()[:3], rows()[4:]) == (before[:3], before[4:])
    [waits] = queries.waiting(as_of=AT)
    assert (waits.assumption_id, waits.amount) == (paper, Money(30_000))


def test_a_large_debt_needs_a_revenue_manager(papers: Any) -> None:
    [claim] = papers.owe(1_000_000)
    approval = papers.ask(papers.sign(1_000_000), {claim: 1_000_000})

    with pytest.raises(NotAllowed):
        agree(approval, HEAD)
    agree(approval)

    assert fils(owed(papers.house)) == 1_000_000


def test_what_is_wrong_is_refused_and_changes_nothing(papers: Any) -> None:
    claim, small = papers.owe(30_000, 5_000)
    [others] = papers.owe(9_000, account=papers.house)
    claim_operations.dispute(
        actor=CLERK, at=AT, account_id=papers.flat, claim_id=claim, amount=Money(10_000)
    )
    paper = papers.sign(24_000)
    wrong = [
        ({}, operations.NothingToMove),
        ({claim: 0}, operations.NothingToMove),
        ({claim: -5}, operations.NothingToMove),
        ({claim: 20_001}, operations.PartTooLarge),
        ({claim: 20_000, small: 4_001}, supply.AssumptionExceeded),
        ({others: 9_000}, operations.ClaimNotTheirs),
        ({uuid4(): 1}, operations.ClaimNotTheirs),
    ]
    before = rows()

    for parts, family in wrong:
        with pytest.raises(family):
            papers.ask(paper, parts)
    with pytest.raises(supply.AssumptionUnknown):
        papers.ask(uuid4(), {claim: 1})
    with pytest.raises(NotAllowed):
        operations.propose_move(
            actor=replace(CLERK, roles=frozenset({"auditor"})), at=AT, approval_id=uuid4(),
            assumption_id=paper, parts={claim: Money(1)}, reason="x",
        )  # fmt: skip

    assert rows() == before
    assert queries.waiting(as_of=AT) == []
    told = audit.leaves_between(
        since=AT, until=AT + timedelta(hours=1), action="transfers.propose_move"
    )
    assert {one["outcome"] for one in told} == {"refused", "denied"}


def test_what_changed_since_it_was_asked_for_is_looked_at_again(papers: Any) -> None:
    [claim] = papers.owe(30_000)
    approval = papers.ask(papers.sign(), {claim: 30_000})
    pay(papers.flat, 10_000)
    before = rows()

    with pytest.raises(operations.PartTooLarge):
        agree(approval)

    assert rows() == before
    assert approvals_queries.by_id(approval).state == "pending"


def test_a_disputed_part_stays_with_the_old_debtor(papers: Any) -> None:
    [claim] = papers.owe(30_000)
    claim_operations.dispute(
        actor=CLERK, at=AT, account_id=papers.flat, claim_id=claim, amount=Money(12_000)
    )

    papers.move(papers.sign(), papers.all_of(90_000))

    [left] = owed(papers.flat)
    assert (left.open, left.disputed, left.closed_at) == (Money(12_000), Money(12_000), None)
    assert fils(owed(papers.house)) == 18_000
    assert not broken()


def test_it_is_given_back_exactly_and_may_move_again(papers: Any) -> None:
    old, newer = papers.owe(30_000, 45_000)
    before = owed(papers.flat)
    paper = papers.sign()
    done = papers.move(paper, {old: 30_000, newer: 20_000})

    back = take_back(done)

    assert not back.stands
    assert owed(papers.flat) == before
    assert owed(papers.house) == []
    assert [ledger.balance(one).receivable.fils for one in (papers.flat, papers.house)] == [
        75_000, 0,
    ]  # fmt: skip
    assert not broken()
    with pytest.raises(operations.TransferReturned):
        take_back(done)
    papers.move(paper, {newer: 45_000})
    assert (fils(owed(papers.flat)), fils(owed(papers.house))) == (30_000, 45_000)
    assert not broken()


def test_what_was_paid_or_disputed_since_is_taken_back_first(papers: Any) -> None:
    [claim] = papers.owe(30_000)
    done = papers.move(papers.sign(), {claim: 30_000})
    asked = operations.propose_return(
        actor=CLERK, at=AT, approval_id=uuid4(), transfer_id=done.id, reason="wrong account"
    )
    pay(papers.house, 1_000)
    before = rows()

    with pytest.raises(operations.TransferTouched):
        agree(asked)
    with pytest.raises(operations.TransferUnknown):
        operations.propose_return(
            actor=CLERK, at=AT, approval_id=uuid4(), transfer_id=uuid4(), reason="x"
        )

    assert rows() == before
    assert fils(owed(papers.house)) == 29_000


def test_what_moved_was_not_paid_and_what_is_paid_of_it_later_was(papers: Any) -> None:
    [claim] = papers.owe(30_000)
    done = papers.move(papers.sign(20_000), {claim: 20_000})
    key = (papers.flat, claim)

    assert queries.paid([key]) == {key: Money(0)}
    pay(papers.flat, 4_000)
    pay(papers.house, 5_000)
    assert queries.paid([key]) == {key: Money(9_000)}
    back = papers.sign(15_000, back=True)
    papers.move(back, {done.parts[0].new_claim_id: 15_000})
    assert queries.paid([key]) == {key: Money(9_000)}


def test_the_fee_of_an_application_stays_where_it_is_waited_for(papers: Any) -> None:
    fee = bill(papers.flat, papers.son, 8_000, DAY, kind=FEE)
    before = rows()

    with pytest.raises(guarding.FeeStays):
        papers.ask(papers.sign(), {fee: 8_000})

    assert rows()[:3] == before[:3]
    assert queries.waiting(as_of=AT) == []


def test_a_paper_whose_debt_has_moved_is_not_withdrawn(papers: Any) -> None:
    [claim] = papers.owe(30_000)
    paper = papers.sign()
    done = papers.move(paper, {claim: 30_000})

    with pytest.raises(supply.AssumptionUsed):
        supply.withdraw_assumption(actor=HEAD, at=AT, id=paper, reason="both agreed")
    known = supply_queries.assumption(assumption_id=paper)
    assert known is not None
    assert (known.moved_by, known.moved, known.in_force) == (done.id, Money(30_000), False)

    take_back(done)
    supply.withdraw_assumption(actor=HEAD, at=AT, id=paper, reason="both agreed")
    with pytest.raises(supply.AssumptionUnknown):
        papers.ask(paper, {claim: 1})


def test_the_dead_take_over_nothing(papers: Any) -> None:
    from tahseel.registry.customers import operations as customers

    [claim] = papers.owe(30_000)
    approval = papers.ask(papers.sign(), {claim: 30_000})
    customers.record_death(
        actor=CLERK, at=AT, customer_id=papers.father, died_on=DAY, source="civil registry"
    )

    with pytest.raises(supply.DeadCustomer):
        agree(approval)

    assert fils(owed(papers.flat)) == 30_000


def test_what_the_database_keeps_is_never_changed(papers: Any) -> None:
    [claim] = papers.owe(30_000)
    papers.move(papers.sign(), {claim: 30_000})

    for table in ("transfers_transfer", "transfers_part", "transfers_return"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"delete from {table}")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update supply_assumption set moved_fils = amount_fils + 1")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["owe", "pay", "dispute", "move", "back"]),
        st.booleans(),
        st.integers(1, 60_000),
    ),
    min_size=2,
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_no_claim_is_lost_or_doubled(papers: Any, steps: Any) -> None:
    with transaction.atomic():
        expected = 0
        moved: list[Any] = []
        for what, here, amount in steps:
            account = papers.flat if here else papers.house
            expected += _step(papers, moved, what, account, amount)
            assert fils(owed(papers.flat, papers.house)) == expected
        assert not broken()
        assert claims.recompute().sound
        for done in queries.of_account(papers.flat):
            _stems_whole(done)
        transaction.set_rollback(True)


def _step(papers: Any, moved: list[Any], what: str, account: Any, amount: int) -> int:
    """Do it where it can be done; how much more is owed in all."""
    before = fils(owed(account))
    if what == "owe":
        papers.owe(amount, account=account)
        return amount
    if what == "pay":
        payable = sum(claim.payable.fils for claim in owed(account))
        pay(account, amount)
        return -min(amount, payable)
    if what == "dispute" and before:
        [claim, *_] = owed(account)
        part = Money(min(amount, claim.open.fils))
        claim_operations.dispute(
            actor=CLERK, at=AT, account_id=account, claim_id=claim.id, amount=part
        )
    parts = papers.all_of(amount, account) if what == "move" else {}
    if parts:
        done = papers.move(papers.sign(amount, back=account == papers.house), parts)
        moved.append(done)
        assert before - fils(owed(account)) == done.amount.fils == sum(parts.values())
    if what == "back" and moved:
        with suppress(operations.TransferTouched):
            take_back(moved[-1])
            moved.pop()
    return 0


def _stems_whole(done: Any) -> None:
    """Each part of a transfer stands on one claim of either side, for the same fils."""
    new = claims.claims_by_key([(done.to_account_id, part.new_claim_id) for part in done.parts])
    assert sorted(one.amount.fils for one in new.values()) == sorted(
        part.amount.fils for part in done.parts
    )
    assert sum(part.amount.fils for part in done.parts) == done.amount.fils
