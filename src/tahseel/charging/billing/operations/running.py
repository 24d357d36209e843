"""The bill run. A chunk of accounts is one transaction: bills, lines, ledger entries and claims.

A bill's id follows from its account and month, and the chunk looks for bills again under the
accounts' locks, so a run that is started again, or twice at once, bills nobody twice.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection, transaction

from tahseel.charging.billing import checking, parting, queries, rest, rules, sheets, terms
from tahseel.charging.billing.checking import HeldBill
from tahseel.charging.billing.operations import lanes, progressing, withholding
from tahseel.charging.billing.operations.issuing import issue
from tahseel.charging.billing.values import Parked, PricedBill, Proof, RunReport
from tahseel.charging.sales import queries as sales
from tahseel.charging.tariffs.values import PriceBook
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import BillableAccount
from tahseel.trust.audit import operations as audit

CHUNK = 5_000
SHEET_MIN = 500
YOUNG = 1
PASSES_MAX = 3

Progress = Callable[[int, int], object]
Named = Callable[[Sequence[HeldBill], Sequence[Parked]], object]


def run(
    *,
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    issued_on: date,
    account_ids: Sequence[UUID] | None = None,
    preview: bool = False,
    progress: Progress | None = None,
    named: Named | None = None,
    run_id: UUID | None = None,
) -> RunReport:
    """Bill a month: every account, or the given ones. Returns what was done.

    Accounts that have the month's bill are left alone; those that cannot be billed are parked with
    their reason, and those whose bill is odd are held back until a person has seen them. With
    `preview` everything is computed and nothing is written. progress: called with accounts done
    and accounts in all; named: with the held and the parked of each chunk. Each chunk commits by
    itself and leaves a leaf. run_id: of a run that may have been broken off; what it has written
    counts as its own.
    """
    report = RunReport(run_id or new_id(at), month, issued_on, preview)
    with bulk.uncollected():
        return _run(
            _taken_up(report) if run_id else report,
            account_ids, progress or _silent, named or _silent, actor=actor, at=at,
        )  # fmt: skip


def _run(
    report: RunReport,
    account_ids: Sequence[UUID] | None,
    progress: Progress,
    named: Named,
    *,
    actor: Actor,
    at: datetime,
) -> RunReport:
    """Chunk by chunk, several at once: what is known of the accounts of one is read and let go."""
    ids, done = supply.open_accounts(month=report.month, account_ids=account_ids), 0
    blank = RunReport(report.run_id, report.month, report.issued_on, report.preview)
    bill = partial(_bill, blank, actor=actor, at=at)
    with (
        _telling(report, len(ids), at) as tell,
        closing(lanes.side_by_side(bill, list(chunks(ids)))) as parts,
    ):
        for part in parts:
            named(part.held, part.parked)
            report = _added(report, part.report)
            done += part.asked
            gc.collect(YOUNG)
            tell(done)
            progress(done, len(ids))
        if not report.preview:
            report = replace(report, proof=_record_run(actor, at, report))
    return report


class Part(NamedTuple):
    """What became of a chunk: its own counts, and by name who was held back or parked."""

    asked: int
    report: RunReport
    held: Sequence[HeldBill]
    parked: Sequence[Parked]


def _bill(report: RunReport, chunk: Sequence[UUID], *, actor: Actor, at: datetime) -> Part:
    """Bill a chunk of accounts. report: of the run, without any count.

    What changed while it was billed is read and billed once more; what changes each time is left
    to the night: a run ends.
    """
    held: list[HeldBill] = []
    parked: list[Parked] = []
    told, again = report, list(chunk)
    for _ in range(PASSES_MAX):
        part, moved = _pass(report, again, actor=actor, at=at)
        told, again = _added(told, part.report), sorted(moved)
        held += part.held
        parked += part.parked
        if not again:
            break
    return Part(len(chunk), told, held, parked)


def _pass(
    report: RunReport, chunk: Sequence[UUID], *, actor: Actor, at: datetime
) -> tuple[Part, set[UUID]]:
    """Bill accounts as they are read now; also those that changed before they were written."""
    known = queries.changes_of(account_ids=chunk)
    sheet = _sheet(report.month, chunk)
    others = sheet.others if sheet else chunk
    accounts, quantities = rest.of_month(
        month=report.month,
        accounts=supply.billable_accounts(month=report.month, account_ids=others),
        quantities=by_account(report.month, others),
    )
    return _chunk(report, _metered(accounts), quantities, sheet, known=known, actor=actor, at=at)


def _added(report: RunReport, part: RunReport) -> RunReport:
    """The report of a run with the counts of one chunk more."""
    return replace(
        report,
        accounts=report.accounts + part.accounts,
        bills=report.bills + part.bills,
        lines=report.lines + part.lines,
        already_billed=report.already_billed + part.already_billed,
        total=report.total + part.total,
        parked=dict(Counter(report.parked) + Counter(part.parked)),
        held=dict(Counter(report.held) + Counter(part.held)),
        held_total=report.held_total + part.held_total,
    )


def _taken_up(report: RunReport) -> RunReport:
    """A run that may have been broken off: its bills so far are its own, not billed already."""
    accounts, lines, written = queries.written_by(run_id=report.run_id, month=report.month)
    return replace(
        report, bills=written.bills, lines=lines, total=written.total, already_billed=-accounts
    )


def _silent(*told: object) -> None:
    """For whoever does not want to be told."""


def _sheet(month: BillingMonth, chunk: Sequence[UUID]) -> sheets.Priced | None:
    """The bills of plain accounts, in columns where there are many."""
    if len(chunk) < SHEET_MIN:
        return None
    return sheets.made(month=month, account_ids=chunk, book=rules.policy().book)


def _metered(accounts: Sequence[BillableAccount]) -> Sequence[BillableAccount]:
    """Without those that have no meter because what they buy is billed as a sale."""
    bare = [one.account_id for one in accounts if not one.meters]
    sold = sales.sold_accounts(account_ids=bare) if bare else set()
    return [one for one in accounts if one.account_id not in sold] if sold else accounts


def _telling(
    report: RunReport, accounts: int, at: datetime
) -> AbstractContextManager[Callable[[int], object]]:
    """A preview writes nothing, so nobody can see how far it is but its caller."""
    if report.preview:
        return nullcontext(lambda done: None)
    return progressing.told(run_id=report.run_id, month=report.month, accounts=accounts, at=at)


def _chunk(
    report: RunReport,
    chunk: Sequence[BillableAccount],
    quantities: rest.Quantities,
    sheet: sheets.Priced | None,
    *,
    known: Collection[queries.Change],
    actor: Actor,
    at: datetime,
) -> tuple[Part, set[UUID]]:
    """Bill some accounts in one transaction, unless it is a preview.

    Returns its counts and by name who, and the accounts that changed since they were read.
    """
    month, book = report.month, rules.policy().book
    planned, looked = len(sheet) if sheet else 0, len(chunk)
    moved: set[UUID] = set()
    billed = queries.billed_accounts(month, [account.account_id for account in chunk])
    todo = [account for account in chunk if account.account_id not in billed]
    priced, parked = price(todo, quantities, month, book)
    bills, held = looked_at(priced, month)
    if not report.preview:
        written = issue(
            actor=actor, at=at, report=report, bills=bills, parked=parked, held=held, book=book,
            sheet=sheet, known=known,
        )  # fmt: skip
        moved = written.moved
        in_sheet = moved.intersection(sheet.account_ids if sheet else ())
        looked, planned = looked - len(moved - in_sheet), planned - len(in_sheet)
        bills = [bill for bill in bills if bill.id in written.ids]
        held = [one for one in held if one.account_id not in moved]
        parked = [one for one in parked if one.account_id not in moved]
        sheet = written.sheet
    counted = _with_sheet(_counted(report, looked, bills, parked, held), planned, sheet)
    return Part(looked + planned, counted, held, parked), moved


def looked_at(
    bills: Sequence[PricedBill], month: BillingMonth
) -> tuple[list[PricedBill], list[HeldBill]]:
    """Bills that may go out, and those that a check holds back."""
    policy = rules.policy().holding
    months = checking.months_of(policy, month.ordinal)
    above, below = checking.far(policy)
    used, odd = checking.uses(bills)
    odd |= queries.far_from_past(used=used, months=months, above=above, below=below)
    if not odd:
        return list(bills), []
    past = queries.past(account_ids=odd, months=months)
    looked = [bill for bill in bills if bill.account_id in odd]
    _, held = checking.sift(looked, past=past, policy=policy)
    back = {one.account_id for one in held}
    return [bill for bill in bills if bill.account_id not in back], held


def by_account(
    month: BillingMonth, account_ids: Sequence[UUID] | None
) -> dict[UUID, list[Determinant]]:
    found: dict[UUID, list[Determinant]] = {}
    for determinant in readings.determinants(month=month, account_ids=account_ids):
        found.setdefault(determinant.account_id, []).append(determinant)
    return found


def chunks(account_ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    """Ids in order, so many at a time."""
    source = iter(sorted(account_ids))
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def price(
    accounts: Sequence[BillableAccount],
    quantities: Mapping[UUID, Sequence[Determinant]],
    month: BillingMonth,
    book: PriceBook,
) -> tuple[list[PricedBill], list[Parked]]:
    bills: list[PricedBill] = []
    parked: list[Parked] = []
    measured = rest.measured(month=month, accounts=accounts)
    before = queries.last_sequences(
        month=month, account_ids=[account.account_id for account in accounts]
    )
    known = terms.of_each(
        month=month, account_ids=[account.account_id for account in accounts], book=book
    )
    for account in accounts:
        found = parting.pieces(account, quantities.get(account.account_id, ()), measured)
        try:
            bills += rules.price_pieces(
                found, month=month, book=book, before=before.get(account.account_id, 0),
                terms=known,
            )  # fmt: skip
        except Refusal as refusal:
            parked.append(Parked(account.account_id, refusal))
        else:
            if len(found) > 1 and any(one.unowed for one in found):
                parked.append(
                    Parked(account.account_id, rules.NobodyLiable(account=account.number))
                )
    return bills, parked


def _with_sheet(report: RunReport, planned: int, sheet: sheets.Priced | None) -> RunReport:
    """The report with the bills of a sheet; what somebody else billed meanwhile is counted so."""
    bills, lines, total = (len(sheet), len(sheet.use), sheet.total) if sheet else (0, 0, 0)
    return replace(
        report,
        accounts=report.accounts + planned,
        bills=report.bills + bills,
        lines=report.lines + lines,
        already_billed=report.already_billed + planned - bills,
        total=report.total + Money(total),
    )


def _counted(
    report: RunReport,
    looked_at: int,
    bills: Sequence[PricedBill],
    parked: Sequence[Parked],
    held: Sequence[HeldBill],
) -> RunReport:
    done = {bill.account_id for bill in bills} | {one.account_id for one in held}
    done |= {one.account_id for one in parked}
    reasons = Counter(one.refusal.code for one in parked)
    checks = Counter(str(one.found[0].check) for one in held)
    return replace(
        report,
        accounts=report.accounts + looked_at,
        bills=report.bills + len(bills),
        lines=report.lines + sum(len(bill.lines) for bill in bills),
        already_billed=report.already_billed + looked_at - len(done),
        total=report.total + Money(sum(bill.total.fils for bill in bills)),
        parked=dict(reasons),
        held=dict(checks),
        held_total=report.held_total + Money(sum(one.total.fils for one in held)),
    )


def _record_run(actor: Actor, at: datetime, report: RunReport) -> Proof:
    """The run's report with the proof of its month, on record."""
    with transaction.atomic(), connection.cursor() as cursor:
        withholding.end_billed(month=report.month, at=at, by=actor.id)
        proof = queries.proof(month=report.month)
        report = replace(report, proof=proof)
        cursor.execute(
            "insert into billing_run (id, month, issued_on, recorded_at, report)"
            " values (%s, %s, %s, %s, %s)",
            [
                report.run_id,
                report.month.ordinal,
                report.issued_on,
                at,
                orjson.dumps(report.as_dict()).decode(),
            ],
        )
        audit.record(
            actor=actor,
            action="billing.run",
            subject=str(report.run_id),
            at=at,
            facts=report.as_dict(),
        )
    return proof
