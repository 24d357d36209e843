"""A parallel run: a month billed as the old system did, compared, and nothing of it issued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection

from tahseel.charging.billing import comparing, rules
from tahseel.charging.billing.comparing import Known
from tahseel.charging.billing.operations import running
from tahseel.charging.billing.values import Comparison, OldLine, PricedBill
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import queries as supply
from tahseel.trust.audit import operations as audit

DIFFERENCES_KEPT_MAX = 5_000
Progress = Callable[[int, int], object]


@audit.audited("billing.compare", subject="month")
def compare(
    *,
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    system: str,
    old: Sequence[OldLine],
    progress: Progress | None = None,
) -> Comparison:
    """Price a month of every account and set it beside the old system's lines.

    What is on record afterwards is the comparison, with its largest differences; no bill, entry or
    claim is written.
    """
    found = Comparison(month, system)
    ids = supply.open_accounts(month=month)
    mine = set(ids)
    by_account: dict[UUID, list[OldLine]] = defaultdict(list)
    strangers = [line for line in old if line.account_id not in mine]
    for line in old:
        if line.account_id is not None:
            by_account[line.account_id].append(line)
    book, done = rules.policy().book, 0
    comparing.compare(found=found, known={}, old=strangers, book=book)
    with bulk.uncollected():
        for chunk in running.chunks(ids):
            known = _known(month, chunk, found)
            lines = [line for one in known for line in by_account.get(one, ())]
            comparing.compare(found=found, known=known, old=lines, book=book)
            done += len(chunk)
            if progress:
                progress(done, len(ids))
    _record(found, at)
    audit.note(system=system, equal=found.equal, differing=len(found.differences))
    return found


def _known(month: BillingMonth, chunk: Sequence[UUID], found: Comparison) -> dict[UUID, Known]:
    """What we would bill these accounts for the month, whatever of it is billed already."""
    accounts = supply.billable_accounts(month=month, account_ids=chunk)
    quantities = running.by_account(month, chunk)
    bills, parked = running.price(accounts, quantities, month, rules.policy().book)
    _, held = running.looked_at(bills, month)
    found.held += len(held)
    mine: dict[UUID, list[PricedBill]] = defaultdict(list)
    for bill in bills:
        mine[bill.account_id].append(bill)
    why = {one.account_id: one.refusal.code for one in parked}
    return {
        one.account_id: Known(
            one,
            quantities.get(one.account_id, ()),
            mine.get(one.account_id, ()),
            why.get(one.account_id, ""),
        )
        for one in accounts
    }


def _record(found: Comparison, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into billing_comparison (id, month, system, recorded_at, report)"
            " values (%s, %s, %s, %s, %s)",
            [
                new_id(at),
                found.month.ordinal,
                found.system,
                at,
                orjson.dumps(found.as_dict(limit=DIFFERENCES_KEPT_MAX)).decode(),
            ],
        )
