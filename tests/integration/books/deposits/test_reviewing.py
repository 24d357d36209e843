"""Deposits against use: raise what is too little, give back what is too much, renew guarantees."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from tests.integration.books.deposits.test_deposits import (
    THEN,
    by,
    empty_flat,
    guarantee,
    money,
    on_books,
    settle,
    tenant_with,
)

from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import NewClaim
from tahseel.books.deposits import jobs, operations, queries
from tahseel.books.deposits.operations.reviewing import DecisionUnexplained
from tahseel.books.deposits.values import DepositState, ProposalKind, ProposalState
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.registry.premises.values import UnitKind

ANNIVERSARY = date(2026, 4, 10)


def use(town, account, customer, monthly, months=12):
    """Bills of the months before the anniversary."""
    claims.open_claims(
        **by(town),
        claims=[
            NewClaim(
                account.id, uuid4(), f"{account.number}-use-{n}", "bill",
                ANNIVERSARY - timedelta(days=20 + 28 * n), ANNIVERSARY, Money(monthly), customer,
            )
            for n in range(months)
        ],
    )  # fmt: skip


def review(town, day=ANNIVERSARY):
    return {one.account_id: one for one in operations.review(**by(town), day=day)}


def decide(town, proposal, *, accept=True, roles=("office_head",), **facts):
    operations.decide_proposal(
        **by(town, *roles), account_id=proposal.account_id, proposal_id=proposal.id,
        accept=accept, on_day=ANNIVERSARY, **facts,
    )  # fmt: skip


def test_each_tenancy_is_reviewed_in_the_month_in_which_it_began_against_two_months_of_use(town):
    heavy, someone = tenant_with(town)
    modest, other = tenant_with(town)
    use(town, heavy, someone, 130_001)
    use(town, modest, other, 50_000)

    found = review(town)

    assert set(found) == {heavy.id}
    one = found[heavy.id]
    assert (one.kind, one.held, one.wanted) == (
        ProposalKind.RAISE, Money(125_000), Money(275_000),
    )  # fmt: skip
    assert (one.monthly, one.months) == (Money(130_001), 12)
    assert queries.open_proposals() == [one]
    assert jobs.REVIEW.run(town.at, date(2026, 5, 10)) == {}


def test_too_few_months_say_nothing_about_use(town):
    account, tenant = tenant_with(town)
    use(town, account, tenant, 900_000, months=5)

    assert review(town) == {}
    assert queries.open_proposals(account_ids=[account.id]) == []


def test_what_is_too_much_is_given_back_and_never_below_the_rate_at_move_in(town):
    account, tenant = tenant_with(town, 400_000)
    use(town, account, tenant, 10_000)
    proposal = review(town)[account.id]

    decide(town, proposal)

    assert (proposal.kind, proposal.wanted) == (ProposalKind.RETURN, Money(125_000))
    states = {
        one.state: (one.amount.fils, one.refund.fils, one.carried.fils)
        for one in queries.deposits(account_ids=[account.id])[account.id]
    }
    assert states == {
        DepositState.REFUND_DUE: (400_000, 275_000, 125_000),
        DepositState.HELD: (125_000, 0, 0),
    }
    assert (on_books("deposit"), on_books("refund")) == (125_000, 275_000)
    assert review(town) == {}


def test_a_guarantee_that_ends_soon_is_to_be_renewed_before_it_does(town):
    account, tenant = empty_flat(town, UnitKind.SHOP), town.person()
    operations.admit(
        **by(town, at=THEN), account_id=account.id, customer_id=tenant, from_day=town.opened,
        deposit=guarantee(account, tenant, 250_000, expires_on=date(2025, 12, 1)),
    )  # fmt: skip

    early = review(town, date(2025, 9, 10))
    late = review(town, date(2025, 11, 10))

    assert early == {}
    assert late[account.id].kind is ProposalKind.RENEW


def test_a_later_review_or_a_move_out_overtakes_an_open_proposal(town):
    account, tenant = tenant_with(town)
    use(town, account, tenant, 130_000)
    first = review(town)[account.id]

    second = review(town, date(2026, 4, 20))[account.id]
    settle(town, account, tenant)

    states = [
        queries.proposal(account_id=account.id, proposal_id=one.id).state for one in (first, second)
    ]
    assert states == [ProposalState.OVERTAKEN, ProposalState.OVERTAKEN]
    with pytest.raises(operations.ProposalUnknown):
        decide(town, second)


def test_a_decision_is_for_heads_of_offices_and_a_refusal_says_why(town):
    account, tenant = tenant_with(town)
    use(town, account, tenant, 130_000)
    proposal = review(town)[account.id]

    with pytest.raises(NotAllowed):
        decide(town, proposal, roles=("clerk",))
    with pytest.raises(DecisionUnexplained):
        decide(town, proposal, accept=False, reason=" ")
    decide(town, proposal, accept=False, reason="pays on the first of every month")

    known = queries.proposal(account_id=account.id, proposal_id=proposal.id)
    assert (known.state, known.reason) == (
        ProposalState.REFUSED, "pays on the first of every month",
    )  # fmt: skip


def test_money_taken_after_a_raise_counts_at_the_next_review(town):
    account, tenant = tenant_with(town)
    use(town, account, tenant, 130_000)
    decide(town, review(town)[account.id])

    operations.take(**by(town), deposit=money(account, tenant, 150_000, on=date(2026, 4, 15)))

    assert queries.cover(account_ids=[account.id], day=ANNIVERSARY)[account.id] == Money(125_000)
    assert review(town, date(2026, 4, 20)) == {}
