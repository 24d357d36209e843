"""A held bill goes to the field: what the crew found comes back to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from tests.integration.charging.billing.test_holding import (
    LATER,
    denied,
    july,
    measured,
    odd,
    street,
)
from tests.integration.charging.billing.test_run import JUNE, Street
from tests.integration.registry.town import CLERK, HEAD

from tahseel.charging.billing import operations, queries
from tahseel.charging.billing.operations import sending
from tahseel.charging.billing.values import Held, HeldState
from tahseel.consumption.exceptions import operations as exceptions
from tahseel.consumption.exceptions import queries as orders
from tahseel.consumption.exceptions.operations import ordering
from tahseel.consumption.exceptions.values import OrderKind, OrderState
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money

__all__ = ["street"]
CREW = Actor(CLERK.kind, "inspector-1", "inspector", frozenset({"inspector"}))
READER = Actor(CLERK.kind, "reader-1", "reader", frozenset({"meter_reader"}))


def sent(street: Street, account: UUID, held: Held, **more: Any) -> UUID:
    told: dict[str, Any] = {
        "order_id": new_id(LATER), "meter_id": street.meters[account][0],
        "kind": OrderKind.TEST, "task": "ten times the usual: read the dial again",
    }  # fmt: skip
    operations.send_to_field(
        actor=CLERK, at=LATER, account_id=account, held_id=held.id, **{**told, **more}
    )
    order_id: UUID = {**told, **more}["order_id"]
    return order_id


def test_what_the_crew_found_stands_beside_the_bill_also_when_it_is_held_anew(
    street: Street,
) -> None:
    account, held = odd(street)

    order_id = sent(street, account, held)
    exceptions.report_order(
        actor=CREW, at=LATER, order_id=order_id, done=True, done_on=LATER.date(),
        result="the dial shows 52 000",
    )  # fmt: skip
    measured(street, account, 2, wh=44_000_000)
    operations.look_again(actor=HEAD, at=LATER, account_id=account, held_id=held.id)

    [anew] = queries.held_back()
    [order] = orders.orders_about(about=[anew.about])[anew.about]
    assert (anew.id != held.id, anew.about) == (True, held.about)
    assert (order.id, order.state, order.result) == (
        order_id, OrderState.DONE, "the dial shows 52 000",
    )  # fmt: skip


def test_the_same_order_goes_out_once_and_another_waits_for_it(street: Street) -> None:
    account, held = odd(street)

    order_id = sent(street, account, held)
    sent(street, account, held, order_id=order_id)
    denied(lambda: sent(street, account, held), ordering.OrderOut, "billing.send_to_field")

    assert [one.id for one in orders.orders_out()] == [order_id]


def test_a_crew_is_sent_by_the_counter_to_a_meter_of_the_bill_and_cuts_nobody_off(
    street: Street,
) -> None:
    account, held = odd(street)
    other = street.meters[street.accounts[1]][0]

    for more, refusal in (
        ({"meter_id": other}, sending.HeldMeterUnknown),
        ({"kind": OrderKind.DISCONNECT}, sending.HeldTaskWrong),
        ({"task": " "}, ordering.OrderTextMissing),
    ):
        denied(lambda m=more: sent(street, account, held, **m), refusal, "billing.send_to_field")
    for actor in (READER, CREW):
        denied(
            lambda who=actor: operations.send_to_field(
                actor=who, at=LATER, order_id=new_id(LATER), account_id=account, held_id=held.id,
                meter_id=street.meters[account][0], kind=OrderKind.TEST, task="look",
            ),
            NotAllowed, "billing.send_to_field",
        )  # fmt: skip

    assert orders.orders_out() == []


def test_a_quantity_that_was_put_right_is_billed_when_somebody_looks_again(street: Street) -> None:
    account, held = odd(street)
    measured(street, account, 2, wh=4_400_000)

    seen = operations.look_again(actor=HEAD, at=LATER, account_id=account, held_id=held.id)

    assert seen.state is HeldState.CLEARED
    assert july(account) == [Money(22_000)]
    assert queries.held_back() == []


def test_the_same_quantity_stays_held_and_a_clerk_does_not_decide(street: Street) -> None:
    account, held = odd(street)

    seen = operations.look_again(actor=HEAD, at=LATER, account_id=account, held_id=held.id)

    assert seen == held
    assert july(account) == []
    denied(
        lambda: operations.look_again(
            actor=CLERK, at=LATER, account_id=account, held_id=held.id
        ),
        NotAllowed, "billing.look_again",
    )  # fmt: skip


def test_an_order_for_a_bill_says_what_it_is_for_in_the_database_itself(street: Street) -> None:
    account, held = odd(street)
    order_id = sent(street, account, held)

    order = orders.field_order(order_id=order_id)

    assert order is not None
    assert (order.exception_id, order.about) == (None, held.about)
    assert replace(held, month=JUNE).about != held.about
