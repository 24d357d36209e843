"""What the slice announces: one event a chunk of a run; the claims announce each account.

Beside it the average prices of what was billed, and each find of bills that name somebody who does
not answer for their days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tahseel.charging.billing.values import Bill, Corrected
from tahseel.kernel import outbox, telling
from tahseel.kernel.cells import Column
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

PRICES_MAX = 1_000

ISSUED = "billing:bills:issued"
AVERAGED = "billing:prices:averaged"
MISDIRECTED = "billing:bills:misdirected"
CORRECTED = "billing:bill:corrected"


def announce_issued(
    *, run_id: UUID, month: BillingMonth, bills: int, total_fils: int, at: datetime
) -> None:
    """Facts: `run_id`, `month`, `count`, `total_fils`; the subject is the run."""
    outbox.announce(
        name=ISSUED,
        subject=str(run_id),
        at=at,
        facts={
            "run_id": str(run_id),
            "month": str(month),
            "count": bills,
            "total_fils": total_fils,
        },
    )


def announce_prices(
    *, month: BillingMonth, prices: Sequence[tuple[UUID, Service, int, int]], at: datetime
) -> None:
    """What each account paid for what it used, for whoever weighs a quantity in money.

    prices: account, service, quantity (Wh or litres, above zero) and fils, of one bill each; told
    PRICES_MAX at once. Facts: `month`, and `prices` in the same order; the subject is the month.
    """
    for first in range(0, len(prices), PRICES_MAX):
        some = prices[first : first + PRICES_MAX]
        outbox.announce(
            name=AVERAGED,
            subject=str(month),
            at=at,
            facts={
                "month": str(month),
                "prices": [[str(account), str(service), q, f] for account, service, q, f in some],
            },
        )


def announce_prices_in_columns(*, month: BillingMonth, prices: Column, at: datetime) -> None:
    """The same of many: each cell is one of the prices as JSON, and a comma; all lie in order."""
    head = f'{{"month":"{month}","prices":['.encode()
    ends = prices.start + prices.width
    facts = []
    for first in range(0, len(prices), PRICES_MAX):
        last = min(first + PRICES_MAX, len(prices)) - 1
        some = prices.store[prices.start[first] : ends[last] - 1]
        facts.append(head + some.tobytes() + b"]}")
    telling.announce_texts(name=AVERAGED, subject=str(month), facts=facts, at=at)


def misdirected(
    *, account_id: UUID, misdirected_id: UUID, bills: int, fils: int, at: datetime
) -> None:
    """Facts: `count`, `total_fils` of the bills; the subject is the piece of work."""
    outbox.announce(
        name=MISDIRECTED,
        subject=str(misdirected_id),
        account_id=account_id,
        at=at,
        facts={"count": bills, "total_fils": fils},
    )


def corrected(*, bill: Bill, done: Corrected, at: datetime) -> None:
    """Facts: `corrects`, `number`, `before_fils`, `after_fils`; the subject is the new bill."""
    outbox.announce(
        name=CORRECTED,
        subject=str(done.bill_id),
        account_id=bill.account_id,
        at=at,
        facts={
            "corrects": str(bill.id),
            "number": done.number,
            "before_fils": done.before.fils,
            "after_fils": done.after.fils,
        },
    )
