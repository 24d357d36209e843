"""The writes of one chunk of a run in one transaction: bills, what is parked, what is held back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
import orjson
from django.db import connection

from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import events, queries, sheets, writing
from tahseel.charging.billing.checking import HeldBill
from tahseel.charging.billing.operations import withholding
from tahseel.charging.billing.values import HeldState, Parked, PricedBill, RunReport
from tahseel.charging.tariffs.values import PriceBook
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.period import BillingMonth
from tahseel.trust.audit import operations as audit


@dataclass(frozen=True, slots=True)
class Written:
    """The bills of a chunk that were written: ids of those one by one, and the sheet.

    moved: accounts of which a payer or a price has changed since they were read; nothing is written
    of them.
    """

    ids: set[UUID]
    sheet: sheets.Priced | None
    moved: set[UUID]


@audit.audited("billing.issue", subject="")
def issue(
    *,
    actor: Actor,
    at: datetime,
    report: RunReport,
    bills: Sequence[PricedBill],
    parked: Sequence[Parked],
    book: PriceBook,
    held: Sequence[HeldBill] = (),
    sheet: sheets.Priced | None = None,
    known: Collection[queries.Change] | None = None,
) -> Written:
    """Write one chunk of a run in one transaction; returns what was written.

    known: the changes of its accounts that were on record before they were read.

    A bill that another run has written meanwhile is left out, and one whose days a final bill has
    taken: the next run bills the rest.
    """
    ids = {bill.account_id for bill in bills} | {one.account_id for one in held}
    ids.update(sheet.account_ids if sheet else ())
    ledger.lock_accounts(ids)
    ids.update(one.account_id for one in parked)
    moved = _moved(ids, known)
    parked = [one for one in parked if one.account_id not in moved]
    billed = queries.billed_accounts(report.month, ids)
    until = queries.billed_until(month=report.month, account_ids=ids)
    fresh = [bill for bill in bills if not _taken(bill, billed | moved, until)]
    sheet = _untaken(sheet, billed | moved | until.keys())
    writing.write(
        fresh, run_id=report.run_id, issued_on=report.issued_on, book=book, actor=actor, at=at
    )
    if sheet:
        sheets.write(sheet, sheets.Issue(report.run_id, report.issued_on, at, book), actor=actor)
    _write_parked(report, parked, at)
    back = [one for one in held if one.account_id not in billed | moved]
    made = {bill.account_id for bill in fresh}.union(sheet.account_ids if sheet else ())
    _settle(report, back, made, {one.account_id for one in parked}, actor=actor, at=at)
    count = len(fresh) + (len(sheet) if sheet else 0)
    total = sum(bill.total.fils for bill in fresh) + (sheet.total if sheet else 0)
    if count:
        events.announce_issued(
            run_id=report.run_id, month=report.month, bills=count, total_fils=total, at=at
        )
        _announce_prices(report.month, fresh, sheet, at)
    audit.note(**_told(report, book), bills=count, parked=len(parked), held=len(back))
    audit.note(total_fils=total)
    return Written({bill.id for bill in fresh}, sheet, moved)


def _told(report: RunReport, book: PriceBook) -> dict[str, object]:
    """Of which run a leaf tells, and by which book."""
    return {
        "run_id": report.run_id,
        "month": str(report.month),
        "book": book.code,
        "book_version": book.version,
    }


def _moved(ids: Collection[UUID], known: Collection[queries.Change] | None) -> set[UUID]:
    """The accounts that changed since they were read; seen under their locks."""
    if known is None:
        return set()
    return {account for account, _ in queries.changes_of(account_ids=ids).difference(known)}


def _taken(bill: PricedBill, billed: set[UUID], until: Mapping[UUID, date]) -> bool:
    """The account has its bill, or a final one has taken the bill's days."""
    start = bill.period.start
    return bill.account_id in billed or start < until.get(bill.account_id, start)


def _announce_prices(
    month: BillingMonth, bills: Sequence[PricedBill], sheet: sheets.Priced | None, at: datetime
) -> None:
    prices = [price for bill in bills for price in bill.prices()]
    events.announce_prices(month=month, prices=prices, at=at)
    if sheet:
        events.announce_prices_in_columns(month=month, prices=sheets.prices(sheet), at=at)


def _untaken(sheet: sheets.Priced | None, taken: Collection[UUID]) -> sheets.Priced | None:
    """The sheet without accounts that have a bill of the month by now."""
    if sheet is None or not taken:
        return sheet
    left = np.array([account not in taken for account in sheet.account_ids], np.bool_)
    return sheet.kept(left) if left.any() else None


def _settle(
    report: RunReport,
    back: Sequence[HeldBill],
    made: set[UUID],
    parked: set[UUID],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """What is held back now; what was held or parked, and is issued or cannot be any more."""
    month, kept = report.month, {one.account_id for one in back}
    issued = made - kept
    _resolve_parked(month, (issued | kept) - parked, at)
    withholding.end(HeldState.CLEARED, issued, month=month, at=at, by=actor.id)
    withholding.end(HeldState.OVERTAKEN, parked - kept - issued, month=month, at=at, by=actor.id)
    withholding.write(back, month=month, run_id=report.run_id, at=at, by=actor.id)


def _write_parked(report: RunReport, parked: Sequence[Parked], at: datetime) -> None:
    if not parked:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into billing_parked (account_id, month, reason, refusal, run_id, parked_at)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (account_id, month) do update set"
            " reason = excluded.reason, refusal = excluded.refusal, run_id = excluded.run_id,"
            " parked_at = excluded.parked_at, resolved_at = null",
            [
                (
                    one.account_id,
                    report.month.ordinal,
                    one.refusal.code,
                    orjson.dumps(one.refusal.as_dict()).decode(),
                    report.run_id,
                    at,
                )
                for one in parked
            ],
        )


def _resolve_parked(month: BillingMonth, account_ids: Collection[UUID], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update billing_parked set resolved_at = %s"
            " where month = %s and account_id = any(%s::uuid[]) and resolved_at is null",
            [at, month.ordinal, bulk.uuid_array(account_ids)],
        )
