"""Many new entries in columns, for a run that charges accounts: no value of ours an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
from django.db import connection

from tahseel.books.ledger import queries, rules
from tahseel.books.ledger.operations.posting import PeriodClosed, UnknownCode
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.kernel import cells, columns
from tahseel.kernel.actor import Actor
from tahseel.kernel.cells import Bytes, Column, Int64
from tahseel.kernel.money import Money
from tahseel.trust.audit import operations as audit

_LOCKED = (
    "select account_id, version from ledger_balance where account_id = any(%s::uuid[])"
    " order by account_id for update"
)
_MAKE = (
    "insert into ledger_balance (account_id) select unnest(%s::uuid[]) as account_id"
    " order by account_id on conflict do nothing"
)
_MOVE = (
    "update ledger_balance b set receivable_fils = b.receivable_fils + m.fils,"
    " version = b.version + m.entries"
    " from unnest(%s::uuid[], %s::bigint[], %s::bigint[]) as m (account_id, fils, entries)"
    " where b.account_id = m.account_id"
)


@dataclass(frozen=True, slots=True)
class Charged:
    """Entries that add to what accounts owe, by account; all are new, and above nothing.

    credit: a place in `codes`; `source_id` is the paper that each entry comes from.
    """

    account_id: Bytes
    id: Bytes
    codes: tuple[str, ...]
    credit: Int64
    amount: Int64
    source_id: Bytes
    business_date: date
    source: str

    def __len__(self) -> int:
        return len(self.amount)


def locked_versions(accounts: Bytes) -> Int64:
    """Lock the balance rows of accounts, made where missing; how many entries each has.

    accounts: by id, each once.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("accounts are locked inside a transaction")
    ids, row = columns.array_text(accounts), {"account_id": "uuid", "version": "int8"}
    found = columns.fetch(_LOCKED, row, [ids])
    if len(found["version"]) < len(accounts):
        with connection.cursor() as cursor:
            cursor.execute(_MAKE, [ids])
        found = columns.fetch(_LOCKED, row, [ids])
    if not np.array_equal(found["account_id"], accounts):
        raise ValueError("accounts are given by id, each once")
    return found["version"]


@audit.audited("ledger.post_charged", subject="charged")
def post_charged(*, actor: Actor, at: datetime, charged: Charged) -> int:
    """Post entries that nobody has posted before; returns how many. A key refuses a second time.

    Raises UnknownCode, PeriodClosed.
    """
    audit.note(amount_fils=int(charged.amount.sum()))
    if not len(charged):
        return 0
    _within_bounds(charged)
    first = np.ones(len(charged), np.bool_)
    first[1:] = (charged.account_id[1:] != charged.account_id[:-1]).any(axis=1)
    begins = np.flatnonzero(first)
    entries = np.diff(np.append(begins, len(charged)))
    accounts = charged.account_id[begins]
    versions = locked_versions(accounts)
    place = np.arange(len(charged)) - np.repeat(begins, entries)
    columns.append(
        table="ledger_entry",
        columns=_rows(charged, np.repeat(versions, entries) + place + 1, at),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            [
                columns.array_text(accounts),
                columns.whole_array_text(np.add.reduceat(charged.amount, begins)),
                columns.whole_array_text(entries),
            ],
        )
    return len(charged)


def _within_bounds(charged: Charged) -> None:
    """Every code is known and of no limit, and the period is open."""
    for code in sorted({RECEIVABLE, *charged.codes} - set(rules.chart())):
        raise UnknownCode(name=code)
    until, day = queries.closed_until(), charged.business_date
    if until is not None and day < until:
        raise PeriodClosed(until=until.isoformat(), day=day.isoformat())
    nobody = UUID(int=0)
    for code in charged.codes:
        one = Entry(
            id=nobody, account_id=nobody, debit=RECEIVABLE, credit=code, amount=Money(1),
            business_date=day, source=charged.source, source_id=nobody,
        )  # fmt: skip
        if rules.lowers(one) or code == CREDIT:
            raise ValueError(f"{code} has a limit, which is looked at entry by entry")


def _rows(charged: Charged, versions: Int64, at: datetime) -> dict[str, Column]:
    count = len(charged)
    codes = [code.encode() for code in charged.codes]
    credit = cells.chosen(codes, charged.credit)
    return {
        "account_id": cells.fixed(charged.account_id),
        "id": cells.fixed(charged.id),
        "version": cells.numbers(versions, 8),
        "debit": cells.same(RECEIVABLE.encode(), count),
        "credit": credit,
        "amount": cells.numbers(charged.amount, 8),
        "business_date": cells.same(columns.day_cell(charged.business_date), count),
        "recorded_at": cells.same(columns.instant_cell(at), count),
        "source": cells.same(charged.source.encode(), count),
        "source_id": cells.fixed(charged.source_id),
        "input_hash": cells.fixed(input_hashes(charged, credit)),
    }


def input_hashes(charged: Charged, credit: Column) -> Bytes:
    """`rules.input_hash` of every entry."""
    count = len(charged)
    day, source = charged.business_date.isoformat(), charged.source
    return cells.sha256(
        cells.joined(
            cells.fixed(cells.uuid_text(charged.account_id)),
            cells.same(b"\x1f", count),
            cells.fixed(cells.uuid_text(charged.id)),
            cells.same(f"\x1f{RECEIVABLE}\x1f".encode(), count),
            credit,
            cells.same(b"\x1f", count),
            cells.digits(charged.amount),
            cells.same(f"\x1f{day}\x1f{source}\x1f".encode(), count),
            cells.fixed(cells.uuid_text(charged.source_id)),
            cells.same(b"\x1f", count),
        )
    )
