"""Posting and reversing. Nothing here updates or deletes an entry; the database would refuse it.

Order within an account is a version taken under the lock of the account's balance row. That lock is
the one lock of an account in all of `books`; accounts are always locked in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.books.ledger import queries, rules
from tahseel.books.ledger.values import (
    CREDIT,
    Balance,
    ChartAccount,
    Entry,
    Posted,
)
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.trust.audit import operations as audit

ENTRIES_MAX = 500_000
IDS_IN_LEAF_MAX = 20

Key = tuple[UUID, UUID]

_ENTRY = {
    "account_id": "uuid",
    "id": "uuid",
    "version": "int8",
    "debit": "text",
    "credit": "text",
    "amount": "int8",
    "business_date": "date",
    "recorded_at": "timestamptz",
    "source": "text",
    "source_id": "uuid",
    "input_hash": "bytea",
    "reverses": "uuid",
}

_LOCK = (
    "with locked as (select account_id from ledger_balance where account_id = any(%s::uuid[])"
    " order by account_id for update) select count(*) from locked"
)
_MAKE = (
    "insert into ledger_balance (account_id) select unnest(%s::uuid[]) as account_id"
    " order by account_id on conflict do nothing"
)


class UnknownCode(Refusal):
    """An entry names an account that the chart does not have."""

    code = "ledger_code_unknown"
    text_ar = "الحساب {name} غير موجود في دليل الحسابات"
    text_en = "The chart of accounts has no account {name}"


class EntryDiffers(Refusal):
    """An entry's id is taken by another entry of the same account."""

    code = "ledger_entry_differs"
    text_ar = "القيد {entry} مسجل سابقاً ببيانات مختلفة"
    text_en = "Entry {entry} was posted before with other contents"
    http_status = 409


class CreditBelowZero(Refusal):
    """More of a customer's unapplied money would be used than there is."""

    code = "ledger_credit_below_zero"
    text_ar = "الرصيد الدائن للحساب لا يكفي ({credit} فلس)"
    text_en = "The account's unapplied credit would fall to {credit} fils"


class AlreadyReversed(Refusal):
    """An entry is reversed once."""

    code = "ledger_already_reversed"
    text_ar = "القيد {entry} معكوس سابقاً"
    text_en = "Entry {entry} is reversed already"
    http_status = 409


class NotReversible(Refusal):
    """A reversal is final: what it took back is posted again, under a new id."""

    code = "ledger_not_reversible"
    text_ar = "القيد {entry} قيد عكسي ولا يُعكس"
    text_en = "Entry {entry} is itself a reversal and stays"


class BeyondLimit(Refusal):
    """More would be taken from a till, a suspense or a prepaid balance than is in it."""

    code = "ledger_beyond_limit"
    text_ar = "رصيد «{name}» في الحساب {account} لا يكفي ({left} فلس)"
    text_en = "{name} of account {account} would fall to {left} fils"
    http_status = 409


class PeriodClosed(Refusal):
    """A closed period receives nothing."""

    code = "ledger_period_closed"
    text_ar = "الدفاتر مقفلة حتى {until}، ولا تقبل قيداً بتاريخ {day}"
    text_en = "The books are closed until {until} and receive no entry of {day}"
    http_status = 409


@audit.audited("ledger.post", subject="entries")
def post(
    *,
    actor: Actor,
    at: datetime,
    entries: Sequence[Entry],
    recorded_at: Sequence[datetime] | None = None,
) -> list[Posted]:
    """Post entries of any number of accounts, all or none; results in the order given.

    The same entry again returns its first outcome. `recorded_at` gives each entry its own instant
    and exists for histories that are taken on; otherwise it is `at`. Raises UnknownCode,
    EntryDiffers, CreditBelowZero.
    """
    if any(entry.reverses for entry in entries):
        raise ValueError("a reversal is posted by reverse()")
    audit.note(
        entries=[entry.id for entry in entries[:IDS_IN_LEAF_MAX]],
        amount_fils=sum(entry.amount.fils for entry in entries),
    )
    return _post(entries, recorded_at or [at] * len(entries))


@audit.audited("ledger.post_many", subject="entries")
def post_many(
    *,
    actor: Actor,
    at: datetime,
    entries: Sequence[Entry],
    recorded_at: Sequence[datetime] | None = None,
) -> int:
    """The same for a run: one leaf with the count and the sum; returns how many were new."""
    if any(entry.reverses for entry in entries):
        raise ValueError("a reversal is posted by reverse()")
    audit.note(amount_fils=sum(entry.amount.fils for entry in entries))
    return sum(done.fresh for done in _post(entries, recorded_at or [at] * len(entries)))


@audit.audited("ledger.reverse", subject="entry_id")
def reverse(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002 - the contract's word
    account_id: UUID,
    entry_id: UUID,
    business_date: date,
    source: str,
    source_id: UUID,
) -> Posted:
    """Post the exact negative of an entry, once. `id` is the reversal's own.

    The same reversal again returns its first outcome. Raises NotFound, NotReversible,
    AlreadyReversed, EntryDiffers, CreditBelowZero.
    """
    lock_accounts([account_id])
    found = queries.entry(account_id=account_id, entry_id=entry_id)
    if found is None:
        raise NotFound(entry=str(entry_id))
    if found.entry.reverses:
        raise NotReversible(entry=str(entry_id))
    earlier = queries.reversal_of(account_id=account_id, entry_id=entry_id)
    if earlier is not None and earlier.entry.id != id:
        raise AlreadyReversed(entry=str(entry_id))
    reversal = replace(
        found.entry,
        id=id,
        debit=found.entry.credit,
        credit=found.entry.debit,
        business_date=business_date,
        source=source,
        source_id=source_id,
        reverses=entry_id,
    )
    audit.note(reversal=id, account_id=account_id, amount_fils=reversal.amount.fils)
    [done] = _post([reversal], [at])
    return done


@audit.audited("ledger.publish_chart", subject="chart")
def publish_chart(*, actor: Actor, at: datetime, chart: Sequence[ChartAccount]) -> int:
    """Bring the table of chart accounts to the country's data; returns how many there are."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ledger_chart (code, number, kind, name_ar, name_en, source)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (code) do update set"
            " number = excluded.number, name_ar = excluded.name_ar, name_en = excluded.name_en,"
            " source = excluded.source where ledger_chart.kind = excluded.kind",
            [(a.code, a.number, str(a.kind), a.name_ar, a.name_en, a.source) for a in chart],
        )
    return len(chart)


def lock_accounts(account_ids: Collection[UUID]) -> None:
    """Lock the balance rows of accounts, made where missing, until the transaction ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("accounts are locked inside a transaction")
    wanted = set(account_ids)
    ids = bulk.uuid_array(wanted)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [ids])
        row = cursor.fetchone()
        if row is None or row[0] < len(wanted):
            cursor.execute(_MAKE, [ids])
            cursor.execute(_LOCK, [ids])


def _post(entries: Sequence[Entry], instants: Sequence[datetime]) -> list[Posted]:
    """Lock, leave out what is there already, give versions, write rows, move balances."""
    if len(entries) > ENTRIES_MAX or len(entries) != len(instants):
        raise ValueError(f"at most {ENTRIES_MAX} entries at once, each with its instant")
    if not entries:
        return []
    _known_codes(entries)
    accounts = {entry.account_id for entry in entries}
    lock_accounts(accounts)
    balances = queries.balances(accounts)
    hashes = [rules.input_hash(entry) for entry in entries]
    known = _stored(entries)
    versions = {account_id: balance.version for account_id, balance in balances.items()}
    results: list[Posted] = []
    rows = []
    for entry, digest, instant in zip(entries, hashes, instants, strict=True):
        key = (entry.account_id, entry.id)
        fresh = key not in known
        if fresh:
            versions[entry.account_id] += 1
            known[key] = (digest, versions[entry.account_id])
            rows.append(_row(entry, versions[entry.account_id], digest, instant))
        elif known[key][0] != digest:
            raise EntryDiffers(entry=str(entry.id))
        results.append(Posted(entry, known[key][1], fresh))
    _within_bounds([done.entry for done in results if done.fresh])
    _move_balances(balances, [done.entry for done in results if done.fresh])
    bulk.copy_rows(table="ledger_entry", columns=_ENTRY, rows=rows)
    return results


def _known_codes(entries: Iterable[Entry]) -> None:
    codes = {entry.debit for entry in entries} | {entry.credit for entry in entries}
    for name in sorted(codes - set(rules.chart())):
        raise UnknownCode(name=name)


def _stored(entries: Sequence[Entry]) -> dict[Key, tuple[bytes, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, id, input_hash, version from ledger_entry"
            " where (account_id, id) in (select * from unnest(%s::uuid[], %s::uuid[]))",
            [
                bulk.uuid_array(entry.account_id for entry in entries),
                bulk.uuid_array(entry.id for entry in entries),
            ],
        )
        return {(row[0], row[1]): (bytes(row[2]), row[3]) for row in cursor.fetchall()}


def _row(entry: Entry, version: int, digest: bytes, instant: datetime) -> tuple[object, ...]:
    return (
        entry.account_id,
        entry.id,
        version,
        entry.debit,
        entry.credit,
        entry.amount.fils,
        entry.business_date,
        instant,
        entry.source,
        entry.source_id,
        digest,
        entry.reverses,
    )


def _within_bounds(fresh: Sequence[Entry]) -> None:
    """Raises PeriodClosed, BeyondLimit. Each account's lock is held, so its sums stand still.

    What only adds to a limited balance costs nothing; there is no row of the general ledger to
    lock. The credit of customers has its balance on the locked row, and is judged there.
    """
    if not fresh:
        return
    oldest = min(entry.business_date for entry in fresh)
    until = queries.closed_until()
    if until is not None and oldest < until:
        raise PeriodClosed(until=until.isoformat(), day=oldest.isoformat())
    lowered = {
        (entry.account_id, code)
        for entry in fresh
        for code in rules.lowers(entry)
        if code != CREDIT
    }
    if not lowered:
        return
    held = queries.held(lowered)
    for entry in fresh:
        for code in {entry.debit, entry.credit}:
            key = (entry.account_id, code)
            if key in lowered:
                up = rules.chart()[code].on_debit is (entry.debit == code)
                held[key] += entry.amount.fils if up else -entry.amount.fils
    for (account_id, code), left in sorted(held.items()):
        if left < 0:
            raise BeyondLimit(name=code, account=str(account_id), left=left)


def _move_balances(balances: Mapping[UUID, Balance], entries: Iterable[Entry]) -> None:
    """Add the entries' effect to the locked balance rows."""
    moved: dict[UUID, list[int]] = {}
    for entry in entries:
        receivable, credit = rules.effect(entry)
        change = moved.setdefault(entry.account_id, [0, 0, 0])
        change[0] += receivable
        change[1] += credit
        change[2] += 1
    if not moved:
        return
    for account_id, (_, credit, _) in moved.items():
        left = balances[account_id].credit.fils + credit
        if left < 0:
            raise CreditBelowZero(credit=left)
    with connection.cursor() as cursor:
        cursor.execute(
            "update ledger_balance b set receivable_fils = b.receivable_fils + m.receivable,"
            " credit_fils = b.credit_fils + m.credit, version = b.version + m.entries"
            " from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[])"
            " as m (account_id, receivable, credit, entries) where b.account_id = m.account_id",
            [
                bulk.uuid_array(moved),
                *(list(column) for column in zip(*moved.values(), strict=True)),
            ],
        )
