"""Which balances the database itself keeps from falling below zero; declared by its owner."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connections

from tahseel.books.ledger.values import ChartAccount

_DROP = "delete from ledger_limit where not code = any(%s)"
_KEEP = (
    "insert into ledger_limit (code, on_debit) values (%s, %s) on conflict (code) do update"
    " set on_debit = excluded.on_debit where ledger_limit.on_debit <> excluded.on_debit"
)


def declare(chart: Iterable[ChartAccount], *, using: str) -> None:
    """Bring the limits to the country's chart, over the owner's connection."""
    limited = [account for account in chart if account.limited]
    with connections[using].cursor() as cursor:
        cursor.execute(_DROP, [[account.code for account in limited]])
        for account in limited:
            cursor.execute(_KEEP, [account.code, account.on_debit])
