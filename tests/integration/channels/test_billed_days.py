"""Acts of supply on days that are billed take two people; their bills become work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.channels.world import CLERK, JOB, NEIGHBOUR_CIVIL_ID

from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import Cause
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import operations as customers
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.models import Liability, Party
from tahseel.registry.supply.values import Capacity, PastAct, PastKind, Role, Vacancy
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.rules import OwnApproval

HEAD = Actor(ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
OTHER = Actor(ActorKind.STAFF, "head-2", "head", frozenset({"office_head"}))


def rows() -> list[Any]:
    return [
        sorted(map(str, model.objects.values_list("account_id", "customer_id", "until_day")))
        for model in (Liability, Party)
    ]


class Late:
    """The resident's account, and a day in the second of the months that are billed."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.account: UUID = world.accounts[world.resident]
        self.bills = sorted(billing.bills(self.account), key=lambda bill: bill.period.start)
        self.day: date = self.bills[1].period.start + timedelta(days=3)
        self.touched = [bill for bill in self.bills if bill.period.end > self.day]

    def alone(self, act: PastAct, actor: Actor = HEAD) -> None:
        """One person tries it."""
        operation = {
            PastKind.MOVE_OUT: supply.move_out,
            PastKind.TRANSFER: supply.transfer,
            PastKind.TITLE: supply.transfer_ownership,
            PastKind.NAME_PARTY: supply.name_party,
            PastKind.ESTATE: supply.open_estate,
            PastKind.END_PARTY: supply.end_party,
            PastKind.STRIKE_PARTY: supply.strike_party,
        }[act.kind]
        operation(actor=actor, at=self.world.now, **act.given)

    def ask(self, act: PastAct, actor: Actor = CLERK, approval: UUID | None = None) -> UUID:
        return supply.propose_past(
            actor=actor, at=self.world.now, approval_id=approval or new_id(self.world.now),
            act=act, reason="the lease was found late",
        )  # fmt: skip

    def agree(self, approval: UUID, actor: Actor = OTHER) -> None:
        approvals.approve(actor=actor, at=self.world.now, approval_id=approval)

    def work(self) -> list[tuple[Cause, list[str]]]:
        return [
            (one.cause, [bill.number for bill in one.bills])
            for one in billing.open_misdirected(account_id=self.account)
        ]

    def party(self, role: Role) -> UUID:
        """A role of the neighbour's that begins on the day, recorded by a job."""
        supply.name_party(
            actor=JOB, at=self.world.now, account_id=self.account,
            customer_id=self.world.neighbour, role=role, from_day=self.day,
        )  # fmt: skip
        return Party.objects.get(account_id=self.account, role=role, until_day=None).id


@pytest.fixture
def late(world: Any) -> Late:
    return Late(world)


def out(late: Late) -> PastAct:
    return PastAct(
        PastKind.MOVE_OUT,
        {"account_id": late.account, "on_day": late.day, "vacancy": Vacancy.NOT_OCCUPIED},
    )


def handed(late: Late) -> PastAct:
    given = {
        "account_id": late.account, "to_customer_id": late.world.neighbour, "on_day": late.day,
        "capacity": Capacity.TENANT, "agreement": "LEASE 9",
    }  # fmt: skip
    return PastAct(PastKind.TRANSFER, given)


def title(late: Late) -> PastAct:
    given = {
        "account_id": late.account, "to_customer_id": late.world.neighbour, "on_day": late.day,
        "deed": "TITLE 4", "takes_back": False,
    }  # fmt: skip
    return PastAct(PastKind.TITLE, given)


def payer(late: Late) -> PastAct:
    given = {
        "account_id": late.account, "customer_id": late.world.neighbour, "role": Role.PAYER,
        "from_day": late.day, "until_day": None, "agreement": "HR-4",
    }  # fmt: skip
    return PastAct(PastKind.NAME_PARTY, given)


def no_payer(late: Late) -> PastAct:
    given = {
        "account_id": late.account, "party_id": late.party(Role.PAYER),
        "on_day": late.day + timedelta(days=2), "reason": "he left the firm",
    }  # fmt: skip
    return PastAct(PastKind.END_PARTY, given)


def struck(late: Late) -> PastAct:
    given = {
        "account_id": late.account, "party_id": late.party(Role.PAYER), "reason": "twice on record",
    }  # fmt: skip
    return PastAct(PastKind.STRIKE_PARTY, given)


def estate(late: Late) -> PastAct:
    customers.record_death(
        actor=JOB, at=late.world.now, customer_id=late.world.resident, died_on=late.day,
        source="civil registry",
    )  # fmt: skip
    return PastAct(PastKind.ESTATE, {"account_id": late.account})


ACTS = (out, handed, title, payer, no_payer, struck, estate)


@pytest.mark.parametrize("make", ACTS)
def test_on_billed_days_one_person_is_refused_and_two_make_work_of_the_bills(
    late: Late, make: Callable[[Late], PastAct]
) -> None:
    act = make(late)
    before, work = rows(), late.work()

    with pytest.raises(supply.BilledNeedsSecondPerson):
        late.alone(act)
    approval = late.ask(act, HEAD)
    assert (rows(), late.work()) == (before, work)
    late.agree(approval)

    assert rows() != before
    made = [one for one in late.work() if late.work().count(one) > work.count(one)]
    assert [bill.number for bill in late.touched] in [numbers for _, numbers in made]


def test_whoever_asks_does_not_agree_and_a_clerk_agrees_to_nothing(late: Late) -> None:
    approval = late.ask(handed(late), HEAD)
    before = rows()

    with pytest.raises(OwnApproval):
        late.agree(approval, HEAD)
    with pytest.raises(supply.BilledNeedsSecondPerson.__mro__[1]):
        late.agree(approval, CLERK)

    assert rows() == before
    assert late.work() == []


def test_what_cannot_be_done_is_told_to_whoever_asks_and_again_when_it_is_agreed_to(
    late: Late,
) -> None:
    early = {**handed(late).given, "on_day": late.world.today - timedelta(days=4_000)}
    with pytest.raises(supply.LiabilityOverlap):
        late.ask(PastAct(PastKind.TRANSFER, early))
    approval = late.ask(handed(late))
    late.agree(late.ask(out(late)))
    after = rows()

    with pytest.raises((supply.LiabilityOverlap, supply.NobodyToMoveOut)):
        late.agree(approval)

    assert rows() == after
    assert approvals_queries.by_id(approval).state == "pending"


def test_a_day_that_is_not_billed_and_the_house_itself_need_nobody_else(late: Late) -> None:
    free = {**payer(late).given, "from_day": late.world.today}

    late.alone(PastAct(PastKind.NAME_PARTY, free), CLERK)
    late.alone(handed(late), JOB)

    assert [cause for cause, _ in late.work()] == [Cause.LIABLE]


def test_an_account_that_is_closed_on_billed_days_makes_work_of_their_bills(late: Late) -> None:
    supply.close_account(actor=HEAD, at=late.world.now, account_id=late.account, closed_on=late.day)

    assert late.work() == [(Cause.LIABLE, [bill.number for bill in late.touched])]


def test_an_estate_tells_of_the_bills_that_went_to_the_dead(late: Late) -> None:
    estate(late)
    supply.open_estates(actor=JOB, at=late.world.now)

    assert late.work() == [(Cause.ESTATE, [bill.number for bill in late.touched])]


def test_from_the_page_the_form_asks_why_and_a_head_sees_the_bills(
    sign_in: Any, late: Late
) -> None:
    clerk, head = sign_in("clerk"), sign_in("office_head")
    number = late.world.number(late.world.resident)
    address = f"/desk/accounts/{number}/acts/role/"
    given = {
        "role": "payer", "who": NEIGHBOUR_CIVIL_ID, "from_day": late.day.isoformat(),
        "until_day": "", "agreement": "HR-4",
    }  # fmt: skip

    first = clerk.post(address, given)
    shown = first.content.decode()
    past_id = new_id(late.world.now)
    empty = clerk.post(address, {**given, "past_id": str(past_id), "why": " "})
    asked = clerk.post(address, {**given, "past_id": str(past_id), "why": "found late"})
    seen = head.get(f"/approvals/{past_id}/").content.decode()
    head.post(f"/approvals/{past_id}/approve/")

    assert (first.status_code, empty.status_code) == (403, 422)
    assert 'name="why"' in shown
    assert 'name="past_id"' in shown
    assert asked.status_code == 302
    assert asked.url == f"/approvals/{past_id}/"
    assert all(bill.number in seen for bill in late.touched)
    spans = supply_queries.parties(account_ids=[late.account])[late.account]
    assert [one.role for one in spans if one.customer_id == late.world.neighbour] == [Role.PAYER]
    assert late.work() == [(Cause.PAYER, [bill.number for bill in late.touched])]


def test_a_move_out_that_was_told_late_is_asked_for_from_its_page(sign_in: Any, late: Late) -> None:
    clerk, head = sign_in("clerk"), sign_in("office_head")
    address = f"/desk/accounts/{late.world.number(late.world.resident)}/move-out/"
    given = {
        "on_day": late.day.isoformat(), "vacancy": "not_occupied",
        "intent": str(new_id(late.world.now)),
    }  # fmt: skip
    past_id = new_id(late.world.now)

    first = clerk.post(address, given)
    asked = clerk.post(address, {**given, "past_id": str(past_id), "why": "keys came in May"})
    head.post(f"/approvals/{past_id}/approve/")

    assert 'name="why"' in first.content.decode()
    assert asked.status_code == 302
    span = supply_queries.liability_on(account_id=late.account, day=late.day)
    assert span is not None
    assert span.capacity is Capacity.VACANT
    assert late.work() == [(Cause.LIABLE, [bill.number for bill in late.touched])]
