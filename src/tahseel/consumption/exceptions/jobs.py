"""Every night: what came since the night before is judged, and the work-list follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tahseel.consumption.exceptions import operations, queries
from tahseel.consumption.readings import operations as readings_operations
from tahseel.consumption.readings import queries as readings
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import queries as supply

ACTOR = system("exceptions")
ACCOUNTS_AT_ONCE = 1_000


def _night(at: datetime, day: date) -> Mapping[str, Any]:
    """The running month for every account, since a day without reads is news too; others as they
    changed. The first night takes the whole month before.
    """
    version, since, means = readings.lake_version(), queries.last_run(), queries.mean_prices()
    opened = changed = cleared = estimated = 0
    for month, account_ids in _months(day, since):
        for some in _chunks(account_ids):
            done = operations.judge(
                actor=ACTOR, at=at, month=month, until=day, account_ids=some, means=means
            )
            opened, changed = opened + done.opened, changed + done.changed
            cleared += done.cleared
            if month.ordinal < BillingMonth.of(day).ordinal:
                estimated += _settle(at, month, some)
    operations.record_run(actor=ACTOR, at=at, day=day, lake_version=version)
    return {
        "opened": opened,
        "changed": changed,
        "cleared": cleared,
        "estimated": estimated,
        "lake_version": version,
    }


def _settle(at: datetime, month: BillingMonth, account_ids: Sequence[UUID]) -> int:
    """A month that is over: what needs no person is estimated, what was determined follows."""
    done = operations.estimate_by_policy(actor=ACTOR, at=at, month=month, account_ids=account_ids)
    readings_operations.redetermine(actor=ACTOR, at=at, month=month, account_ids=account_ids)
    return done


def _months(
    day: date, since: queries.LastRun | None
) -> Iterator[tuple[BillingMonth, Sequence[UUID]]]:
    running = BillingMonth.of(day)
    if since is None:
        yield running.previous(), [a.id for a in supply.accounts_in(month=running.previous())]
    else:
        touched = readings.touched_since(lake_version=since.lake_version, at=since.at)
        for month in sorted(touched, key=lambda m: m.ordinal):
            if month.ordinal < running.ordinal:
                yield month, sorted(touched[month])
    yield running, [account.id for account in supply.accounts_in(month=running)]


def _chunks(account_ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    for at in range(0, len(account_ids), ACCOUNTS_AT_ONCE):
        yield list(account_ids[at : at + ACCOUNTS_AT_ONCE])


NIGHT = DayJob("exceptions.night", _night, Missed.COVERED, in_parts=True)
JOBS = (NIGHT,)
