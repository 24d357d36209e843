"""How a customer stands beside a bill: brought forward, paid since, this bill, due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.integration.charging.billing.test_run import JULY, JUNE, Street, build, use
from tests.integration.registry.town import CLERK, found

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import rules as ledger_rules
from tahseel.books.ledger.values import Entry
from tahseel.books.payments import facilities
from tahseel.books.payments import operations as payments
from tahseel.books.payments import rules as payments_rules
from tahseel.books.payments.values import Received
from tahseel.charging.billing import explaining, operations, queries, rules
from tahseel.charging.billing.values import Standing
from tahseel.charging.charges import rules as charges_rules
from tahseel.countries.kuwait import country
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import queries as supply

BILLED = 20_000


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _installed(database: Any) -> None:
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(rules.load_policy(country.content("billing"), book=country.price_book))
    explaining.install(explaining.load(country.content("explaining")))
    charges_rules.install(charges_rules.load(country.content("charges")))
    tenders = payments_rules.load_tenders(country.content("tenders"))
    facilities.install(facilities.Facilities({}, {one.code: one for one in tenders}, "http://x"))


@pytest.fixture
def street() -> Street:
    return build(found(), 2)


def payer(account: UUID, day: date) -> UUID:
    return supply.payers(account_ids=[account], day=day)[account]


def owe(
    account: UUID, fils: int, day: date, *, kind: str = "bill", who: UUID | None = None
) -> None:
    """An open item, as take-on brings it or a charge opens it."""
    one = NewClaim(
        account, uuid4(), uuid4().hex[:8], kind, day, day + timedelta(days=15), Money(fils),
        who or payer(account, JUNE.first_day),
    )  # fmt: skip
    entry = Entry(
        uuid4(), account, "receivable", "opening", one.amount, day, "take-on:open-item", one.id
    )
    ledger.post(actor=CLERK, at=noon(day), entries=[entry])
    claims.open_claims(actor=CLERK, at=noon(day), claims=[one])


def pay(account: UUID, fils: int, day: date, who: UUID | None = None) -> None:
    who = who or payer(account, JUNE.first_day)
    one = Received(uuid4(), account, who, Money(fils), "cash", noon(day), day, "R")
    payments.record_received(actor=CLERK, at=noon(day), received=one)


def bill(street: Street, month: BillingMonth, issued_on: date) -> None:
    use(street, street.accounts, month, wh=4_000_000, litres=0)
    operations.run(actor=CLERK, at=noon(issued_on), month=month, issued_on=issued_on)


def stood(account: UUID, month: BillingMonth) -> Standing:
    [one] = [one for one in queries.standing(account) if one.month == month]
    [told] = queries.explanations([one], areas={}, known={})
    return told.standing


def sums(stands: Standing) -> list[int]:
    """before, charged, paid, credited, own, used, due"""
    of = (
        stands.before, stands.charged, stands.paid, stands.credited, stands.own, stands.used,
        stands.total,
    )  # fmt: skip
    return [one.fils for one in of]


def test_opening_items_are_brought_forward_on_the_first_bill(street: Street) -> None:
    account = street.accounts[0]
    owe(account, 5_000, date(2026, 3, 1))
    owe(account, 7_000, date(2026, 5, 1))
    pay(account, 2_000, date(2026, 6, 20))

    bill(street, JUNE, date(2026, 7, 3))

    stands = stood(account, JUNE)
    assert stands.since == date(2026, 5, 31)
    assert sums(stands) == [12_000, 0, 2_000, 0, BILLED, 0, 30_000]
    assert not stood(street.accounts[1], JUNE).tells


def test_the_next_bill_goes_on_from_the_one_before(street: Street) -> None:
    account = street.accounts[0]
    owe(account, 5_000, date(2026, 3, 1))
    bill(street, JUNE, date(2026, 7, 3))
    pay(account, 6_000, date(2026, 7, 20))
    owe(account, 1_000, date(2026, 7, 21), kind="charge")

    bill(street, JULY, date(2026, 8, 3))

    stands = stood(account, JULY)
    assert stands.since == date(2026, 7, 3)
    assert sums(stands) == [25_000, 1_000, 6_000, 0, BILLED, 0, 40_000]
    assert sums(stood(account, JUNE)) == [5_000, 0, 0, 0, BILLED, 0, 25_000]


def test_what_was_paid_too_much_is_shown_as_a_balance_and_as_what_met_the_bill(
    street: Street,
) -> None:
    account = street.accounts[0]
    bill(street, JUNE, date(2026, 7, 3))
    pay(account, 50_000, date(2026, 7, 20))

    bill(street, JULY, date(2026, 8, 3))
    bill(street, JULY.next(), date(2026, 9, 3))

    assert sums(stood(account, JULY)) == [BILLED, 0, 50_000, 0, BILLED, BILLED, -10_000]
    assert sums(stood(account, JULY.next())) == [-10_000, 0, 0, 0, BILLED, 10_000, 10_000]


def test_what_another_customer_owes_or_has_on_the_account_is_not_brought_forward(
    street: Street,
) -> None:
    account, earlier = street.accounts[0], payer(street.accounts[1], JUNE.first_day)
    owe(account, 5_000, date(2026, 3, 1))
    pay(account, 40_000, date(2026, 4, 1), earlier)
    owe(account, 7_000, date(2026, 5, 20), who=earlier)

    bill(street, JUNE, date(2026, 7, 3))
    owe(account, 2_000, date(2026, 7, 10), who=earlier)
    bill(street, JULY, date(2026, 8, 3))

    assert sums(stood(account, JUNE)) == [0, 0, 0, 0, BILLED, 0, 20_000]
    assert sums(stood(account, JULY)) == [20_000, 0, 0, 0, BILLED, 0, 40_000]


def test_what_is_paid_after_midnight_in_kuwait_is_of_the_day_after(street: Street) -> None:
    account = street.accounts[0]
    bill(street, JUNE, date(2026, 7, 3))
    who, night = payer(account, JUNE.first_day), datetime(2026, 7, 3, 22, tzinfo=UTC)
    one = Received(uuid4(), account, who, Money(50_000), "cash", night, date(2026, 7, 4), "R")
    payments.record_received(actor=CLERK, at=night, received=one)

    bill(street, JULY, date(2026, 8, 3))

    assert sums(stood(account, JULY)) == [BILLED, 0, 50_000, 0, BILLED, BILLED, -10_000]


@pytest.mark.parametrize("source", ["take-on:credit", "opening"])
def test_credit_that_was_taken_on_stood_before_the_first_bill(street: Street, source: str) -> None:
    account, at = street.accounts[0], noon(date(2026, 7, 1))
    taken = Entry(
        uuid4(), account, "opening", "credit", Money(6_000), date(2026, 7, 1), source, uuid4()
    )
    ledger.post(actor=CLERK, at=at, entries=[taken])
    claims.keep_credit(at=at, moves=[(taken, payer(account, JUNE.first_day))])

    bill(street, JUNE, date(2026, 7, 3))

    assert sums(stood(account, JUNE)) == [-6_000, 0, 0, 0, BILLED, 6_000, 14_000]


class Months(RuleBasedStateMachine):
    """A bill a month and anything between; its total is what the account then owes."""

    street: Street
    accounts: Iterator[UUID]

    def __init__(self) -> None:
        super().__init__()
        self.account = next(self.accounts)
        self.month, self.day = JUNE, 0
        self.bills: list[tuple[BillingMonth, int]] = []

    def today(self) -> date:
        """Days go on; a month is over before its bill."""
        self.day = min(self.day + 1, 25)
        return self.month.first_day + timedelta(days=self.day)

    @rule(fils=st.integers(1, 40_000))
    def pay(self, fils: int) -> None:
        pay(self.account, fils, self.today())

    @rule(fils=st.integers(1, 40_000), kind=st.sampled_from(["bill", "charge"]))
    def owe(self, fils: int, kind: str) -> None:
        owe(self.account, fils, self.today(), kind=kind)

    @rule()
    def bill(self) -> None:
        month, self.month, self.day = self.month, self.month.next(), 0
        issued_on = self.today()
        use(self.street, [self.account], month, wh=4_000_000, litres=0)
        operations.run(
            actor=CLERK, at=noon(issued_on), month=month, issued_on=issued_on,
            account_ids=[self.account],
        )  # fmt: skip
        who = [payer(self.account, JUNE.first_day)]
        owed = claims_queries.owed_at_end_of(
            day=issued_on, account_ids=[self.account], customer_ids=who
        )
        credit = claims_queries.credit_of(account_id=self.account, customer_id=who[0])
        self.bills.append((month, sum(one.owed.fils for one in owed) - credit.fils))

    @invariant()
    def the_total_is_what_was_owed_then(self) -> None:
        for month, owed in self.bills:
            assert stood(self.account, month).total.fils == owed

    @invariant()
    def each_goes_on_from_the_one_before(self) -> None:
        chain = [stood(self.account, month) for month, _ in self.bills]
        for earlier, later in pairwise(chain):
            assert later.before == earlier.total


def test_the_total_due_is_what_the_books_say_whatever_came_between() -> None:
    Months.street = build(found(), 40)
    Months.accounts = iter(Months.street.accounts)
    once = settings(max_examples=8, stateful_step_count=14, deadline=None, phases=[Phase.generate])
    run_state_machine_as_test(Months, settings=once)

    assert claims_queries.recompute().sound
