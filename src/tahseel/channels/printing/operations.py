"""A month's bills for the print house: a file each, in the order of the post, with a list of them.

The files lie by governorate and area. One has its name only once it is whole, so a batch that was
broken off goes on where it was; the list is written last. Pages are set by processes of their own.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from tahseel.channels.printing import press, queries, sheets
from tahseel.channels.printing.values import LANGUAGES, Addressed, Printed
from tahseel.charging.billing import queries as billing
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.period import BillingMonth
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.values import Area
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

CHUNK = 400
LIST = "list.csv"

Progress = Callable[[int, int], object]


class Row(NamedTuple):
    """A line of the list, after its place in the order of the post."""

    bill: str
    account: str
    language: str
    file: str
    pages: int
    bytes: int
    sha256: str


COLUMNS = ("order", *Row._fields)


def print_month(
    *,
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    folder: Path,
    governorate: str = "",
    processes: int = 2,
    progress: Progress | None = None,
) -> Printed:
    """Put every bill of a month that stands on paper, in its customer's language.

    Returns what is there, and which could not be set. governorate: only that one, by its code.
    progress: called with areas done and areas in all.
    Raises NotAllowed, GovernorateUnknown, OSError.
    """
    _begin(actor=actor, at=at, month=month, governorate=governorate)
    areas = _areas(governorate)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{LIST}.{os.getpid()}{press.PARTIAL}"
    press.sweep(folder)
    made = Printed(folder)
    spawn = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(
            processes, mp_context=spawn, initializer=press.end_with, initargs=(os.getpid(),)
        ) as pool,
        partial.open("w", encoding="utf-8", newline="") as file,
    ):
        written = csv.writer(file)
        written.writerow(COLUMNS)
        for done, area in enumerate(areas, start=1):
            for about in _about(actor, at, month, area):
                rows, some = _set(about, folder, folder / area.governorate / area.code, pool)
                written.writerows((made.bills + n, *row) for n, row in enumerate(rows, start=1))
                made = made.with_more(some)
            if progress:
                progress(done, len(areas))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / LIST)
    return made


@audit.audited("printing.print_month", subject="month")
def _begin(*, actor: Actor, at: datetime, month: BillingMonth, governorate: str) -> None:
    require(actor, "revenue_manager")
    audit.note(governorate=governorate)


def _areas(governorate: str) -> list[Area]:
    known = [one.code for one in premises.governorates()]
    if governorate and governorate not in known:
        raise billing.GovernorateUnknown(given=governorate, known=", ".join(known))
    found = premises.areas(governorate=governorate or None)
    return sorted(found, key=lambda area: (area.governorate, area.code))


def _about(
    actor: Actor, at: datetime, month: BillingMonth, area: Area
) -> Iterator[list[Addressed]]:
    """What stands on the bills of an area, in the order of the post, some at a time."""
    ids = billing.in_posting_order(month=month, area=area.code)
    known: dict[billing.Like, billing.Medians] = {}
    for first in range(0, len(ids), CHUNK):
        chunk = ids[first : first + CHUNK]
        yield _chunk(actor=actor, at=at, month=month, area=area.code, ids=chunk, known=known)


@audit.audited("printing.print_bills", subject="month")
def _chunk(
    *,
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    area: str,
    ids: Sequence[tuple[UUID, UUID]],
    known: dict[billing.Like, billing.Medians],
) -> list[Addressed]:
    """What stands on some bills, in the order of the ids; leaves a leaf for them."""
    found = billing.some(account_ids=[one for one, _ in ids], bill_ids=[one for _, one in ids])
    by_id = {bill.id: bill for bill in found}
    told = billing.explanations(
        [by_id[bill_id] for _, bill_id in ids],
        areas=dict.fromkeys((account for account, _ in ids), area),
        known=known,
    )
    audit.note(area=area, bills=len(told), first=told[0].view.bill.number)
    return queries.addressed(told, actor=actor, at=at, purpose=Purpose.BILLING)


def _set(
    about: Sequence[Addressed], folder: Path, place: Path, pool: ProcessPoolExecutor
) -> tuple[list[Row], Printed]:
    """Set some bills; the lines of the list, and what they came to."""
    fonts = Path(settings.FONTS)
    place.mkdir(parents=True, exist_ok=True)
    jobs = []
    for one in about:
        language = one.language if one.language in LANGUAGES else LANGUAGES[0]
        bill = one.told.view.bill
        path = place / f"{bill.number}.pdf"
        jobs.append((path, sheets.sheet(one, language=language), bill.issued_on, fonts))
    made = Printed(folder)
    rows: list[Row] = []
    for one, job, file in zip(about, jobs, pool.map(press.write, jobs, chunksize=20), strict=True):
        number, name = one.told.view.bill.number, job[0].relative_to(folder).as_posix()
        made = made.with_one(number, file.size, fresh=file.fresh, fault=file.fault)
        if not file.fault:
            language = str(job[1]["lang"])
            rows.append(
                Row(number, one.account, language, name, file.pages, file.size, file.sha256)
            )
    return rows, made
