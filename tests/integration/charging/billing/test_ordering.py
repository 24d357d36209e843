"""A run that is asked for, agreed to by a second person, and made by the worker, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.charging.billing.test_run import JULY, Street, counted, street, use
from tests.integration.registry.town import AT, CLERK

from tahseel.charging.billing import operations, queries
from tahseel.charging.billing.operations import attending, ordering
from tahseel.charging.billing.values import OrderState, Wanted
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth, local_day
from tahseel.kernel.states import WrongState
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.audit import queries as audit

__all__ = ["street"]
MANAGER = Actor(CLERK.kind, "manager-1", "manager", frozenset({"revenue_manager"}))
DEPUTY = Actor(CLERK.kind, "manager-2", "deputy", frozenset({"revenue_manager"}))
NOW = AT.replace(year=2026, month=8, day=2, hour=8)


@pytest.fixture(autouse=True)
def registered(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people decide; what was used is on record already."""
    ordering.register()
    monkeypatch.setattr(attending.readings, "determine", lambda **told: None)
    monkeypatch.setattr(attending.sales, "bill_month", lambda **told: None)
    use(street, street.accounts, JULY, wh=3_000_000, litres=0)


def asked(**more: Any) -> UUID:
    told = {"approval_id": new_id(NOW), "wanted": Wanted(JULY), "reason": "the cycle is read"}
    return operations.ask_run(actor=MANAGER, at=NOW, **{**told, **more})


def agreed(**more: Any) -> UUID:
    order_id = asked(**more)
    approvals.approve(actor=DEPUTY, at=NOW, approval_id=order_id)
    return order_id


def state(order_id: UUID) -> OrderState | None:
    order = queries.ordered_run(order_id=order_id)
    return order.state if order else None


def test_a_run_is_made_after_two_people_and_not_before(street: Street) -> None:
    order_id = asked()
    before = (operations.run_due(at=NOW), state(order_id), counted("billing_bill"))
    with pytest.raises(NotAllowed):
        approvals.approve(actor=MANAGER, at=NOW, approval_id=order_id)

    approvals.approve(actor=DEPUTY, at=NOW, approval_id=order_id)
    made = (operations.run_due(at=NOW), operations.run_due(at=NOW))

    assert before == (False, None, 0)
    assert made == (True, False)
    order = queries.ordered_run(order_id=order_id)
    assert order is not None
    assert (order.state, order.asked_by, order.agreed_by) == ("done", "manager-1", "manager-2")
    assert (order.expected.bills, order.expected.total_fils) == (3, 45_000)
    record = queries.run_record(run_id=order_id)
    assert record is not None
    assert (record.bills, record.total.fils, counted("billing_bill")) == (3, 45_000, 3)


@pytest.mark.parametrize("who", [CLERK, replace(MANAGER, roles=frozenset({"office_head"}))])
def test_nobody_but_a_revenue_manager_asks_or_calls_off(street: Street, who: Actor) -> None:
    order_id = agreed()

    with pytest.raises(NotAllowed):
        operations.ask_run(
            actor=who, at=NOW, approval_id=new_id(NOW), wanted=Wanted(JULY), reason="x"
        )
    with pytest.raises(NotAllowed):
        operations.cancel_run(actor=who, at=NOW, order_id=order_id, reason="x")

    assert state(order_id) is OrderState.WAITING
    denied = [leaf for leaf in leaves() if leaf["outcome"] == "denied"]
    assert {leaf["action"] for leaf in denied} == {"billing.ask_run", "billing.cancel_run"}


def leaves() -> list[dict[str, Any]]:
    return list(audit.leaves_between(since=NOW - timedelta(1), until=NOW + timedelta(1)))


def test_the_same_again_asks_once_and_another_input_is_refused(street: Street) -> None:
    order_id = asked()

    again = asked(approval_id=order_id)
    with pytest.raises(Refusal) as other:
        asked(approval_id=order_id, hour=20)

    assert (again, other.value.code) == (order_id, "input_differs")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"wanted": Wanted(BillingMonth(2026, 8))}, "run_month_not_over"),
        ({"wanted": Wanted(JULY, governorate="moon")}, "run_governorate_unknown"),
        ({"wanted": Wanted(JULY, numbers=("000",))}, "run_accounts_unknown"),
        ({"wanted": Wanted(JULY, numbers=("1",) * 2_001)}, "run_list_too_long"),
        ({"hour": 24}, "run_hour_wrong"),
        ({"reason": " "}, "reason_missing"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(
    street: Street, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        asked(**more)

    assert refused.value.code == code
    assert counted("approvals_approval") == 0


def test_a_month_in_which_nobody_waits_is_not_run_again(street: Street) -> None:
    agreed()
    operations.run_due(at=NOW)

    with pytest.raises(Refusal) as refused:
        asked()

    assert refused.value.code == "run_empty"


def test_a_run_waits_for_its_hour_and_can_be_called_off_until_then(street: Street) -> None:
    order_id = agreed(hour=20)
    order = queries.ordered_run(order_id=order_id)
    assert order is not None
    early = operations.run_due(at=order.begins_at - timedelta(seconds=1))

    operations.cancel_run(actor=MANAGER, at=NOW, order_id=order_id, reason="reads came late")
    late = operations.run_due(at=order.begins_at)

    assert (early, late, state(order_id)) == (False, False, OrderState.CANCELLED)
    assert counted("billing_bill") == 0
    with pytest.raises(WrongState):
        operations.cancel_run(actor=MANAGER, at=NOW, order_id=order_id, reason="again")


@pytest.mark.parametrize(("hour", "wall"), [(-1, 8), (9, 9), (8, 8), (7, 31), (0, 24)])
def test_an_hour_is_the_next_one_on_the_wall(hour: int, wall: int) -> None:
    eight = ordering.start_of(local_day(NOW)) + timedelta(hours=8)

    begins = ordering.begins_at(hour, eight)

    assert begins == ordering.start_of(local_day(NOW)) + timedelta(hours=wall)


def test_a_run_that_has_begun_is_not_called_off(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = agreed()
    found: list[str] = []

    def late(**told: Any) -> None:
        with pytest.raises(WrongState) as refused:
            operations.cancel_run(actor=MANAGER, at=NOW, order_id=order_id, reason="late")
        found.append(refused.value.code)

    monkeypatch.setattr(attending.readings, "determine", late)
    operations.run_due(at=NOW)

    assert (found, state(order_id)) == (["wrong_state"], OrderState.DONE)


def test_a_run_that_broke_off_is_taken_up_under_its_id_and_counts_all_its_bills(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tahseel.charging.billing.operations.running.CHUNK", 1)
    order_id, tell = agreed(), attending.running.progressing._tell

    def die(run_id: UUID, done: int) -> None:
        tell(run_id, done)
        if done == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("tahseel.charging.billing.operations.progressing._tell", die)
    with pytest.raises(KeyboardInterrupt):
        operations.run_due(at=NOW)
    midway = (state(order_id), counted("billing_bill"))
    monkeypatch.setattr("tahseel.charging.billing.operations.progressing._tell", tell)

    tomorrow = NOW + timedelta(days=1)
    operations.run_due(at=tomorrow)

    assert midway[0] is OrderState.RUNNING
    assert midway[1] >= 2  # the other lane ends what it has begun
    order, record = queries.ordered_run(order_id=order_id), queries.run_record(run_id=order_id)
    assert order is not None
    assert record is not None
    assert (order.state, order.starts, record.bills, record.total.fils) == ("done", 2, 3, 45_000)
    with connection.cursor() as cursor:
        cursor.execute("select (report ->> 'already_billed')::int from billing_run")
        assert cursor.fetchall() == [(0,)]
        cursor.execute("select distinct issued_on, run_id from billing_bill")
        assert cursor.fetchall() == [(local_day(NOW), order_id)]


def test_a_run_that_breaks_by_itself_says_what_broke_it_and_is_given_up(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = agreed()

    def fail(**told: Any) -> None:
        raise ValueError("a register without a dial")

    monkeypatch.setattr(attending.readings, "determine", fail)
    for _ in range(attending.FAULTS_MAX):
        with pytest.raises(ValueError, match="without a dial"):
            operations.run_due(at=NOW)

    order = queries.ordered_run(order_id=order_id)
    assert order is not None
    assert (order.state, order.fault) == ("failed", "ValueError: a register without a dial")
    assert operations.run_due(at=NOW) is False


def test_the_database_itself_keeps_what_was_agreed_to(street: Street) -> None:
    agreed()

    for change in ("set wanted = '{}'", "set agreed_by = 'me'"):
        with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(f"update billing_ordered {change}")
