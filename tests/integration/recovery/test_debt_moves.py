"""What a debt that moves does to holds and plans: each debtor answers for his own notices alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.books.transfers import papers as paperwork
from tests.integration.books.transfers.papers import AT, agree, take_back
from tests.integration.recovery.story import JOB, Link, Town, instant

from tahseel.app import assembly
from tahseel.books.claims import queries as claims
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.recovery.clearance import operations as clearance
from tahseel.recovery.clearance.models import Hold
from tahseel.recovery.collections import guarding
from tahseel.recovery.collections import operations as collections
from tahseel.recovery.collections.models import InstalmentPlan
from tahseel.recovery.collections.values import NewInstalment, NewPlan
from tahseel.registry.customers.values import CustomerKind

HELD = date(2026, 7, 5)
NUMBERS = ("285010100015", "290111500778")


class Street:
    """The son owes two bills that his notice names, and is held for them."""

    def __init__(self, folder: Path) -> None:
        assembly.assemble()
        self.town = Town()
        self.town.now = AT
        debtors = [self.town.debtor(number, CustomerKind.RESIDENT) for number in NUMBERS]
        self.papers = paperwork.build([one.customer_id for one in debtors])
        self.bills = self.papers.owe(30_000, 45_000)
        self.town.notify()
        clearance.open_due_holds(actor=JOB, at=instant(HELD), business_date=HELD)
        self.link = Link(self.town, folder)
        self.link.projector.drain()

    def move(self, parts: dict[UUID, int]) -> Any:
        return self.papers.move(self.papers.sign(), parts)

    def held(self, customer: UUID) -> set[int]:
        """What each gate asks of a person, by the stored holds."""
        self.link.projector.drain()
        open_ones = Hold.objects.filter(customer_id=customer, closed_at=None)
        return set(open_ones.values_list("amount_fils", flat=True))


@pytest.fixture
def street(database: Any, tmp_path: Path) -> Any:
    made = Street(tmp_path / "replica")
    yield made
    made.link.writer.close()


def test_the_old_debtors_hold_falls_with_his_claims_and_the_new_one_is_not_held(
    street: Street,
) -> None:
    first, second = street.bills
    assert street.held(street.papers.son) == {75_000}

    street.move({first: 30_000, second: 45_000})

    assert street.held(street.papers.son) == set()
    assert street.held(street.papers.father) == set()


def test_a_part_that_moves_lowers_the_hold_in_the_same_flow(street: Street) -> None:
    first, _ = street.bills

    street.move({first: 10_000})

    assert [one.open.fils for one in claims.open_claims(street.papers.flat)] == [20_000, 45_000]
    assert street.held(street.papers.son) == {65_000}
    assert street.held(street.papers.father) == set()


def test_what_came_is_due_in_its_own_time_and_holds_by_its_own_notice_only(
    street: Street,
) -> None:
    first, second = street.bills
    street.move({first: 30_000, second: 45_000})
    late = date(2026, 8, 25)

    clearance.open_due_holds(actor=JOB, at=instant(late), business_date=late)
    assert street.held(street.papers.father) == set()
    told, served, after = date(2026, 10, 1), date(2026, 10, 4), date(2026, 12, 1)
    street.town.notify(told, served)
    street.town.now = instant(after)
    clearance.open_due_holds(actor=JOB, at=instant(after), business_date=after)

    assert street.held(street.papers.father) == {75_000}
    assert street.held(street.papers.son) == set()


def test_a_debt_that_is_given_back_holds_again_by_the_notice_that_names_it(street: Street) -> None:
    first, second = street.bills
    done = street.move({first: 30_000, second: 45_000})
    assert street.held(street.papers.son) == set()

    take_back(done)

    assert street.held(street.papers.son) == {75_000}
    assert street.held(street.papers.father) == set()


def test_a_debt_under_a_running_plan_does_not_move(street: Street) -> None:
    papers, [first, _] = street.papers, street.bills
    plan = NewPlan(
        new_id(AT), papers.flat, papers.son, "P-7", date(2026, 6, 1), Money(75_000),
        (NewInstalment(date(2026, 12, 1), Money(75_000), Money(0)),),
    )  # fmt: skip
    approval = papers.ask(papers.sign(), {first: 30_000}, uuid4())
    collections.take_on_plans(actor=JOB, at=AT, batch="plans", plans=[plan])
    before = paperwork.rows()

    with pytest.raises(guarding.PlanRuns):
        agree(approval)
    assert paperwork.rows() == before
    InstalmentPlan.objects.update(state="revoked")
    agree(approval)

    assert [one.open.fils for one in claims.open_claims(papers.house)] == [30_000]
