"""What a bill run still has to bill of accounts that had a final bill inside the month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from tahseel.charging.billing import parting, queries, rules
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.period import BillingMonth, Period
from tahseel.registry.supply.values import BillableAccount

Quantities = dict[UUID, list[Determinant]]


def of_month(
    *, month: BillingMonth, accounts: Sequence[BillableAccount], quantities: Quantities
) -> tuple[list[BillableAccount], Quantities]:
    """The accounts with the days that no final bill covers, and what they used on these days.

    An account whose days all have a bill is left out.
    """
    until = queries.billed_until(
        month=month, account_ids=[account.account_id for account in accounts]
    )
    if not until:
        return list(accounts), quantities
    left = []
    wanted: dict[date, list[UUID]] = defaultdict(list)
    for account in accounts:
        day = until.get(account.account_id)
        if day is None:
            left.append(account)
        elif day < account.until_day:
            left.append(rules.from_day_on(account, day))
            wanted[day].append(account.account_id)
    return left, quantities | _used(month, wanted)


def _used(month: BillingMonth, wanted: Mapping[date, Sequence[UUID]]) -> Quantities:
    found: Quantities = {account: [] for accounts in wanted.values() for account in accounts}
    for day, account_ids in sorted(wanted.items()):
        period = Period(day, month.period.end)
        for one in readings.measured(month=month, period=period, account_ids=account_ids):
            found[one.account_id].append(one)
    return found


def measured(*, month: BillingMonth, accounts: Sequence[BillableAccount]) -> parting.Measured:
    """What was used in each payer's days, of the accounts whose payer changed inside the month."""
    wanted: dict[Period, list[UUID]] = defaultdict(list)
    for account in accounts:
        spans = parting.periods(account)
        for span in spans if len(spans) > 1 else ():
            wanted[span].append(account.account_id)
    found: dict[tuple[UUID, Period], list[Determinant]] = defaultdict(list)
    for span, ids in sorted(wanted.items(), key=lambda one: one[0].start):
        for used in readings.measured(month=month, period=span, account_ids=ids):
            found[used.account_id, span].append(used)
    return found
