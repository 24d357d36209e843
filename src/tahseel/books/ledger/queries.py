"""Reading the books: balances, entries, the trial balance, and a recomputation from the rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tahseel.books.ledger import rules
from tahseel.books.ledger.values import (
    CREDIT,
    RECEIVABLE,
    Act,
    Balance,
    Closing,
    Entry,
    LedgerCheck,
    LedgerFault,
    Moved,
    Statement,
    StatementLine,
    StoredEntry,
    TrialBalance,
    TrialRow,
)
from tahseel.kernel import bulk
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import Period, start_of

BATCH = 10_000
FAULTS_MAX = 100
CLOSINGS_MAX = 120

_ENTRY = "id, account_id, debit, credit, amount, business_date, source, source_id, reverses"
_COLUMNS = f"{_ENTRY}, version, recorded_at"


def balance(account_id: UUID) -> Balance:
    """What the account owes and has; all zero for an account without entries."""
    return balances([account_id])[account_id]


def balances(account_ids: Collection[UUID]) -> dict[UUID, Balance]:
    """Balances of several accounts; an account without entries has zeros."""
    found = {account_id: Balance(account_id, ZERO, ZERO, 0) for account_id in account_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, receivable_fils, credit_fils, version from ledger_balance"
            " where account_id = any(%s::uuid[])",
            [bulk.uuid_array(found)],
        )
        for row in cursor.fetchall():
            found[row[0]] = Balance(row[0], Money(row[1]), Money(row[2]), row[3])
    return found


def credits_at_end_of(*, day: date, account_ids: Collection[UUID]) -> dict[UUID, Money]:
    """Money held for the customer of each account when a day ended; accounts without are absent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, sum(case when credit = %(credit)s then amount else -amount end)"
            "::bigint from ledger_entry where account_id = any(%(accounts)s::uuid[])"
            " and %(credit)s in (debit, credit) and recorded_at < %(end)s"
            " group by account_id having sum(case when credit = %(credit)s then amount"
            " else -amount end) <> 0",
            {
                "credit": CREDIT,
                "accounts": bulk.uuid_array(account_ids),
                "end": start_of(day + timedelta(days=1)),
            },
        )
        return {row[0]: Money(row[1]) for row in cursor.fetchall()}


def all_balances() -> Iterator[Balance]:
    """Every account's balance, by account id."""
    sql = (
        "select account_id, receivable_fils, credit_fils, version from ledger_balance"
        " order by account_id"
    )
    for row in _stream(sql):
        yield Balance(row[0], Money(row[1]), Money(row[2]), row[3])


def entries(account_id: UUID) -> list[StoredEntry]:
    """Every entry of an account in the account's order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from ledger_entry where account_id = %s order by version",  # noqa: S608 - a constant
            [account_id],
        )
        return [_stored(row) for row in cursor.fetchall()]


def entry(*, account_id: UUID, entry_id: UUID) -> StoredEntry | None:
    """One entry, or None."""
    return _one("id", account_id, entry_id)


def reversal_of(*, account_id: UUID, entry_id: UUID) -> StoredEntry | None:
    """The entry that takes another one back, or None."""
    return _one("reverses", account_id, entry_id)


_TRIAL = """
select code, sum(debit)::bigint, sum(credit)::bigint from (
  select debit as code, amount as debit, 0 as credit from ledger_entry where {inside}
  union all
  select credit, 0, amount from ledger_entry where {inside}
) as side group by code
"""


def trial_balance(as_of: datetime) -> TrialBalance:
    """Both sides of every account of the chart, from the entries recorded up to an instant, that
    instant included.
    """
    return _trial(as_of, "recorded_at <= %(as_of)s", {"as_of": as_of})


def trial_balance_at_end_of(day: date) -> TrialBalance:
    """The same when a day has ended; what came as the next one began is left out."""
    end = start_of(day + timedelta(days=1))
    return _trial(end, "recorded_at < %(end)s", {"end": end})


def trial_balance_of(period: Period) -> TrialBalance:
    """Both sides of every account of the chart, from the entries whose business day lies in it."""
    inside = "business_date >= %(start)s and business_date < %(end)s"
    return _trial(start_of(period.end), inside, {"start": period.start, "end": period.end})


def _trial(as_of: datetime, inside: str, values: dict[str, date]) -> TrialBalance:
    """In the order of the country's numbers; a code that the chart does not have comes last."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL.format(inside=inside), values)
        found = [TrialRow(r[0], Money(r[1]), Money(r[2])) for r in cursor.fetchall()]
    found.sort(key=lambda row: rules.place_in_chart(row.code))
    return TrialBalance(as_of, tuple(found))


def moved_in(period: Period) -> Moved:
    """How many entries have their business day in a period, and their sum."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), coalesce(sum(amount), 0)::bigint from ledger_entry"
            " where business_date >= %s and business_date < %s",
            [period.start, period.end],
        )
        count, fils = cursor.fetchone() or (0, 0)
    return Moved(count, Money(fils))


def held(keys: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], int]:
    """Fils on the natural side of codes of the chart within accounts, by (account, code)."""
    found = dict.fromkeys(keys, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "select k.account_id, k.code, sum(case when e.debit = k.code then e.amount"
            " else -e.amount end)::bigint from unnest(%s::uuid[], %s::text[])"
            " as k (account_id, code) join ledger_entry e on e.account_id = k.account_id"
            " and k.code in (e.debit, e.credit) group by k.account_id, k.code",
            [bulk.uuid_array(key[0] for key in found), [key[1] for key in found]],
        )
        for account_id, code, fils in cursor.fetchall():
            found[account_id, code] = fils if rules.chart()[code].on_debit else -fils
    return found


def statement(*, account_id: UUID, since: date, until: date) -> Statement:
    """An account's entries with business days from `since` to `until`, both included.

    What it owed on the morning of the first day and on the evening of the last are the sums of the
    entries of all earlier days, and of all up to the last.
    """
    every = [stored for stored in entries(account_id) if stored.entry.business_date <= until]
    inside = [stored for stored in every if stored.entry.business_date >= since]
    before = sum(_owed(s.entry) for s in every if s.entry.business_date < since)
    lines, standing = [], Money(before)
    for stored in sorted(inside, key=lambda s: (s.entry.business_date, s.version)):
        change = Money(_owed(stored.entry))
        standing += change
        lines.append(StatementLine(stored, change, standing))
    return Statement(account_id, since, until, Money(before), tuple(lines), standing)


def _owed(entry: Entry) -> int:
    receivable, credit = rules.effect(entry)
    return receivable - credit


def closed_until() -> date | None:
    """The first day on which the books receive entries; None when no period was ever closed."""
    with connection.cursor() as cursor:
        cursor.execute("select closed_until from ledger_closing order by number desc limit 1")
        row = cursor.fetchone()
    return row[0] if row else None


def closings(limit: int = CLOSINGS_MAX) -> list[Closing]:
    """Months that were closed and opened again, the newest act first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, act, starts_on, ends_on, closed_until, checkpoint, at, maker, checker,"
            " reason from ledger_closing order by number desc limit %s",
            [limit],
        )
        return [Closing(r[0], Act(r[1]), Period(r[2], r[3]), *r[4:]) for r in cursor.fetchall()]


@contextmanager
def snapshot() -> Iterator[None]:
    """Every read inside sees the same instant, unless a transaction is running already."""
    inside = connection.in_atomic_block
    with transaction.atomic():
        if not inside:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def recompute() -> LedgerCheck:
    """Recompute everything that the books claim from the entries alone, in one snapshot.

    Checks that debits equal credits, every code is in the chart, each balance row is the sum of its
    entries, versions run from 1 without a gap, each reversal is exact, and each input hash is that
    of the row.
    """
    with snapshot():
        totals: dict[str, list[int]] = {}
        accounts: set[UUID] = set()
        faults: list[LedgerFault] = []
        count = 0
        for row in _stream(f"select {_ENTRY}, input_hash from ledger_entry"):  # noqa: S608 - a constant
            count += 1
            entry = _entry(row)
            accounts.add(entry.account_id)
            totals.setdefault(entry.debit, [0, 0])[0] += entry.amount.fils
            totals.setdefault(entry.credit, [0, 0])[1] += entry.amount.fils
            if rules.input_hash(entry) != bytes(row[9]) and len(faults) < FAULTS_MAX:
                faults.append(LedgerFault("input_hash", entry.account_id, str(entry.id)))
            if not _in_chart(entry) and len(faults) < FAULTS_MAX:
                faults.append(LedgerFault("chart", entry.account_id, str(entry.id)))
        faults.extend(_set_faults())
    return LedgerCheck(
        entries=count,
        accounts=len(accounts),
        debit=Money(sum(side[0] for side in totals.values())),
        credit=Money(sum(side[1] for side in totals.values())),
        faults=tuple(faults),
    )


EXPORT_COLUMNS = [
    "account_id",
    "id",
    "version",
    "debit",
    "credit",
    "amount_fils",
    "business_date",
    "recorded_at",
    "source",
    "source_id",
    "reverses",
    "checkpoint",
]
CHECKPOINT_COLUMNS = ["number", "entries", "recorded_at", "root", "chain"]


def checkpoint_rows() -> Iterator[tuple[str, ...]]:
    """Every checkpoint as text, in the columns of CHECKPOINT_COLUMNS, in their order."""
    sql = "select number, entries, at, root, chain from ledger_checkpoint order by number"
    for number, count, at, root, chain in _stream(sql):
        made = at.astimezone(UTC).isoformat()
        yield str(number), str(count), made, bytes(root).hex(), bytes(chain).hex()


def export_rows() -> Iterator[tuple[str, ...]]:
    """Every entry as text, in the columns of EXPORT_COLUMNS, by account and version."""
    columns = ", ".join(f"e.{column.strip()}" for column in _COLUMNS.split(","))
    sql = (
        f"select {columns}, s.checkpoint from ledger_entry e left join ledger_seal s"  # noqa: S608 - a constant
        " on s.account_id = e.account_id and e.version > s.after and e.version <= s.version"
        " order by e.account_id, e.version"
    )
    for row in _stream(sql):
        stored = _stored(row)
        made = stored.entry
        yield (
            str(made.account_id),
            str(made.id),
            str(stored.version),
            made.debit,
            made.credit,
            str(made.amount.fils),
            made.business_date.isoformat(),
            stored.recorded_at.astimezone(UTC).isoformat(),
            made.source,
            str(made.source_id),
            str(made.reverses or ""),
            str(row[11] or ""),
        )


def _one(column: str, account_id: UUID, value: UUID) -> StoredEntry | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from ledger_entry where account_id = %s and {column} = %s",  # noqa: S608 - constants
            [account_id, value],
        )
        row = cursor.fetchone()
    return _stored(row) if row else None


def _stored(row: tuple[Any, ...]) -> StoredEntry:
    return StoredEntry(_entry(row), row[9], row[10])


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(
        id=row[0],
        account_id=row[1],
        debit=row[2],
        credit=row[3],
        amount=Money(row[4]),
        business_date=row[5],
        source=row[6],
        source_id=row[7],
        reverses=row[8],
    )


def _in_chart(made: Entry) -> bool:
    return made.debit in rules.chart() and made.credit in rules.chart()


def _stream(sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows of a large answer through a server-side cursor."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(BATCH):
            yield from rows


_SET_FAULTS = {
    "balance": (
        "with summed as (select account_id, count(*) as entries,"
        " sum(amount * ((debit = %(receivable)s)::int - (credit = %(receivable)s)::int)) as owed,"
        " sum(amount * ((credit = %(credit)s)::int - (debit = %(credit)s)::int)) as credit"
        " from ledger_entry group by account_id)"
        " select coalesce(s.account_id, b.account_id), coalesce(s.owed, 0)::text"
        " from summed s full join ledger_balance b on b.account_id = s.account_id"
        " where (coalesce(s.owed, 0), coalesce(s.credit, 0), coalesce(s.entries, 0)) is distinct"
        " from (coalesce(b.receivable_fils, 0), coalesce(b.credit_fils, 0),"
        " coalesce(b.version, 0)) limit %(limit)s"
    ),
    "version_gap": (
        "select account_id, max(version)::text from ledger_entry group by account_id"
        " having min(version) <> 1 or max(version) <> count(*) limit %(limit)s"
    ),
    "reversal": (
        "select r.account_id, r.id::text from ledger_entry r left join ledger_entry e"
        " on e.account_id = r.account_id and e.id = r.reverses where r.reverses is not null"
        " and (e.id is null or (e.debit, e.credit, e.amount) <> (r.credit, r.debit, r.amount)"
        " or e.reverses is not null) limit %(limit)s"
    ),
}


def _set_faults() -> Iterator[LedgerFault]:
    names: dict[str, str | int] = {"receivable": RECEIVABLE, "credit": CREDIT, "limit": FAULTS_MAX}
    with connection.cursor() as cursor:
        for invariant, sql in _SET_FAULTS.items():
            cursor.execute(sql, names)
            for account_id, detail in cursor.fetchall():
                yield LedgerFault(invariant, account_id, detail)
