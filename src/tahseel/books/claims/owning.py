"""Whose money an entry moves into or out of an account's credit: a row beside the entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tahseel.books.claims.values import CREDIT_USED
from tahseel.books.ledger import rules as ledger
from tahseel.books.ledger.values import Entry
from tahseel.kernel import bulk

_MOVE = {
    "account_id": "uuid",
    "id": "uuid",
    "customer_id": "uuid",
    "amount": "int8",
    "source": "text",
    "use_id": "uuid",
    "recorded_at": "timestamptz",
}


def keep_credit(*, at: datetime, moves: Sequence[tuple[Entry, UUID]]) -> None:
    """Keep whose money entries move into or out of credit; part of the transaction that posts them.

    moves: an entry and its customer. What does not touch credit is left out. at: when the entry
    is recorded.
    """
    rows = [
        (
            entry.account_id,
            entry.id,
            customer_id,
            fils,
            entry.source,
            entry.source_id if entry.source == CREDIT_USED and fils < 0 else None,
            at,
        )
        for entry, customer_id in moves
        if (fils := ledger.effect(entry)[1])
    ]
    if rows:
        bulk.append_rows(table="claims_credit", columns=_MOVE, rows=rows)
