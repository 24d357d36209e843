"""Price books that were tried, with what came of it, and those that two people agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.charging.billing.values import TriedBook

BOOKS_MAX = 100
_BOOK = """
select b.id, b.code, b.version, b.name_ar, b.name_en, b.content, b.digest, b.against,
  b.report::text, b.tried_by, b.tried_at, coalesce(a.agreed_by, ''), a.agreed_at
from billing_book b left join billing_book_agreed a on a.book_id = b.id
"""


def tried_books(*, limit: int = BOOKS_MAX) -> list[TriedBook]:
    """The last ones, the newest first."""
    return _read("order by b.tried_at desc, b.id limit %s", [min(limit, BOOKS_MAX)])


def tried_book(*, book_id: UUID) -> TriedBook | None:
    """One, or None."""
    found = _read("where b.id = %s", [book_id])
    return found[0] if found else None


def _read(where: str, values: Sequence[Any]) -> list[TriedBook]:
    with connection.cursor() as cursor:
        cursor.execute(_BOOK + where, values)
        return [
            TriedBook(*row[:8], orjson.loads(row[8]), *row[9:])  # type: ignore[call-arg]
            for row in cursor.fetchall()
        ]
