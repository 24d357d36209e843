"""A month's end: what is unbilled and doubtful, agreed to by two, posted once and taken back."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.integration.charging.billing.test_run import CLERK, JULY, Street, bill, street, use
from tests.integration.registry.town import AT

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.ledger import invariants
from tahseel.books.ledger import queries as ledger
from tahseel.books.ledger.operations import closing
from tahseel.charging.billing import doubt, operations
from tahseel.charging.billing.operations import accruing
from tahseel.charging.billing.values import Accrual
from tahseel.countries.kuwait import country
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money
from tahseel.kernel.period import start_of
from tahseel.trust.approvals import operations as approvals

__all__ = ["street"]
MAKER = Actor(ActorKind.STAFF, "m1", "Maker", frozenset({"revenue_manager"}))
CHECKER = Actor(ActorKind.STAFF, "m2", "Checker", frozenset({"revenue_manager"}))
LATER = start_of(date(2026, 8, 3))
NEXT = JULY.next()


@pytest.fixture(autouse=True)
def _bands() -> None:
    doubt.install(doubt.load(country.content("closing")))
    accruing.register()
    closing.register()


def ask() -> object:
    return operations.propose_accrual(
        actor=MAKER, at=LATER, approval_id=uuid4(), month=JULY, reason="July"
    )


def test_what_was_used_and_not_billed_by_the_month_s_end_is_posted_and_taken_back(
    street: Street,
) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=454_609)
    bill(account_ids=street.accounts[:1])  # in August, so it is July's revenue all the same

    found = operations.preview(actor=CLERK, at=LATER, month=JULY)
    assert found == Accrual(JULY, Money(3 * 215_000), Money(0))
    assert ledger.trial_balance_of(JULY.period).rows == ()

    asked = operations.propose_accrual(
        actor=MAKER, at=LATER, approval_id=uuid4(), month=JULY, reason="July"
    )
    with pytest.raises(Refusal) as own:
        approvals.approve(actor=MAKER, at=LATER, approval_id=asked)
    with pytest.raises(operations.AccrualWaits):
        ask()
    approvals.approve(actor=CHECKER, at=LATER, approval_id=asked)
    with pytest.raises(operations.AccruedBefore):
        ask()

    assert own.value.code == "own_approval"
    july = {row.code: (row.debit.fils, row.credit.fils) for row in
            ledger.trial_balance_of(JULY.period).rows}  # fmt: skip
    assert july == {"accrued": (645_000, 0), "revenue.unbilled": (0, 645_000)}
    august = {row.code: (row.debit.fils, row.credit.fils) for row in
              ledger.trial_balance_of(NEXT.period).rows}  # fmt: skip
    assert august["accrued"] == (0, 645_000)
    assert august["revenue.unbilled"] == (645_000, 0)
    assert [v.invariant.name for v in invariants.judge() if not v.held] == []


def test_what_was_used_in_earlier_months_and_not_billed_is_in_it(street: Street) -> None:
    june = JULY.previous()
    use(street, street.accounts, june, wh=3_000_000, litres=454_609)
    bill(june, account_ids=street.accounts[:1])  # issued in August, after the month's end
    use(street, street.accounts, JULY, wh=3_000_000, litres=454_609)

    found = operations.preview(actor=CLERK, at=LATER, month=JULY)
    late = operations.preview(actor=CLERK, at=start_of(date(2026, 9, 3)), month=NEXT)

    assert (found.unbilled, found.earlier) == (Money(6 * 215_000), Money(3 * 215_000))
    assert (late.unbilled, late.earlier) == (Money(5 * 215_000), Money(5 * 215_000))


def test_a_dispute_counts_from_the_day_it_was_made_to_the_day_it_ended(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=454_609)
    bill()  # due on 17 August
    [claim] = claims_queries.open_claims(street.accounts[0])
    for day, fils in (
        (date(2026, 9, 1), 215_000),
        (date(2026, 9, 5), 15_000),
        (date(2026, 9, 9), 0),
    ):
        claims.dispute(
            actor=CLERK, at=start_of(day), account_id=claim.account_id, claim_id=claim.id,
            amount=Money(fils),
        )  # fmt: skip

    told = [
        claims_queries.overdue_by_age(day=date(2026, month, day), edges=[1]).get(1, Money(0)).fils
        for month, day in ((8, 31), (9, 1), (9, 4), (9, 5), (9, 8), (9, 9))
    ]

    assert told == [645_000, 430_000, 430_000, 630_000, 630_000, 645_000]


def test_overdue_claims_are_provided_for_by_their_age(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=454_609)
    bill()  # due on 17 August
    for days, permille in ((0, 0), (1, 10), (91, 100), (181, 250), (366, 500), (1096, 750)):
        end = date(2026, 8, 17) + timedelta(days=days)
        overdue = accruing.claims.overdue_by_age(
            day=end, edges=[band.days for band in doubt.bands()]
        )
        assert doubt.provision(overdue) == Money(645_000 * permille // 1000)


def test_a_month_that_is_not_over_or_closed_takes_no_month_s_end(street: Street) -> None:
    with pytest.raises(operations.MonthNotOver):
        operations.preview(actor=CLERK, at=AT, month=NEXT)
    asked = closing.propose_closing(
        actor=MAKER, at=LATER, approval_id=uuid4(), month=JULY, reason="July"
    )
    approvals.approve(actor=CHECKER, at=LATER, approval_id=asked)

    with pytest.raises(Refusal) as refused:
        ask()

    assert refused.value.code == "ledger_period_closed"


@given(st.dictionaries(st.sampled_from([1, 91, 181, 366, 1096]), st.integers(0, 10**9)))
def test_a_provision_is_the_sum_of_its_bands(fils: dict[int, int]) -> None:
    shares = {1: 10, 91: 100, 181: 250, 366: 500, 1096: 750}
    exact = sum(amount * shares[days] for days, amount in fils.items())

    found = doubt.provision({days: Money(amount) for days, amount in fils.items()}).fils

    assert abs(found * 1000 - exact) <= 500 * max(len(fils), 1)


@pytest.mark.parametrize(
    "text",
    ["", "doubtful = []", "[[doubtful]]\ndays = 0\npermille = 5",
     "[[doubtful]]\ndays = 1\npermille = 1001",
     "[[doubtful]]\ndays = 9\npermille = 1\n[[doubtful]]\ndays = 8\npermille = 2"],
)  # fmt: skip
def test_bands_that_are_not_in_order_are_refused(text: str) -> None:
    with pytest.raises(doubt.BandsWrong):
        doubt.load(text.encode())
