"""Every night: what each meter used of the running month, months that nobody read, the lake's files
put in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from tahseel.consumption.readings import judging, operations, running, tidying
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import queries as supply

ACTOR = system("readings")
KEEPER = system("lake")
AT_ONCE = 5_000


def _so_far(at: datetime, day: date) -> Mapping[str, Any]:
    """The month in which the day before `day` lies, up to `day`: on the first, the whole month."""
    month = BillingMonth.of(day - timedelta(days=1))
    ids = [account.id for account in supply.accounts_in(month=month)]
    written = 0
    for first in range(0, len(ids), AT_ONCE):
        written += running.determine(
            actor=ACTOR,
            at=at,
            month=month,
            until=day,
            account_ids=ids[first : first + AT_ONCE],
        )
    return {"month": str(month), "accounts": len(ids), "written": written}


def _guess(at: datetime, day: date) -> Mapping[str, Any]:
    """Months whose days of waiting for a read are over, the oldest first."""
    rule, written = judging.rules().gap_rule(), {}
    last = BillingMonth.of(day).previous()
    for number in reversed(range(rule.wait_months if rule.wait_days else 0)):
        month = BillingMonth.from_ordinal(last.ordinal - number)
        if day < month.period.end + timedelta(days=rule.wait_days):
            continue
        ids = [account.id for account in supply.accounts_in(month=month)]
        guessed = sum(
            len(
                operations.guess_unread(
                    actor=ACTOR, at=at, month=month, account_ids=ids[first : first + AT_ONCE]
                )
            )
            for first in range(0, len(ids), AT_ONCE)
        )
        if guessed:
            written[str(month)] = guessed
    return {"guessed": written}


def _tidy(at: datetime, day: date) -> Mapping[str, Any]:
    """A month is then read from few files."""
    done = tidying.tidy(actor=KEEPER, at=at, today=day)
    return {"months": done.months, "deleted": done.deleted}


SO_FAR = DayJob("readings.so_far", _so_far, Missed.COVERED, in_parts=True)
GUESS = DayJob("readings.guess_unread", _guess, Missed.COVERED, in_parts=True)
TIDY = DayJob("readings.tidy_lake", _tidy, Missed.COVERED, in_parts=True)
JOBS = (SO_FAR, GUESS, TIDY)
