"""A raise or a renewal that is accepted is demanded in writing, until what is held comes to it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from tests.integration.books.deposits.test_deposits import (
    by,
    empty_flat,
    guarantee,
    money,
    on_books,
    settle,
    tenant_with,
)
from tests.integration.books.deposits.test_reviewing import ANNIVERSARY, decide, review, use

from tahseel.books.deposits import operations, queries
from tahseel.books.deposits.operations.demanding import WithdrawalUnexplained
from tahseel.books.deposits.values import DemandState, ProposalKind
from tahseel.kernel.actor import Purpose
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.kernel.states import WrongState
from tahseel.registry.premises.values import UnitKind
from tahseel.trust.notices import queries as notices


def raised(town):
    """A tenant with KD 125 whose use asks for KD 275, and the demand of the difference."""
    account, tenant = tenant_with(town)
    use(town, account, tenant, 130_000)
    decide(town, review(town)[account.id])
    (demand,) = queries.open_demands(account_ids=[account.id])
    return account, tenant, demand


def state(demand):
    return queries.demand(account_id=demand.account_id, demand_id=demand.id).state


def test_accepting_a_raise_demands_the_difference_in_both_languages_and_is_no_debt(town):
    receivable = on_books("receivable")
    account, tenant, demand = raised(town)

    assert (demand.wanted, demand.amount) == (Money(275_000), Money(150_000))
    assert (demand.customer_id, demand.demanded_on) == (tenant, ANNIVERSARY)
    assert demand.due_on == ANNIVERSARY + timedelta(days=30)
    (letter,) = notices.notices_to(**by(town), purpose=Purpose.AUDIT, customer_id=tenant)
    assert "150.000" in letter.body_ar
    assert "150.000" in letter.body_en
    assert account.number in letter.body_en
    assert on_books("receivable") == receivable


def test_a_demand_ends_when_what_is_held_comes_to_it_and_not_before(town):
    account, tenant, demand = raised(town)

    operations.take(**by(town), deposit=money(account, tenant, 149_999, on=date(2026, 4, 15)))
    short = state(demand)
    operations.take(
        **by(town), deposit=money(account, tenant, 1, on=date(2026, 4, 16), reference="2")
    )

    assert (short, state(demand)) == (DemandState.OPEN, DemandState.MET)
    assert queries.open_demands() == []


def test_a_renewal_demands_what_the_ending_guarantee_covered_and_a_new_one_meets_it(town):
    account, tenant = empty_flat(town, UnitKind.SHOP), town.person()
    operations.admit(
        **by(town), account_id=account.id, customer_id=tenant, from_day=town.opened,
        deposit=guarantee(account, tenant, 250_000, expires_on=date(2026, 5, 1)),
    )  # fmt: skip
    decide(town, review(town)[account.id])
    (demand,) = queries.open_demands()

    operations.take(
        **by(town),
        deposit=guarantee(account, tenant, 250_000, on=ANNIVERSARY, expires_on=date(2028, 5, 1)),
    )

    assert (demand.kind, demand.amount) == (ProposalKind.RENEW, Money(250_000))
    assert state(demand) is DemandState.MET


def test_nothing_is_demanded_of_who_has_paid_since_the_review(town):
    account, tenant = tenant_with(town)
    use(town, account, tenant, 130_000)
    proposal = review(town)[account.id]
    operations.take(**by(town), deposit=money(account, tenant, 150_000, on=ANNIVERSARY))

    decide(town, proposal)

    assert queries.open_demands() == []


def test_a_demand_is_taken_back_by_a_head_of_office_with_the_reason_once(town):
    account, _, demand = raised(town)
    given = {"account_id": account.id, "demand_id": demand.id, "on_day": ANNIVERSARY}

    with pytest.raises(NotAllowed):
        operations.withdraw_demand(**by(town), **given, reason="he complained")
    with pytest.raises(WithdrawalUnexplained):
        operations.withdraw_demand(**by(town, "office_head"), **given, reason=" ")
    assert state(demand) is DemandState.OPEN
    operations.withdraw_demand(**by(town, "office_head"), **given, reason="moves out in May")
    with pytest.raises(WrongState):
        operations.withdraw_demand(**by(town, "office_head"), **given, reason="again")

    known = queries.demand(account_id=account.id, demand_id=demand.id)
    assert (known.state, known.reason) == (DemandState.WITHDRAWN, "moves out in May")


def test_a_move_out_and_a_later_demand_overtake_it_and_it_never_changes_otherwise(town):
    account, tenant, first = raised(town)
    decide(town, review(town, date(2026, 4, 20))[account.id])
    (second,) = queries.open_demands()
    overtaken = state(first)

    with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("update deposits_demand set amount = 1")
    settle(town, account, tenant)

    assert second.id != first.id
    assert (overtaken, state(second)) == (DemandState.OVERTAKEN, DemandState.OVERTAKEN)
