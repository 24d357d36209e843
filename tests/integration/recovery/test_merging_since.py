"""What came to a record while a merge held: kept when it is taken back, moved by two people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.integration.recovery.hung import MAKER, Things
from tests.integration.recovery.test_merging import CHECKER, merge, unmerge

from tahseel.app import assembly
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import operations, queries, rules
from tahseel.registry.customers.operations import merging, parting
from tahseel.registry.customers.values import Came, CustomerKind
from tahseel.trust.approvals import operations as approvals


@pytest.fixture(autouse=True)
def hanging(town: Any) -> Any:
    rules.install_hanging(assembly.HANGING)
    merging.register()
    parting.register()
    return town


def test_what_came_between_a_merge_and_its_taking_back_is_kept_and_moved_by_two_people(
    town: Any, database: Any
) -> None:
    things = Things(town)
    stays, goes = (town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(2))
    for kind in ("paper", "contact"):
        getattr(things, kind)(stays)
        getattr(things, kind)(goes)
    merge_id = merge(town, goes.customer_id, stays.customer_id)
    for kind in ("paper", "supply", "debt"):
        getattr(things, kind)(stays)

    unmerge(town, merge_id)
    things.paper(stays)

    came = queries.came_since(merge_id=merge_id)
    names = [one.name for one in came]
    assert names.count("customers_document.customer_id") == 1
    assert names.count("supply_liability.customer_id") == 1
    assert names.count("claims_claim.customer_id") == 1
    assert "customers_contact.customer_id" not in names
    assert {one.state for one in came} == {Came.HERE}
    paper = next(one for one in came if one.name.startswith("customers_document"))

    def ask(positions: list[int], actor: Actor = MAKER) -> UUID:
        return operations.propose_move_since(
            actor=actor, at=town.clock(), approval_id=new_id(town.clock()), merge_id=merge_id,
            positions=positions, reason="the paper is the other one's",
        )  # fmt: skip

    with pytest.raises(operations.NothingToSort):
        ask([paper.position, 999])
    asked = ask([paper.position])
    assert queries.came_since(merge_id=merge_id) == came
    approvals.approve(actor=CHECKER, at=town.clock(), approval_id=asked)

    after = {one.position: one.state for one in queries.came_since(merge_id=merge_id)}
    assert after == {one.position: Came.MOVED if one == paper else Came.HERE for one in came}
    with pytest.raises(operations.NothingToSort):
        ask([paper.position])
    assert outcomes(database, "customers.move_since") == ["done"]
    assert outcomes(database, "customers.check_move_since") == [
        "refused", "done", "refused",
    ]  # fmt: skip


def outcomes(database: Any, action: str) -> list[str]:
    """What the log says of every try of an act, in their order."""
    with database.as_owner() as link:
        return [
            row[0]
            for row in link.execute(
                "select convert_from(body, 'UTF8')::jsonb ->> 'outcome' from audit_leaf"
                " where convert_from(body, 'UTF8')::jsonb ->> 'action' = %s order by id",
                [action],
            )
        ]


def test_a_merge_that_holds_and_one_that_is_unknown_have_nothing_to_sort(town: Any) -> None:
    stays, goes = (town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(2))
    merge_id = merge(town, goes.customer_id, stays.customer_id)

    for one in (merge_id, new_id(town.clock())):
        assert queries.came_since(merge_id=one) == []
        with pytest.raises(operations.MergeNotTakenBack):
            operations.check_move_since(
                actor=MAKER, at=town.clock(), merge_id=one, positions=[0]
            )  # fmt: skip


def test_a_payment_that_came_in_between_is_told_of_and_keeps_its_payer(town: Any) -> None:
    stays, goes = (town.debtor(None, CustomerKind.GCC, 9_000, verified=False) for _ in range(2))
    before = town.pay(stays, 1_000)
    merge_id = merge(town, goes.customer_id, stays.customer_id)
    paid = town.pay(stays, 2_000)
    unmerge(town, merge_id)
    town.pay(stays, 3_000)

    came = queries.came_since(merge_id=merge_id)

    told = [one for one in came if one.name == "payments_payment.customer_id"]
    assert [(one.key, one.state) for one in told] == [
        ((str(stays.account_id), str(paid)), Came.STAYS)
    ]
    assert told[0].day == town.now.date()
    assert str(before) not in {key for one in came for key in one.key}
    with pytest.raises(operations.NothingToSort):
        operations.check_move_since(
            actor=MAKER, at=town.clock(), merge_id=merge_id, positions=[told[0].position]
        )  # fmt: skip


def test_what_moves_on_out_of_a_later_merge_is_told_with_the_earlier_one_of_the_chain(
    town: Any,
) -> None:
    """A became B, and B became C; what came to C in those days was A's."""
    things = Things(town)
    a, b, c = (town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(3))
    first = merge(town, a.customer_id, b.customer_id)
    things.paper(b)
    second = merge(town, b.customer_id, c.customer_id)
    things.paper(c)
    things.contact(c)
    unmerge(town, second)
    unmerge(town, first)
    [own] = queries.came_since(merge_id=first)
    later = queries.came_since(merge_id=second)
    paper = next(one for one in later if one.name.startswith("customers_document"))

    sort(town, second, paper.position)

    names = [(one.position, one.key, one.state) for one in queries.came_since(merge_id=first)]
    assert names == [(0, own.key, Came.HERE), (1, paper.key, Came.HERE)]
    sort(town, first, 1)
    assert [one.state for one in queries.came_since(merge_id=first)] == [Came.HERE, Came.MOVED]
    assert [one.state for one in queries.came_since(merge_id=second)].count(Came.MOVED) == 1


def sort(town: Any, merge_id: UUID, position: int) -> None:
    asked = operations.propose_move_since(
        actor=MAKER, at=town.clock(), approval_id=new_id(town.clock()), merge_id=merge_id,
        positions=[position], reason="it is the other one's",
    )  # fmt: skip
    approvals.approve(actor=CHECKER, at=town.clock(), approval_id=asked)
