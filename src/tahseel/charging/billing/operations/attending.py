"""The worker's side of runs that were asked for: one at a time, taken up again where it broke off.

A run that was killed is still on record as running, while the lock that its process held is free:
the next worker makes the same run under the same id. What was billed stays billed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from tahseel.charging.billing import queries
from tahseel.charging.billing.operations import ordering, running
from tahseel.charging.billing.queries.progressing import KEY
from tahseel.charging.billing.values import ORDER_LIFE, OrderedRun, OrderState
from tahseel.charging.sales import operations as sales
from tahseel.consumption.readings import operations as readings
from tahseel.kernel.actor import system
from tahseel.kernel.errors import Fault
from tahseel.kernel.period import local_day
from tahseel.trust.audit import operations as audit

ACTOR = system("bill-run")
FAULTS_MAX = 5
FAULT_LETTERS_MAX = 500
# The lock of whoever makes an ordered run: a class of ours, beside that of runs that live.
MAKES = 20_508


def run_due(*, at: datetime) -> bool:
    """Make the next ordered run, whole; True when there may be another one.

    What breaks it is kept on record and raised again; after FAULTS_MAX it is given up. A database
    or a neighbour that is away is no fault of the run.
    """
    found = queries.next_ordered(at=at)
    if found is None:
        return False
    with _alone(found.id) as alone:
        order = _begin(found.id, at) if alone else None
        if order is None:
            return False
        try:
            _make(order, at)
        except (DatabaseError, Fault):
            raise
        except Exception as error:
            _broke(order, at, error)
            raise
        return True


@contextmanager
def _alone(order_id: UUID) -> Iterator[bool]:
    """Hold the order's lock for the session: it outlives commits and falls with the process."""
    values: dict[str, str | int] = {"run": str(order_id), "class": MAKES}
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_try_advisory_lock(%(class)s, {KEY})", values)
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(f"select pg_advisory_unlock(%(class)s, {KEY})", values)


def _begin(order_id: UUID, at: datetime) -> OrderedRun | None:
    """The order, begun; None where it was called off meanwhile. Bills keep their first day."""
    with transaction.atomic():
        order = ordering.locked(order_id)
        again = order.state is OrderState.RUNNING
        if not again and not ORDER_LIFE.allows(order.state, OrderState.RUNNING):
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                "update billing_ordered set state = %s, starts = starts + 1,"
                " began_at = coalesce(began_at, %s), issued_on = coalesce(issued_on, %s)"
                " where id = %s",
                [OrderState.RUNNING, at, local_day(at), order_id],
            )
        _leaf(order, at, action="billing.begin_run", starts=order.starts + 1)
        return queries.ordered_run(order_id=order_id)


def _make(order: OrderedRun, at: datetime) -> None:
    """What the month's run of the night does, for those who are wanted."""
    if queries.run_record(run_id=order.id) is None:
        wanted, issued_on = order.wanted, order.issued_on or local_day(at)
        ids = queries.chosen(
            month=wanted.month, governorate=wanted.governorate, cycle=wanted.cycle,
            numbers=wanted.numbers,
        )  # fmt: skip
        if wanted.whole:
            sales.bill_month(actor=ACTOR, at=at, month=wanted.month, issued_on=issued_on)
        readings.determine(actor=ACTOR, at=at, month=wanted.month)
        running.run(
            actor=ACTOR, at=at, month=wanted.month, issued_on=issued_on, account_ids=ids,
            run_id=order.id,
        )  # fmt: skip
    _end(order, OrderState.DONE, at)


def _broke(order: OrderedRun, at: datetime, error: Exception) -> None:
    """Keep what broke it; give up where it broke too often."""
    told = f"{type(error).__name__}: {error}"[:FAULT_LETTERS_MAX]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update billing_ordered set faults = faults + 1, fault = %s where id = %s",
            [told, order.id],
        )
        _leaf(order, at, action="billing.run_broke", fault=told)
        if order.faults + 1 >= FAULTS_MAX:
            _end(order, OrderState.FAILED, at)


def _end(order: OrderedRun, state: OrderState, at: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update billing_ordered set state = %s, ended_at = %s, ended_by = %s where id = %s",
            [ORDER_LIFE.require(order.state, state), at, ACTOR.id, order.id],
        )
        _leaf(order, at, action="billing.end_run", state=str(state))


def _leaf(order: OrderedRun, at: datetime, *, action: str, **facts: object) -> None:
    audit.record(
        actor=ACTOR, action=action, subject=str(order.id), at=at,
        facts={**order.wanted.as_dict(), **facts},
    )  # fmt: skip
