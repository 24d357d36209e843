"""Claims whose rows the database makes."""

from __future__ import annotations

from django.db import connection

from tahseel.kernel import bulk

_INSERT = """
with opened as (
  insert into claims_claim
    (account_id, id, reference, kind, opened_on, due_date, amount, open, disputed, customer_id)
  select l.account_id, l.id, l.reference, l.kind, l.opened_on, l.due_date, l.amount, l.amount, 0,
    l.customer_id
  from ({lines}) as l
  returning amount
)
select count(*), coalesce(sum(amount), 0)::bigint from opened
"""


def insert(claims: bulk.Lines) -> tuple[int, int]:
    """How many claims were opened, and their fils."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(lines=claims.statement), dict(claims.values))
        count, fils = cursor.fetchone() or (0, 0)
    return int(count), int(fils)
