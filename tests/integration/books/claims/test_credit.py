"""Credit on an account meets what its customer owes: model, concurrency, kill, words of refusal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.integration.books.ledger.model_ledger import ModelAccount

from tahseel.books.claims import operations, queries, rules
from tahseel.books.claims.invariants import INVARIANTS
from tahseel.books.claims.values import CreditOrder, CreditPolicy, NewClaim
from tahseel.books.ledger import invariants as ledger_invariants
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import queries as ledger_queries
from tahseel.books.ledger import rules as ledger_rules
from tahseel.books.ledger.values import Entry
from tahseel.books.payments import facilities
from tahseel.books.payments import operations as payments
from tahseel.books.payments import rules as payments_rules
from tahseel.books.payments.values import Received
from tahseel.kernel import outbox
from tahseel.kernel.actor import system
from tahseel.kernel.money import Money
from tahseel.recovery.clearance import consumers as clearance

DATA = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data"
AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = date(2026, 4, 1)
JOB = system("test")
ADAM, BASMA = uuid4(), uuid4()
POSTERS = 6


@pytest.fixture(autouse=True)
def books(database: Any) -> Any:
    ledger_rules.install_chart(ledger_rules.load_chart((DATA / "chart.toml").read_bytes()))
    tenders = payments_rules.load_tenders((DATA / "tenders.toml").read_bytes())
    facilities.install(
        facilities.Facilities({}, {tender.code: tender for tender in tenders}, "http://x")
    )
    rules.install_credit_policy(rules.load_credit_policy((DATA / "credit.toml").read_bytes()))
    yield
    rules.install_credit_policy(CreditPolicy())


def claim(
    account: UUID, fils: int, *, month: int = 2, customer: UUID = ADAM, kind: str = "bill"
) -> NewClaim:
    return NewClaim(
        account_id=account,
        id=uuid4(),
        reference=uuid4().hex[:8],
        kind=kind,
        opened_on=date(2026, month, 1),
        due_date=date(2026, month, 15),
        amount=Money(fils),
        customer_id=customer,
    )


@transaction.atomic
def owe(one: NewClaim) -> NewClaim:
    """As billing does: an entry, and its claim."""
    entry = Entry(
        uuid4(), one.account_id, "receivable", "revenue.water", one.amount, one.opened_on, "bill",
        one.id,
    )  # fmt: skip
    ledger.post(actor=JOB, at=AT, entries=[entry])
    operations.open_claims(actor=JOB, at=AT, claims=[one])
    return one


def pay(account: UUID, fils: int, customer: UUID = ADAM) -> UUID:
    one = Received(uuid4(), account, customer, Money(fils), "cash", AT, DAY, "R")
    payments.record_received(actor=JOB, at=AT, received=one)
    return one.id


def stands(account: UUID) -> tuple[int, int]:
    balance = ledger_queries.balance(account)
    return balance.receivable.fils, balance.credit.fils


def still_open(account: UUID) -> list[int]:
    return [one.open.fils for one in queries.open_claims(account)]


def sound() -> bool:
    judged = ledger_invariants.judge([*ledger_invariants.INVARIANTS, *INVARIANTS])
    return [one.violations for one in judged if not one.held] == []


@dataclass
class Item:
    """A claim of the model."""

    who: UUID
    due: int
    left: int
    disputed: int = 0


@dataclass
class Model:
    """What one account should look like: plain sums, and the ledger's own model below."""

    ledger: ModelAccount = field(default_factory=ModelAccount)
    items: dict[UUID, Item] = field(default_factory=dict)
    credit: dict[UUID, int] = field(default_factory=lambda: {ADAM: 0, BASMA: 0})
    used: dict[UUID, int] = field(default_factory=lambda: {ADAM: 0, BASMA: 0})

    def post(self, debit: str, credit: str, fils: int) -> None:
        if fils:
            name = str(len(self.ledger.order))
            assert self.ledger.post(name, (debit, credit, fils, 0)) == "posted"

    def meet(self, fils: int, own: UUID | None) -> int:
        """Spread over what is open and undisputed, the oldest due first; what is left."""
        for _, item in sorted(self.items.items(), key=lambda pair: pair[1].due):
            if own is None or item.who == own:
                taken = min(fils, item.left - item.disputed)
                item.left, fils = item.left - taken, fils - taken
        return fils

    def use(self) -> None:
        for who, held in self.credit.items():
            self.credit[who] = self.meet(held, who)
            self.used[who] += held - self.credit[who]
            self.post("credit", "receivable", held - self.credit[who])


class Account(RuleBasedStateMachine):
    """Two customers on one account, one after the other, with money and debts in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.account, self.model, self.due = uuid4(), Model(), 0

    @rule(who=st.sampled_from([ADAM, BASMA]), fils=st.integers(1, 9))
    def owe(self, who: UUID, fils: int) -> None:
        self.due += 1
        month, day = divmod(self.due, 28)
        one = claim(self.account, fils, customer=who)
        one = NewClaim(
            self.account, one.id, one.reference, "bill", date(2026, 1, 1),
            date(2026, 1 + month, 1 + day), Money(fils), who,
        )  # fmt: skip
        owe(one)
        self.model.items[one.id] = Item(who, self.due, fils)
        self.model.post("receivable", "revenue.water", fils)
        self.model.use()

    @rule(who=st.sampled_from([ADAM, BASMA]), fils=st.integers(1, 12))
    def pay(self, who: UUID, fils: int) -> None:
        pay(self.account, fils, who)
        left = self.model.meet(fils, None)
        self.model.post("cash", "receivable", fils - left)
        self.model.post("cash", "credit", left)
        self.model.credit[who] += left

    @rule(data=st.data(), share=st.integers(0, 9))
    def dispute(self, data: st.DataObject, share: int) -> None:
        waiting = [key for key, item in self.model.items.items() if item.left]
        if waiting:
            key = data.draw(st.sampled_from(waiting))
            item = self.model.items[key]
            item.disputed = min(share, item.left)
            operations.dispute(
                actor=JOB, at=AT, account_id=self.account, claim_id=key,
                amount=Money(item.disputed),
            )  # fmt: skip

    @rule()
    def night(self) -> None:
        operations.use_credits(actor=JOB, at=AT)
        self.model.use()

    @rule(who=st.sampled_from([ADAM, BASMA]))
    def undo_and_use_again(self, who: UUID) -> None:
        """Freeing what was used comes to the same sums; what never was his is not freed."""
        before = stands(self.account)
        enough = self.model.credit[who] + self.model.used[who] >= 3
        with transaction.atomic():
            with nullcontext() if enough else pytest.raises(ledger.CreditBelowZero):
                operations.free_credit(
                    actor=JOB, at=AT, account_id=self.account, customer_id=who, amount=Money(3)
                )
            assert stands(self.account)[0] - stands(self.account)[1] == before[0] - before[1]
            transaction.set_rollback(True)

    @invariant()
    def the_same_stands_in_both(self) -> None:
        owed = sum(item.left for item in self.model.items.values())
        held = sum(self.model.credit.values())
        assert stands(self.account) == (self.model.ledger.owed(), self.model.ledger.unapplied())
        assert stands(self.account) == (owed, held)
        known = queries.claims_by_key([(self.account, key) for key in self.model.items])
        assert {key[1]: one.open.fils for key, one in known.items()} == {
            key: item.left for key, item in self.model.items.items()
        }
        for who, fils in self.model.credit.items():
            kept = queries.credit_of(account_id=self.account, customer_id=who)
            assert kept.fils == fils

    def teardown(self) -> None:
        assert sound()


def test_a_model_predicts_what_credit_meets() -> None:
    run_state_machine_as_test(
        Account, settings=settings(max_examples=40, stateful_step_count=25, deadline=None)
    )

    assert queries.recompute().sound


def test_what_was_paid_too_much_meets_the_next_claim_when_it_opens() -> None:
    account = uuid4()
    pay(account, 100)

    owe(claim(account, 70))
    owe(claim(account, 50, month=3))

    assert (still_open(account), stands(account)) == ([20], (20, 0))
    last = ledger_queries.entries(account)[-1].entry
    assert (last.debit, last.credit, last.amount.fils, last.source) == (
        "credit", "receivable", 30, "credit",
    )  # fmt: skip
    assert last.business_date == date(2026, 3, 1)
    assert sound()


def test_the_use_is_told_and_decides_holds_anew() -> None:
    account = uuid4()
    pay(account, 30)
    one = owe(claim(account, 70))

    outbox.sequence_pending(at=AT)
    told = outbox.events_after(0, name="claims:credit:used")

    assert [event.facts["amount_fils"] for event in told] == [30]
    assert told[0].facts["claim_ids"] == [str(one.id)]
    assert set(clearance.touched(told)) == {ADAM}


def test_credit_of_one_customer_never_meets_the_debt_of_another() -> None:
    account = uuid4()
    pay(account, 100)

    owe(claim(account, 70, customer=BASMA))
    operations.use_credits(actor=JOB, at=AT)

    assert (still_open(account), stands(account)) == ([70], (70, 100))


def test_a_disputed_part_is_left_alone_until_the_dispute_ends() -> None:
    account = uuid4()
    one = owe(claim(account, 70))
    dispute = {"actor": JOB, "at": AT, "account_id": account, "claim_id": one.id}
    operations.dispute(**dispute, amount=Money(70))
    pay(account, 100)

    before = operations.use_credits(actor=JOB, at=AT)
    operations.dispute(**dispute, amount=Money(0))
    after = [operations.use_credits(actor=JOB, at=AT) for _ in range(2)]

    assert (before, after, stands(account)) == (0, [70, 0], (0, 30))


def test_the_rule_says_when_and_what_is_left_alone() -> None:
    account, later = uuid4(), uuid4()
    rules.install_credit_policy(CreditPolicy(at_once=False))
    pay(account, 100)
    owe(claim(account, 70))
    waits = still_open(account)
    operations.use_credits(actor=JOB, at=AT)
    rules.install_credit_policy(CreditPolicy(left_alone=frozenset({"charge"})))
    pay(later, 100)
    owe(claim(later, 70, kind="charge"))

    assert (waits, still_open(account), still_open(later)) == ([70], [], [70])


def test_the_rule_may_be_the_oldest_opened_first() -> None:
    early = claim(uuid4(), 5)
    late = NewClaim(
        early.account_id, uuid4(), "x", "bill", date(2026, 1, 1), date(2026, 3, 1), Money(5), ADAM
    )
    rules.install_credit_policy(CreditPolicy(order=CreditOrder.OLDEST_OPENED, at_once=False))
    for one in (early, late):
        owe(one)
    found = queries.open_by_account([early.account_id])[early.account_id].values()

    assert [one.id for one in rules.meets(found, ADAM)] == [late.id, early.id]


@pytest.mark.parametrize(
    "text", ["", "[use]", "[use]\norder='x'\nat_once=true\nleft_alone=[]",
             "[use]\norder='oldest_due'\nat_once=1\nleft_alone=[]"],
)  # fmt: skip
def test_a_rule_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(rules.CreditRuleWrong):
        rules.load_credit_policy(text.encode())


def together(work: Callable[[], object]) -> None:
    def one() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(POSTERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_credit_is_used_once_however_many_look_at_once() -> None:
    """Nights, claims and payments at the same time: no fils is used twice, none is forgotten."""
    accounts = [uuid4() for _ in range(4)]
    rules.install_credit_policy(CreditPolicy(at_once=False))
    for account in accounts:
        pay(account, 100)
        owe(claim(account, 70))
    rules.install_credit_policy(CreditPolicy())

    def work() -> None:
        operations.use_credits(actor=JOB, at=AT)
        for account in accounts:
            owe(claim(account, 10))

    together(work)

    expected = 70 + POSTERS * 10 - 100
    assert [stands(account) for account in accounts] == [(expected, 0)] * 4
    assert [sum(still_open(account)) for account in accounts] == [expected] * 4
    assert sound()


def test_a_use_that_is_killed_before_its_commit_left_nothing(database: Any) -> None:
    """The connection dies between the application of the credit and the commit."""
    account = uuid4()
    rules.install_credit_policy(CreditPolicy(at_once=False))
    pay(account, 100)
    owe(claim(account, 70))

    def work() -> None:
        with transaction.atomic():
            operations.use_credit(actor=JOB, at=AT, account_ids=[account])
            connection.connection.close()

    with pytest.raises(Exception, match="clos"):
        work()
    connection.close()
    killed = stands(account)
    fils = [operations.use_credits(actor=JOB, at=AT) for _ in range(2)]

    assert (killed, fils, stands(account)) == ((70, 100), [70, 0], (0, 30))
    assert sound()


def test_no_hand_of_the_application_changes_whose_money_it_was(database: Any) -> None:
    pay(uuid4(), 100)

    for act in ("update claims_credit set amount = 1", "delete from claims_credit"):
        with database.as_app() as app, pytest.raises(Exception, match="permission denied"):
            app.execute(act)
