"""The books on a real database, act by act, held against the small independent model of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.integration.books.ledger.model_ledger import ModelBooks

from tahseel.books.ledger import invariants, operations, queries, rules
from tahseel.books.ledger.operations import closing
from tahseel.books.ledger.values import Entry, Posted
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.trust.approvals import operations as approvals

CHART = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/chart.toml"
FIRST = date(2026, 3, 1)
AT = datetime(2026, 5, 20, 9, tzinfo=UTC)
CLERK = system("test")
MAKER = Actor(ActorKind.STAFF, "m1", "Maker", frozenset({"revenue_manager"}))
CHECKER = Actor(ActorKind.STAFF, "m2", "Checker", frozenset({"revenue_manager"}))

names = st.sampled_from("abcdef")
who = st.sampled_from(["till", "home"])
days = st.sampled_from([0, 30, 31, 60, 61, 80])  # both edges of March and April, and a day of May
months = st.integers(3, 6).map(lambda month: BillingMonth(2026, month))
moves = st.sampled_from(
    [
        ("receivable", "revenue.water"),
        ("knet", "receivable"),
        ("knet", "credit"),
        ("credit", "receivable"),
        ("cash", "suspense"),
        ("suspense", "credit"),
        ("bank", "cash"),
        ("cash", "prepaid"),
        ("prepaid", "revenue.electricity"),
        ("credit", "cash"),
    ]
)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def number(of: date) -> int:
    return (of - FIRST).days


def answer(act: Callable[[], object]) -> str:
    try:
        done = act()
    except Refusal as refusal:
        return refusal.code
    if isinstance(done, Posted):
        return "posted" if done.fresh else "same"
    return str(getattr(done, "act", ""))


def decided(propose: Callable[..., UUID], month: BillingMonth) -> object:
    """One asks, another one agrees."""
    asked = propose(actor=MAKER, at=AT, approval_id=uuid4(), month=month, reason="month's end")
    return approvals.approve(actor=CHECKER, at=AT, approval_id=asked)


class Books(RuleBasedStateMachine):
    """Two accounts, one of them a till, in the months of spring."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = {"till": uuid4(), "home": uuid4()}
        self.model = ModelBooks()
        while (until := queries.closed_until()) != FIRST:
            month = BillingMonth.of(until) if until else BillingMonth.of(FIRST)
            decided(operations.propose_reopening, month.previous()) if until else decided(
                operations.propose_closing, month.previous()
            )

    @rule(who=who, name=names, move=moves, fils=st.integers(1, 3), on=days)
    def post(self, who: str, name: str, move: tuple[str, str], fils: int, on: int) -> None:
        expected = self.model.account(who).post(name, (*move, fils, on))
        account = self.ids[who]
        entry = Entry(
            id=derived_id(account, name),
            account_id=account,
            debit=move[0],
            credit=move[1],
            amount=Money(fils),
            business_date=day(on),
            source="model",
            source_id=account,
        )
        assert answer(lambda: operations.post(actor=CLERK, at=AT, entries=[entry])[0]) == expected

    @rule(who=who, name=names, of=names, on=days)
    def reverse(self, who: str, name: str, of: str, on: int) -> None:
        expected = self.model.account(who).reverse(name, of, on)
        account = self.ids[who]

        def act() -> Posted:
            return operations.reverse(
                actor=CLERK,
                at=AT,
                id=derived_id(account, name),
                account_id=account,
                entry_id=derived_id(account, of),
                business_date=day(on),
                source="model",
                source_id=account,
            )

        assert answer(act) == expected

    @rule(month=months)
    def close(self, month: BillingMonth) -> None:
        span = month.period
        expected = self.model.close(number(span.start), number(span.end), number(AT.date()))
        assert answer(lambda: decided(operations.propose_closing, month)) == expected

    @rule(month=months)
    def reopen(self, month: BillingMonth) -> None:
        span = month.period
        expected = self.model.reopen(number(span.start), number(span.end))
        assert answer(lambda: decided(operations.propose_reopening, month)) == expected

    @rule()
    def seal(self) -> None:
        operations.checkpoint(actor=CLERK, at=AT)

    @rule(who=who, since=days, until=days)
    def state(self, who: str, since: int, until: int) -> None:
        if since <= until:
            told = queries.statement(account_id=self.ids[who], since=day(since), until=day(until))
            ends = (told.opening.fils, told.closing.fils)
            assert ends == self.model.account(who).statement(since, until)

    @invariant()
    def the_same_stands_in_both(self) -> None:
        for name, account in self.ids.items():
            model, balance = self.model.account(name), queries.balance(account)
            assert (balance.receivable.fils, balance.credit.fils) == (
                model.owed(),
                model.unapplied(),
            )
            stored = queries.entries(account)
            assert [s.entry.id for s in stored] == [derived_id(account, n) for n in model.order]
            assert [s.version for s in stored] == list(range(1, len(model.order) + 1))

    def teardown(self) -> None:
        assert [v.invariant.name for v in invariants.judge() if not v.held] == []


@pytest.fixture
def books(database: Any) -> None:
    rules.install_chart(rules.load_chart(CHART.read_bytes()))
    closing.register()


@pytest.mark.usefixtures("books")
def test_an_independent_model_predicts_every_outcome() -> None:
    run_state_machine_as_test(
        Books, settings=settings(max_examples=25, stateful_step_count=30, deadline=None)
    )

    assert queries.recompute().balanced


@pytest.mark.usefixtures("books")
def test_the_database_itself_refuses_an_entry_of_a_closed_month(database: Any) -> None:
    account = uuid4()
    entry = Entry(uuid4(), account, "cash", "suspense", Money(5), FIRST, "x", account)
    operations.post(actor=CLERK, at=AT, entries=[entry])
    decided(operations.propose_closing, BillingMonth(2026, 3))

    with database.as_app() as app, pytest.raises(Exception, match="closed before 2026-04-01"):
        app.execute(
            "insert into ledger_entry select account_id, gen_random_uuid(), 2, debit, credit,"
            " amount, business_date, recorded_at, source, source_id, input_hash, null"
            " from ledger_entry"
        )
    with database.as_app() as app, pytest.raises(Exception, match="permission denied"):
        app.execute("delete from ledger_closing")

    assert len(queries.entries(account)) == 1


@pytest.mark.usefixtures("books")
def test_whoever_asks_never_agrees_and_a_clerk_may_not_ask() -> None:
    month = BillingMonth(2026, 3)
    clerk = Actor(ActorKind.STAFF, "c", "Clerk", frozenset({"clerk"}))
    asked = operations.propose_closing(
        actor=MAKER, at=AT, approval_id=uuid4(), month=month, reason="March"
    )

    own = answer(lambda: approvals.approve(actor=MAKER, at=AT, approval_id=asked))
    again = answer(lambda: decided(operations.propose_closing, month))
    other = answer(
        lambda: operations.propose_closing(
            actor=clerk, at=AT, approval_id=uuid4(), month=month, reason="x"
        )
    )

    assert (own, again, other) == ("own_approval", "ledger_act_waits", "not_allowed")
    assert queries.closings() == []


@pytest.mark.usefixtures("books")
def test_a_closing_waits_for_posters_and_posters_find_it_closed(database: Any) -> None:
    """A poster under way holds a shared lock: the closing's checkpoint covers what it posts."""
    account = uuid4()
    entry = Entry(uuid4(), account, "cash", "suspense", Money(5), FIRST, "x", account)

    with database.as_app() as other, transaction.atomic():
        operations.post(actor=CLERK, at=AT, entries=[entry])
        other.execute("set lock_timeout = '200ms'")
        with pytest.raises(Exception, match="lock timeout"):
            other.execute("select pg_advisory_xact_lock(720705)")

    done = decided(operations.propose_closing, BillingMonth(2026, 3))
    assert getattr(done, "checkpoint", None) == 1
