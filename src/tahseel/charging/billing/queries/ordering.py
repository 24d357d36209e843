"""Runs that were asked for: which is next, and how each went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.charging.billing.queries.progressing import RUNS_MAX
from tahseel.charging.billing.values import Expected, OrderedRun, OrderState, Totals, Wanted
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth

_FIELDS = """
select id, wanted::text, expected::text, state, asked_by, agreed_by, agreed_at, begins_at,
  issued_on, began_at, ended_at, starts, faults, fault, reason, ended_by from billing_ordered
"""


def ordered_run(*, order_id: UUID) -> OrderedRun | None:
    """One, or None where nobody agreed to any of this id."""
    found = _read("where id = %s", [order_id])
    return found[0] if found else None


def ordered_runs(*, limit: int = RUNS_MAX) -> list[OrderedRun]:
    """The newest first."""
    return _read("order by agreed_at desc, id limit %s", [min(limit, RUNS_MAX)])


def next_ordered(*, at: datetime) -> OrderedRun | None:
    """What a worker takes up next: one that was broken off, else the first whose time has come."""
    found = _read(
        "where state = 'running' or (state = 'waiting' and begins_at <= %s)"
        " order by (state = 'running') desc, begins_at, id limit 1",
        [at],
    )
    return found[0] if found else None


def written_by(*, run_id: UUID, month: BillingMonth) -> tuple[int, int, Totals]:
    """Accounts, lines, and the bills that a run has written so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "with own as (select account_id, id, total_fils from billing_bill"
            "  where month = %s and run_id = %s)"
            " select (select count(distinct account_id) from own),"
            "  (select count(*) from own join billing_line l"
            "    on l.account_id = own.account_id and l.bill_id = own.id),"
            "  (select count(*) from own), (select coalesce(sum(total_fils), 0) from own)",
            [month.ordinal, run_id],
        )
        accounts, lines, bills, total = cursor.fetchone()
    return accounts, lines, Totals(bills, Money(int(total)))


def _read(where: str, values: Sequence[Any]) -> list[OrderedRun]:
    with connection.cursor() as cursor:
        cursor.execute(_FIELDS + where, values)
        return [_order(*row) for row in cursor.fetchall()]


def _order(order_id: UUID, wanted: Any, expected: Any, state: str, *rest: Any) -> OrderedRun:
    return OrderedRun(
        order_id, Wanted.from_dict(orjson.loads(wanted)), Expected(**orjson.loads(expected)),
        OrderState(state), *rest,
    )  # fmt: skip
