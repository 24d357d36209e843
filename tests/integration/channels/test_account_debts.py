"""A debt moves from the page of an account, and is given back; both accounts tell of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.integration.channels.world import CLERK, NEIGHBOUR_CIVIL_ID

from tahseel.books.claims import queries as claims
from tahseel.books.transfers import queries as transfers
from tahseel.charging.billing import operations as billing
from tahseel.charging.billing import queries as billing_queries
from tahseel.charging.billing.operations import rebilling
from tahseel.charging.charges import operations as charges
from tahseel.charging.charges.operations import reversing
from tahseel.charging.charges.values import Charge
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.registry.supply import queries as supply_queries
from tahseel.trust.approvals import operations as approvals

MANAGER = Actor(ActorKind.STAFF, "manager-2", "manager", frozenset({"revenue_manager"}))
HEAD = Actor(ActorKind.STAFF, "head-2", "head", frozenset({"office_head"}))


def page(number: str, code: str = "") -> str:
    return f"/desk/accounts/{number}/" + (f"acts/{code}/" if code else "")


def signed(world: Any, head: Any, amount: str = "900.000") -> None:
    done = head.post(
        page(world.number(world.resident), "assumption"),
        {
            "assumption_id": str(new_id(world.now)), "debtor": str(world.resident),
            "to_number": world.number(world.neighbour), "who": NEIGHBOUR_CIVIL_ID,
            "amount": amount, "document": "AS 3", "signed_on": world.today.isoformat(),
        },
    )  # fmt: skip
    assert done.status_code == 302


def owed(world: Any, who: UUID) -> list[Any]:
    return claims.open_claims(world.accounts[who])


def moved(world: Any, sign_in: Any) -> Any:
    """Signed, asked for by a clerk, agreed to by a head; the transfer."""
    clerk, head = sign_in("clerk"), sign_in("office_head")
    signed(world, head)
    (paper,) = supply_queries.assumptions(account_id=world.accounts[world.resident])
    asked = clerk.post(
        page(world.number(world.resident), "move-debt"),
        {
            "approval_id": str(new_id(world.now)), "assumption": str(paper.id),
            "claims": [str(one.id) for one in owed(world, world.resident)],
            "reason": "the neighbour signed",
        },
    )  # fmt: skip
    assert asked.status_code == 302
    decide(world, head)
    [done] = transfers.of_account(world.accounts[world.resident])
    return done


def decide(world: Any, client: Any) -> None:
    [waits] = transfers.waiting(as_of=world.now)
    shown = client.get(f"/approvals/{waits.approval_id}/").content.decode()
    assert "AS 3" in shown
    assert client.post(f"/approvals/{waits.approval_id}/approve/").status_code == 302


def test_a_debt_is_moved_from_the_page_and_both_accounts_tell_of_it(
    sign_in: Any, world: Any
) -> None:
    before = {one.reference: one.open for one in owed(world, world.resident)}

    done = moved(world, sign_in)

    assert owed(world, world.resident) == []
    assert sum(one.open.fils for one in owed(world, world.neighbour)) == done.amount.fils
    assert {part.reference: part.amount for part in done.parts} == before
    clerk, told = sign_in("clerk"), sign_in("auditor", language="ar")
    for who, code in ((world.resident, "transfers.went"), (world.neighbour, "transfers.came")):
        shown = clerk.get(page(world.number(who))).content.decode()
        assert all(part.reference in shown and part.new_reference in shown for part in done.parts)
        story = told.get(f"/api/v1/timeline/account/{world.accounts[who]}").json()
        assert code in {step["code"] for step in story["steps"]}
        entries = told.get(page(world.number(who)) + "statement.json").json()["entries"]
        assert "assumed" in {one["source"] for one in entries}


def test_a_paper_that_is_pressed_twice_is_recorded_once(sign_in: Any, world: Any) -> None:
    head, number = sign_in("office_head"), world.number(world.resident)
    given = {
        "assumption_id": str(new_id(world.now)), "debtor": str(world.resident),
        "to_number": world.number(world.neighbour), "who": NEIGHBOUR_CIVIL_ID,
        "amount": "1.000", "document": "AS 3", "signed_on": world.today.isoformat(),
    }  # fmt: skip

    pressed = [head.post(page(number, "assumption"), given) for _ in range(2)]
    other = head.post(page(number, "assumption"), {**given, "amount": "2.000"})

    assert [one.status_code for one in (*pressed, other)] == [302, 302, 409]
    (paper,) = supply_queries.assumptions(account_id=world.accounts[world.resident])
    assert paper.amount == Money(1_000)


def test_it_is_given_back_from_the_other_accounts_page(sign_in: Any, world: Any) -> None:
    before = owed(world, world.resident)
    done = moved(world, sign_in)
    clerk, head = sign_in("clerk"), sign_in("office_head")
    given = {
        "approval_id": str(new_id(world.now)), "transfer": str(done.id), "reason": "wrong house",
    }  # fmt: skip

    asked = clerk.post(page(world.number(world.neighbour), "return-debt"), given)
    own = clerk.post(f"/approvals/{given['approval_id']}/approve/")
    decide(world, head)

    assert (asked.status_code, own.status_code) == (302, 403)
    assert owed(world, world.resident) == before
    assert owed(world, world.neighbour) == []
    story = head.get(f"/timeline/account/{world.accounts[world.resident]}/").content.decode()
    assert "wrong house" in story


def test_a_paper_reaches_the_oldest_claims_up_to_its_sum(sign_in: Any, world: Any) -> None:
    clerk, head = sign_in("clerk"), sign_in("office_head")
    oldest, *_ = owed(world, world.resident)
    signed(world, head, amount="1.000")
    (paper,) = supply_queries.assumptions(account_id=world.accounts[world.resident])
    given = {
        "approval_id": str(new_id(world.now)), "assumption": str(paper.id),
        "claims": [str(one.id) for one in owed(world, world.resident)], "reason": "he signed",
    }  # fmt: skip

    nothing = clerk.post(page(world.number(world.resident), "move-debt"), {**given, "claims": []})
    clerk.post(page(world.number(world.resident), "move-debt"), given)
    waiting = clerk.get(page(world.number(world.resident))).content.decode()
    decide(world, head)

    assert nothing.status_code == 422
    assert f"/approvals/{given['approval_id']}/" in waiting
    [done] = transfers.of_account(world.accounts[world.resident])
    assert [(part.claim_id, part.amount.fils) for part in done.parts] == [(oldest.id, 1_000)]


def test_a_bill_whose_debt_has_moved_is_not_corrected_before_it_is_given_back(
    sign_in: Any, world: Any
) -> None:
    moved(world, sign_in)
    account = world.accounts[world.resident]
    bill = billing_queries.bills(account)[-1]

    with pytest.raises(rebilling.BillDebtMoved):
        billing.propose_rebill(
            actor=HEAD, at=world.now, approval_id=new_id(world.now), account_id=account,
            bill_id=bill.id, reason="the meter was wrong",
        )  # fmt: skip

    assert billing_queries.corrections_waiting(as_of=world.now) == {}


def test_a_charge_whose_debt_has_moved_is_not_taken_back_before(sign_in: Any, world: Any) -> None:
    account = world.accounts[world.resident]
    charge_id = charges.ask(
        actor=CLERK, at=world.now, approval_id=new_id(world.now), account_id=account,
        kind="damage", cause="D-9", amount=Money(30_000), evidence="photographs",
    )  # fmt: skip
    charge = approvals.approve(actor=MANAGER, at=world.now, approval_id=charge_id)
    assert isinstance(charge, Charge)
    moved(world, sign_in)

    with pytest.raises(reversing.ChargeDebtMoved):
        charges.ask_reversal(
            actor=CLERK, at=world.now, approval_id=new_id(world.now), account_id=account,
            charge_id=charge.id, reason="somebody else's pole",
        )  # fmt: skip
