"""Deposits at the counter: taken, demanded, paid back by two people, and their work-list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.world import JOB

from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries, store
from tahseel.books.deposits.values import (
    Deposit,
    DepositKind,
    DepositState,
    NewDeposit,
    Proposal,
    ProposalKind,
)
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import ZERO, Money
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity

IBAN = "KW81CBKU0000000000001234560101"


def page(world: Any, code: str = "") -> str:
    address = f"/desk/accounts/{world.number(world.resident)}/"
    return f"{address}acts/{code}/" if code else address


def laid(world: Any, **facts: str) -> dict[str, str]:
    kept = {
        "deposit_id": str(new_id(world.now)), "holder": str(world.resident), "tender": "cash",
        "amount": "١٢٥٫٠٠٠".replace("٫", "."),
    }  # fmt: skip
    return {**kept, **facts}


def held(world: Any) -> list[Deposit]:
    account_id = world.accounts[world.resident]
    return queries.deposits(account_ids=[account_id]).get(account_id, [])


def due(world: Any) -> Deposit:
    """A refund due of KD 125 for the resident, who owed nothing that it could meet."""
    account_id = world.accounts[world.neighbour]
    deposits.take(
        actor=JOB, at=world.now,
        deposit=NewDeposit(
            account_id, new_id(world.now), world.neighbour, DepositKind.CASH, Money(125_000),
            world.today - timedelta(days=100), tender="cash",
        ),
    )  # fmt: skip
    deposits.settle(
        actor=JOB, at=world.now, account_id=account_id, customer_id=world.neighbour,
        on_day=world.today,
    )  # fmt: skip
    (found,) = queries.refunds_due()
    return found


def raised(world: Any) -> None:
    """A proposal to raise to KD 250, accepted by a head of office."""
    account_id = world.accounts[world.resident]
    proposal = Proposal(
        account_id, new_id(world.now), world.resident, ProposalKind.RAISE, world.today, ZERO,
        Money(250_000), Money(120_000), 12,
    )  # fmt: skip
    store.propose([proposal], at=world.now)


def test_a_deposit_is_taken_at_the_counter_once_however_often_it_is_sent(
    sign_in: Any, world: Any
) -> None:
    clerk, given = sign_in("clerk"), laid(world)

    sent = [clerk.post(page(world, "deposit"), given).status_code for _ in range(2)]
    nothing = clerk.post(page(world, "deposit"), laid(world, amount=""))
    stranger = clerk.post(page(world, "deposit"), laid(world, holder=str(world.neighbour)))

    assert sent == [302, 302]
    assert (nothing.status_code, stranger.status_code) == (422, 422)
    (one,) = held(world)
    assert (one.amount, one.taken_on, one.state) == (
        Money(125_000), world.today, DepositState.HELD,
    )  # fmt: skip
    assert sign_in("auditor").post(page(world, "deposit"), laid(world)).status_code == 403


def test_accepting_a_raise_shows_the_demand_until_the_money_is_there(
    sign_in: Any, world: Any
) -> None:
    head = sign_in("office_head")
    raised(world)
    (proposal,) = queries.open_proposals()
    head.post(f"{page(world)}proposals/{proposal.id}/", {"answer": "accept"})

    shown = head.get(page(world)).content.decode()
    listed = sign_in("auditor").get("/desk/deposits/").content.decode()
    form = head.get(page(world, "deposit")).content.decode()
    head.post(page(world, "deposit"), laid(world, amount="250"))
    after = head.get(page(world)).content.decode()

    assert "A deposit is demanded" in shown
    assert "250.000" in listed
    assert 'value="250.000"' in form
    assert "A deposit is demanded" not in after
    assert queries.open_demands() == []


def test_a_demand_is_taken_back_by_a_head_of_office_only(sign_in: Any, world: Any) -> None:
    raised(world)
    (proposal,) = queries.open_proposals()
    head = sign_in("office_head")
    head.post(f"{page(world)}proposals/{proposal.id}/", {"answer": "accept"})

    denied = sign_in("clerk").post(page(world, "no-demand"), {"reason": "knows him"})
    still = queries.open_demands()
    done = head.post(page(world, "no-demand"), {"reason": "leaves in a week"})

    assert (denied.status_code, done.status_code) == (403, 302)
    assert len(still) == 1
    assert queries.open_demands() == []


def test_a_refund_is_asked_for_by_one_and_paid_when_another_agrees(
    sign_in: Any, world: Any
) -> None:
    owed = due(world)
    here = f"/desk/accounts/{world.number(world.neighbour)}/"
    clerk, head = sign_in("clerk"), sign_in("office_head")
    given = {
        "approval_id": str(new_id(world.now)), "deposit": str(owed.id), "iban": IBAN,
        "reason": "request 12",
    }  # fmt: skip

    wrong = clerk.post(f"{here}acts/refund/", {**given, "iban": IBAN[:-1] + "2"})
    asked = clerk.post(f"{here}acts/refund/", given)
    waits = clerk.get("/desk/deposits/").content.decode()
    approval = f"/approvals/{given['approval_id']}/"
    seen = head.get(approval).content.decode()
    own = clerk.post(f"{approval}approve/")
    paid = head.post(f"{approval}approve/")

    assert [one.status_code for one in (wrong, asked, own, paid)] == [422, 302, 403, 302]
    assert "waits for an approval" in waits
    assert "KW81 CBKU … 0101" in seen
    assert IBAN not in seen
    assert "125.000" in seen
    known = queries.deposit(account_id=owed.account_id, deposit_id=owed.id)
    assert known is not None
    assert (known.state, known.refunded_on) == (DepositState.REFUNDED, world.today)
    assert queries.refunds_due() == []


def test_a_deposit_that_was_left_behind_is_settled_from_the_page_and_only_then(
    sign_in: Any, world: Any
) -> None:
    clerk, account_id = sign_in("clerk"), world.accounts[world.resident]
    clerk.post(page(world, "deposit"), laid(world))
    living = clerk.get(page(world)).content.decode()
    denied_while_liable = clerk.post(page(world, "settle"), {"holder": str(world.resident)})
    supply.transfer(  # told by a registry: nobody has read a dial, and no bill is final
        actor=JOB, at=world.now, account_id=account_id, to_customer_id=world.neighbour,
        on_day=world.today, capacity=Capacity.OWNER,
    )  # fmt: skip

    offered = clerk.get(page(world)).content.decode()
    listed = clerk.get("/desk/deposits/").content.decode()
    read_only = sign_in("auditor").post(page(world, "settle"), {"holder": str(world.resident)})
    done = clerk.post(page(world, "settle"), {"holder": str(world.resident)})
    told = clerk.get(page(world)).content.decode()

    assert ("acts/settle/" in living, "acts/settle/" in offered) == (False, True)
    assert [one.status_code for one in (denied_while_liable, read_only, done)] == [422, 403, 302]
    (one,) = held(world)
    assert one.state in {DepositState.SETTLED, DepositState.REFUND_DUE}
    assert one.netted + one.refund == Money(125_000)
    assert "The deposit is settled. Met by the deposit" in told
    assert "acts/settle/" not in told
    assert page(world, "finish") in listed  # his last days have no bill yet
    assert 'id="left"' not in clerk.get("/desk/deposits/").content.decode()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_work_list_shows_what_waits_and_is_closed_to_strangers(
    sign_in: Any, world: Any, language: str
) -> None:
    due(world)
    raised(world)

    shown = sign_in("clerk", language=language).get("/desk/deposits/").content.decode()

    assert world.number(world.neighbour) in shown
    assert world.number(world.resident) in shown
    assert "125.000" in shown
    assert sign_in("exit_officer").get("/desk/deposits/").status_code == 403
    assert sign_in().get("/desk/deposits/").status_code == 302
