"""A month that is over, looked at again: who could not be billed by its run, and can be now.

A meter that was read late, an account that was recorded late, a sector that was named late, a held
bill whose quantity was put right: each is billed in the night after, not by the next month's run.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.charging.billing import queries, rest, rules
from tahseel.charging.billing.operations import withholding
from tahseel.charging.billing.operations.running import by_account, looked_at, price, run
from tahseel.charging.billing.values import RunReport
from tahseel.consumption.readings import operations as readings
from tahseel.kernel.actor import Actor
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import queries as supply


def bill_waiting(
    *, actor: Actor, at: datetime, month: BillingMonth, issued_on: date
) -> RunReport | None:
    """Bill the accounts of a month that wait for a bill and have become billable.

    An account that no run has seen is parked with its reason where it is not. None, and nothing is
    written of bills, where no run has been over the month or nothing is new: an account that stays
    parked, or held, for the same stays as it is, and what stood empty all month is nobody's work.
    """
    ready = _ready(actor, at, month) if queries.was_run(month=month) else []
    if not ready:
        return None
    return run(actor=actor, at=at, month=month, issued_on=issued_on, account_ids=ready)


def _ready(actor: Actor, at: datetime, month: BillingMonth) -> list[UUID]:
    without = queries.waiting(month=month)
    until = queries.billed_until(month=month, account_ids=without)
    waiting = [
        account
        for account in supply.billable_accounts(month=month, account_ids=without)
        if until.get(account.account_id, account.from_day) < account.until_day
        and any(one.customer_id is not None for one in account.liabilities)
    ]
    if not waiting:
        return []
    ids = [account.account_id for account in waiting]
    readings.determine(actor=actor, at=at, month=month, account_ids=ids)
    accounts, quantities = rest.of_month(
        month=month, accounts=waiting, quantities=by_account(month, ids)
    )
    priced, unpriced = price(accounts, quantities, month, rules.policy().book)
    bills, held = looked_at(priced, month)
    parked = queries.parked_for(month=month, account_ids=[one.account_id for one in unpriced])
    known = withholding.open_digests(month, [one.account_id for one in held])
    new = {one.account_id for one in held if known.get(one.account_id) != one.digest}
    new |= {one.account_id for one in unpriced if parked.get(one.account_id) != one.refusal.code}
    return sorted({bill.account_id for bill in bills} | new)
