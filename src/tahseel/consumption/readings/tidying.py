"""Keeping the lake's folder in order: months are merged, files that nobody needs are deleted.

One process at a time; imports go on beside it, and wait only while the log takes a merge in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from tahseel.consumption.readings import merging, operations
from tahseel.consumption.readings.lake import Lake
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth

_LOCK = "hashtextextended('readings_lake_tidying', 0)"


class LakeBusy(Refusal):
    """Another process is at it."""

    code = "lake_busy"
    text_ar = "عملية أخرى تدمج ملفات القراءات الآن"
    text_en = "Another process is merging the files of readings now"


@dataclass
class Tidied:
    """What was done: the months merged with their files before and after, and files deleted."""

    months: dict[str, tuple[int, int]] = field(default_factory=dict)
    deleted: int = 0


def tidy(
    *, actor: Actor, at: datetime, today: date, months: Sequence[BillingMonth] | None = None
) -> Tidied:
    """Merge what is worth it, or all files of the given months; delete what nobody needs.

    Raises LakeBusy.
    """
    done = Tidied()
    lake = Lake(settings.LAKE)
    with _alone():
        wanted = merging.due(lake.held(), today) if months is None else months
        for month in wanted:
            held = lake.held()
            if months is None:
                old = merging.chosen(held, month, today)
            else:
                old = merging.of_month(held, month)
            if len(old) < 2:
                continue
            merge = merging.merged(lake, old, at=at)
            if operations.merge_files(actor=actor, at=at, month=month, merge=merge):
                done.months[str(month)] = (len(merge.old), len(merge.new))
        if merging.leftovers(lake, at=at):
            done.deleted = operations.delete_unused_files(actor=actor, at=at, day=today)
    return done


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock for the session: it outlives commits and falls with the connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_try_advisory_lock({_LOCK})")
        row = cursor.fetchone()
    if not (row and row[0]):
        raise LakeBusy()
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(f"select pg_advisory_unlock({_LOCK})")
