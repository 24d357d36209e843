"""What is stored and settled once it is known: dials, other values, months, the lake's files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.consumption.readings import (
    determining,
    events,
    merging,
    queries,
    restating,
    storing,
)
from tahseel.consumption.readings.basis import ByLikeness
from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.merging import Merge
from tahseel.consumption.readings.values import (
    Determinant,
    DetermineReport,
    DialRead,
    Part,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

GUESSERS = ("office_head", "revenue_manager")


class NotEstimable(Refusal):
    """Nothing can be estimated for these days: too little is known of the meter's use."""

    code = "reading_not_estimable"
    text_ar = "لا يمكن تقدير قراءات هذه الأيام لقلة ما هو معروف عن استهلاك العداد"
    text_en = "These days cannot be estimated: too little is known of the meter's use"


@audited("readings.store_register_reads", subject="source")
def store_register_reads(
    *, actor: Actor, at: datetime, rows: Iterable[DialRead], source: str
) -> int:
    """Store many register reads by COPY; returns how many are new or differ from what stood.

    rows: DialRead or tuples in its order (meter_id, register, at, value, quality); value: Wh or
    litres on the dial, before the multiplier. A read that differs becomes a new version.
    """
    stored = storing.register_reads(rows, source=source, actor=actor, at=at)
    note(stored=stored)
    return stored


@audited("readings.estimate", subject="source")
def estimate(*, actor: Actor, at: datetime, part: Part, whole: bool, source: str) -> int:
    """Put estimates into the lake as the newest version; returns it.

    whole: for every interval of the part's days, else for those that did not come or that a rule
    sets aside. source: what decided, and its id. Raises NotEstimable.
    """
    return _restated(restating.estimated(part, whole=whole), part, source, actor=actor, at=at)


@audited("readings.edit", subject="source")
def edit(*, actor: Actor, at: datetime, part: Part, quantity: int, source: str) -> int:
    """Put what people say of a part's days into the lake as the newest version; returns it.

    quantity: base units over all the days, spread in the shape of the estimate. Raises
    NotEstimable.
    """
    note(quantity=quantity)
    return _restated(restating.told(part, quantity=quantity), part, source, actor=actor, at=at)


def _restated(series: Series | None, part: Part, source: str, *, actor: Actor, at: datetime) -> int:
    if series is None:
        raise NotEstimable()
    version = restating.store([series], source=source, actor=actor, at=at)
    note(meter=str(part.meter_id), register=part.register, version=version)
    note(first_day=str(part.days.start), until_day=str(part.days.end), intervals=len(series.starts))
    return version


@audited("readings.merge_files", subject="month")
def merge_files(*, actor: Actor, at: datetime, month: BillingMonth, merge: Merge) -> bool:
    """Put merged files of the lake in the place of those they were made of; no value changes.

    False where one of these is no longer there: then the new ones are thrown away.
    """
    lake = storing.locked_lake()
    done = lake.replace(merge.old, merge.new, at=at)
    if not done:
        lake.forget(merge.new)
    note(before=len(merge.old), after=len(merge.new), done=done)
    return done


@audited("readings.delete_unused_files", subject="day")
def delete_unused_files(*, actor: Actor, at: datetime, day: date) -> int:
    """Delete files of the lake's folder that nobody can need; returns how many.

    Those that a merge replaced long enough ago, and those of imports that never ended.
    """
    lake = storing.locked_lake()
    names = merging.leftovers(lake, at=at)
    lake.delete(names)
    note(files=names)
    return len(names)


@audited("readings.redetermine", subject="month")
def redetermine(
    *, actor: Actor, at: datetime, month: BillingMonth, account_ids: Sequence[UUID]
) -> DetermineReport | None:
    """Determine a month anew for those of these accounts that were determined before.

    Other values than before become new versions, each announced as corrected. None where nothing
    was determined yet: that is left to whoever bills the month.
    """
    standing = queries.determinants(month=month, account_ids=account_ids)
    if not standing:
        return None
    known = sorted({one.account_id for one in standing})
    return determine(actor=actor, at=at, month=month, account_ids=known)


@audited("readings.guess", subject="month")
def guess(
    *, actor: Actor, at: datetime, month: BillingMonth, account_ids: Sequence[UUID]
) -> list[Determinant]:
    """Guess a month that nobody read for these accounts' meters, where nothing stands for it yet.

    By the account's own history, its season, or its neighbours, as `likeness` says; each is marked
    as an estimate as a whole and knows its method. The real read, when it comes, becomes a new
    version and is announced as a correction. Raises NotAllowed.
    """
    require(actor, *GUESSERS)
    return _noted(determining.guess(month=month, account_ids=account_ids, at=at))


@audited("readings.guess_unread", subject="month")
def guess_unread(
    *, actor: Actor, at: datetime, month: BillingMonth, account_ids: Sequence[UUID]
) -> list[Determinant]:
    """Guess what nobody read of a month whose days of waiting are over. Only for jobs.

    As `guess`, of every account of these that lacks a determinant and whose supply was not off.
    """
    require(actor)
    unread = determining.unread(month=month, account_ids=account_ids)
    if not unread:
        return []
    return _noted(determining.guess(month=month, account_ids=unread, at=at, supplied=True))


def _noted(found: list[Determinant]) -> list[Determinant]:
    parts = [part for one in found for part in one.basis]
    methods = Counter(part.how for part in parts if isinstance(part, ByLikeness))
    note(written=len(found), methods=dict(methods))
    return found


@audited("readings.determine", subject="month")
def determine(
    *,
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    account_ids: Sequence[UUID] | None = None,
) -> DetermineReport:
    """Find what every account used in a month: by registers, by complete intervals, by estimate.

    Writes a new version where the answer changed and nothing where it did not. A meter without
    data gets no row: it is in `gaps` with its reason.
    """
    report = determining.determine(month=month, account_ids=account_ids, at=at)
    events.month_determined(month=month, facts=report.audit_facts(), at=at)
    return report
