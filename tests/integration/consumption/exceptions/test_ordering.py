"""A crew is sent, and somebody else says what it found."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.integration.consumption.exceptions.test_restating import (
    CLERK,
    HEAD,
    READER,
    outcomes,
    spiked,
    staff,
    the,
)
from tests.integration.consumption.lake_days import AT

from tahseel.consumption.exceptions import operations, queries
from tahseel.consumption.exceptions.operations.ordering import DayNotPassed, OrderOut
from tahseel.consumption.exceptions.values import OrderKind, OrderState
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.states import WrongState

INSPECTOR = staff("inspector", "inspector")
BOTH = staff("both", "clerk", "supply_engineer")
LATER = AT + timedelta(days=2)
THERE = date(2026, 6, 11)


def send(home: Any, who: Any = CLERK, **facts: Any) -> UUID:
    told: dict[str, Any] = {"order_id": new_id(AT), "kind": OrderKind.INVESTIGATE} | facts
    told |= {"exception_id": the(home, "spike").id, "task": "Look at the seal"}
    operations.send_order(actor=who, at=AT, **told)
    order: UUID = told["order_id"]
    return order


def report(order: UUID, who: Any = INSPECTOR, **facts: Any) -> None:
    told: dict[str, Any] = {"done": True, "done_on": THERE, "result": "The seal is broken"}
    operations.report_order(actor=who, at=LATER, order_id=order, **(told | facts))


def test_an_order_comes_back_with_what_the_crew_found(street: Any, places: Path) -> None:
    home = spiked(street, places)
    order = send(home)
    out = [one.id for one in queries.orders_out()]

    report(order)

    [found] = queries.orders_of(exception_id=the(home, "spike").id)
    assert out == [order]
    assert (found.state, found.result, found.done_on) == (
        OrderState.DONE, "The seal is broken", THERE,
    )  # fmt: skip
    assert (found.ordered_by, found.closed_by) == (CLERK.id, INSPECTOR.id)
    assert queries.orders_out() == []


def test_the_same_order_again_is_one_order_and_another_under_its_id_is_refused(
    street: Any, places: Path
) -> None:
    home = spiked(street, places)
    order = send(home)

    send(home, order_id=order)
    with pytest.raises(InputDiffers):
        send(home, order_id=order, kind=OrderKind.TEST)

    assert [one.kind for one in queries.orders_out()] == [OrderKind.INVESTIGATE]


def test_one_crew_at_a_time_is_out_for_an_exception(street: Any, places: Path) -> None:
    home = spiked(street, places)
    first = send(home)
    with pytest.raises(OrderOut):
        send(home)
    report(first, done=False, result="Nobody opened")

    send(home, kind=OrderKind.TEST)

    assert [one.kind for one in queries.orders_out()] == [OrderKind.TEST]


@pytest.mark.parametrize("who", [HEAD, READER])
def test_only_the_field_reports_a_result(street: Any, places: Path, who: Any) -> None:
    order = send(spiked(street, places))
    before = queries.field_order(order_id=order)

    with pytest.raises(NotAllowed):
        report(order, who)

    assert queries.field_order(order_id=order) == before
    assert outcomes("exceptions.report_order") == ["denied"]


def test_whoever_sent_a_crew_does_not_report_for_it(street: Any, places: Path) -> None:
    order = send(spiked(street, places), BOTH)

    with pytest.raises(NotAllowed):
        report(order, BOTH)

    assert [one.id for one in queries.orders_out()] == [order]


def test_a_crew_was_there_after_the_order_and_not_in_the_future(street: Any, places: Path) -> None:
    order = send(spiked(street, places))

    for day in (date(2026, 6, 9), date(2026, 6, 13)):
        with pytest.raises(DayNotPassed):
            report(order, done_on=day)

    assert [one.id for one in queries.orders_out()] == [order]


def test_a_crew_that_was_called_back_reports_nothing(street: Any, places: Path) -> None:
    order = send(spiked(street, places))
    operations.withdraw_order(actor=HEAD, at=LATER, order_id=order, reason="The read has come")

    with pytest.raises(WrongState):
        report(order)

    assert [queries.field_order(order_id=order).state] == [OrderState.WITHDRAWN]  # type: ignore[union-attr]


def test_only_an_open_exception_sends_a_crew(street: Any, places: Path) -> None:
    home = spiked(street, places)
    spike = the(home, "spike").id
    operations.accept(actor=HEAD, at=AT, exception_id=spike, reason="a feast")

    with pytest.raises(WrongState):
        operations.send_order(
            actor=CLERK, at=AT, order_id=new_id(AT), exception_id=spike, kind=OrderKind.TEST,
            task="Test it",
        )  # fmt: skip

    assert queries.orders_out() == []
