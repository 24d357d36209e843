"""A ministry's figures are those of everything under it, at the end of any day."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.recovery.story import DUE, JOB, Debtor, instant
from tests.integration.registry import town as places

from tahseel.books.payments import operations as payments
from tahseel.books.payments.values import Received
from tahseel.kernel.actor import Actor, ActorKind, Purpose
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.recovery.government import operations, queries
from tahseel.recovery.government.values import AgreementKind, Figures, NewAgreement
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, NewCustomer
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity, NewAccount, NewLiability

OPENED = date(2026, 1, 1)
AT = instant(OPENED)
NOW = instant(date(2026, 9, 1))
MANAGER = Actor(ActorKind.STAFF, "m-1", "m", frozenset({"revenue_manager"}))
CLERK = Actor(ActorKind.STAFF, "clerk-1", "c", frozenset({"clerk"}))
DAYS = [date(2026, 3, 1), DUE, date(2026, 5, 20), date(2026, 6, 15), date(2026, 9, 1)]


class Ministry:
    """Two ministries, three levels, an account at some bodies, debts and payments over months."""

    def __init__(self, story: Any) -> None:
        self.story, self.random = story, random.Random(11)
        self.parents: dict[UUID, UUID | None] = {}
        self.accounts: dict[UUID, UUID] = {}
        ids = [new_id(AT) for _ in range(9)]
        tree = (None, None, 0, 0, 2, 2, 3, 1, 7)
        for n, (id_, parent) in enumerate(zip(ids, tree, strict=True)):
            self.parents[id_] = None if parent is None else ids[parent]
            made = NewCustomer(
                id_, CustomerKind.GOVERNMENT, f"جهة {n}", f"Body {n}",
                registration_number=f"G{n}", parent_id=self.parents[id_],
            )  # fmt: skip
            customers.register_many(actor=JOB, at=AT, batch=f"b{n}", customers=[made])
        self.ids = ids
        self._supply()
        self._owe()

    def _supply(self) -> None:
        found = places.found(JOB, AT)
        units = replace(found, at=AT).units(12)
        for unit, who in zip(units, [*self.ids[2:], *self.ids[4:9]], strict=True):
            account = new_id(AT)
            supply.open_many(
                actor=JOB, at=AT, batch=str(account),
                accounts=[NewAccount(account, unit.id, OPENED, (
                    NewLiability(new_id(AT), OPENED, who, Capacity.OWNER),
                ))],
            )  # fmt: skip
            self.accounts[account] = who

    def _owe(self) -> None:
        for account, who in self.accounts.items():
            debtor = Debtor(who, account, None)
            for month in range(self.random.randint(0, 3)):
                fils = self.random.randrange(1_000, 90_000)
                self.story.claim(debtor, fils, DUE + timedelta(days=20 * month))
            if self.random.random() < 0.7:
                self.pay(account, self.random.randrange(500, 120_000), date(2026, 6, 10))

    def pay(self, account: UUID, fils: int, day: date) -> None:
        at = instant(day)
        received = Received(
            id=new_id(at), account_id=account, customer_id=self.accounts[account],
            amount=Money(fils), tender="cash", received_at=at, business_date=day,
        )  # fmt: skip
        payments.record_received(actor=JOB, at=at, received=received)

    def officer(self, n: int) -> Actor:
        return Actor(ActorKind.CUSTOMER, "o", "o", frozenset({"body_officer"}), str(self.ids[n]))


@pytest.fixture
def ministry(town: Any) -> Ministry:
    return Ministry(town)


def rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def credit_of(account: UUID, day: date) -> int:
    """What the entries of an account leave as credit, in fils."""
    found = rows(
        f"select debit, credit, amount, recorded_at from ledger_entry"
        f" where account_id = '{account}'"
    )
    return sum(
        ((credit == "credit") - (debit == "credit")) * amount
        for debit, credit, amount, at in found
        if local_day(at) <= day
    )


def expected(ministry: Ministry, body: UUID, day: date) -> Figures:
    """Row by row over every table, for one body and what has it above."""

    def under(one: UUID | None) -> bool:
        while one is not None and one != body:
            one = ministry.parents[one]
        return one == body

    total = Figures()
    for account, who in ministry.accounts.items():
        if under(who) and day >= OPENED:
            total += Figures(accounts=1, credit=Money(credit_of(account, day)))
    for claim, who, opened, due, amount in rows(
        "select id, customer_id, opened_on, due_date, amount from claims_claim"
    ):
        paid = sum(
            part for part, at in rows(
                f"select amount, recorded_at from claims_allocation where claim_id = '{claim}'"
            ) if local_day(at) <= day
        )  # fmt: skip
        left = amount - paid
        if under(who) and opened <= day and left:
            late = due < day
            total += Figures(0, 1, Money(left), Money(left * late), oldest=due if late else None)
    return total


def tree(ministry: Ministry, n: int, day: date, actor: Actor = CLERK) -> Any:
    return queries.tree(
        actor=actor, at=NOW, purpose=Purpose.COLLECTION, body_id=ministry.ids[n], day=day
    )


@pytest.mark.parametrize("day", DAYS)
def test_every_body_at_the_end_of_any_day_equals_a_walk_over_every_row(
    ministry: Ministry, day: date
) -> None:
    tops = queries.tops(actor=CLERK, at=NOW, purpose=Purpose.COLLECTION, day=day)

    assert [node.body.id for node in tops] == ministry.ids[:2]
    for node in [*tree(ministry, 0, day), *tree(ministry, 1, day)]:
        assert node.whole == expected(ministry, node.body.id, day), node.body.name_en
    assert {n.body.id: n.whole for n in tops} == {
        ministry.ids[n]: tree(ministry, n, day)[0].whole for n in (0, 1)
    }


def test_today_is_what_is_open_now(ministry: Ministry) -> None:
    open_now = rows("select coalesce(sum(open), 0) from claims_claim")[0][0]

    tops = queries.tops(actor=CLERK, at=NOW, purpose=Purpose.COLLECTION, day=local_day(NOW))

    assert sum(node.whole.owed.fils for node in tops) == open_now


def test_the_queries_do_not_grow_with_the_tree(ministry: Ministry) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    for n in (8, 0):
        with CaptureQueriesContext(connection) as seen:
            tree(ministry, n, DUE)
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_the_accounts_of_a_body_add_up_to_its_own_figures(ministry: Ministry) -> None:
    for n in range(9):
        own = tree(ministry, n, DAYS[-1])[0].own
        lines = queries.accounts(
            actor=CLERK, at=NOW, purpose=Purpose.COLLECTION, body_id=ministry.ids[n], day=DAYS[-1]
        )
        assert sum((line.figures for line in lines), Figures()) == own
        assert [line.number for line in lines] == sorted(line.number for line in lines)


def test_an_officer_sees_the_own_body_and_all_under_it_and_nothing_else(
    ministry: Ministry,
) -> None:
    own = {node.body.id for node in tree(ministry, 2, DUE, ministry.officer(2))}
    under = tree(ministry, 4, DUE, ministry.officer(2))

    assert own == {ministry.ids[n] for n in (2, 4, 5)}
    assert under[0].body.id == ministry.ids[4]
    for n in (0, 1, 3, 6, 8):
        with pytest.raises(NotAllowed):
            tree(ministry, n, DUE, ministry.officer(2))
    with pytest.raises(NotAllowed):
        queries.tops(actor=ministry.officer(0), at=NOW, purpose=Purpose.OWN_ACCOUNT, day=DUE)
    with pytest.raises(NotFound):
        queries.tree(actor=CLERK, at=NOW, purpose=Purpose.COLLECTION, body_id=new_id(NOW), day=DUE)


def agreement(ministry: Ministry, n: int, **more: Any) -> NewAgreement:
    given = {
        "id": new_id(NOW), "body_id": ministry.ids[n], "kind": AgreementKind.SUPPLY,
        "number": f"A-{new_id(NOW)}", "subject_ar": "تزويد", "subject_en": "Supply",
        "from_day": date(2026, 1, 1),
    }  # fmt: skip
    return NewAgreement(**{**given, **more})


def conclude(made: NewAgreement, actor: Actor = MANAGER, at: datetime = NOW) -> Any:
    return operations.conclude_agreement(actor=actor, at=at, agreement=made)


def test_an_agreement_holds_for_everything_below_that_has_none_of_its_own(
    ministry: Ministry,
) -> None:
    above = conclude(agreement(ministry, 0))
    own = conclude(agreement(ministry, 2, from_day=date(2026, 6, 1)))

    before = {n.body.id: n.agreements for n in tree(ministry, 0, date(2026, 5, 1))}
    after = {n.body.id: n.agreements for n in tree(ministry, 0, date(2026, 6, 1))}

    assert set(before.values()) == {(above,)}
    assert {id_ for id_, held in after.items() if held == (own,)} == {
        ministry.ids[n] for n in (2, 4, 5)
    }
    assert tree(ministry, 4, date(2026, 6, 1))[0].agreements == (own,)


def test_a_second_agreement_of_a_kind_on_the_same_days_is_refused(ministry: Ministry) -> None:
    first = conclude(agreement(ministry, 0))
    with pytest.raises(operations.AgreementOverlap):
        conclude(agreement(ministry, 0, from_day=date(2026, 8, 1)))
    conclude(agreement(ministry, 0, kind=AgreementKind.SETTLEMENT))

    ended = operations.end_agreement(
        actor=MANAGER, at=NOW, agreement_id=first.id, until_day=date(2026, 8, 1)
    )
    again = conclude(agreement(ministry, 0, from_day=date(2026, 8, 1)))

    assert ended.until_day == again.from_day
    assert len(queries.agreements_with(body_id=ministry.ids[0])) == 3


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"until_day": date(2026, 1, 1)}, operations.AgreementDays),
        ({"body_id": UUID(int=1)}, operations.NoBody),
    ],
)
def test_an_impossible_agreement_is_refused(
    ministry: Ministry, more: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        conclude(agreement(ministry, 0, **more))

    assert queries.agreements() == []


def test_who_may_not_conclude_changes_nothing_and_leaves_a_leaf(ministry: Ministry) -> None:
    from tahseel.kernel import outbox
    from tahseel.trust.audit import queries as audit

    announced = outbox.sequence_pending(at=NOW)
    for actor in (CLERK, ministry.officer(0)):
        with pytest.raises(NotAllowed):
            conclude(agreement(ministry, 0), actor)

    assert queries.agreements() == []
    assert outbox.sequence_pending(at=NOW) == 0, announced
    leaves = audit.leaves_between(
        since=NOW, until=NOW + timedelta(seconds=1), action="government.conclude_agreement"
    )
    assert [leaf["outcome"] for leaf in leaves] == ["denied", "denied"]
