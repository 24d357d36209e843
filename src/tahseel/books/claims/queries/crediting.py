"""Whose the money is that stands to an account's credit, and where it could be used."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from tahseel.books.claims.values import CREDIT_USED, CreditUse
from tahseel.kernel import bulk
from tahseel.kernel.money import Money
from tahseel.kernel.period import start_of


def credited(account_ids: Collection[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Fils of unapplied credit by account and customer; accounts without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.account_id, c.customer_id, sum(c.amount)::bigint from ledger_balance b"
            " join claims_credit c on c.account_id = b.account_id"
            " where b.account_id = any(%s::uuid[]) and b.credit_fils > 0"
            " and c.customer_id is not null group by c.account_id, c.customer_id"
            " having sum(c.amount) > 0 order by c.account_id, c.customer_id",
            [bulk.uuid_array(account_ids)],
        )
        found: dict[UUID, dict[UUID, int]] = {}
        for account_id, customer_id, fils in cursor.fetchall():
            found.setdefault(account_id, {})[customer_id] = fils
    return found


def credit_of(*, account_id: UUID, customer_id: UUID) -> Money:
    """What one customer has to his credit on an account."""
    return Money(credited([account_id]).get(account_id, {}).get(customer_id, 0))


def usable() -> list[UUID]:
    """Accounts on which a customer has credit and owes something that is not disputed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select b.account_id from ledger_balance b where b.credit_fils > 0 and exists ("
            " select from claims_claim c where c.account_id = b.account_id and c.open > c.disputed"
            " and exists (select from claims_credit h where h.account_id = c.account_id"
            " and h.customer_id = c.customer_id)) order by b.account_id"
        )
        return [row[0] for row in cursor.fetchall()]


def uses_of(*, account_id: UUID, customer_id: UUID) -> list[CreditUse]:
    """How a customer's credit was used on an account and still is, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select u.use_id, u.id, -u.amount from claims_credit u where u.account_id = %s"
            " and u.customer_id = %s and u.source = %s and u.amount < 0 and not exists ("
            " select from claims_reopening r where r.account_id = u.account_id"
            " and r.payment_id = u.use_id) order by u.place desc",
            [account_id, customer_id, CREDIT_USED],
        )
        return [CreditUse(row[0], row[1], Money(row[2])) for row in cursor.fetchall()]


def credit_moves(
    *, account_id: UUID, customer_id: UUID, until: date
) -> list[tuple[date, str, int]]:
    """What moved a customer's credit up to the end of a day: day, source, fils."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (recorded_at at time zone 'Asia/Kuwait')::date, source, amount"
            " from claims_credit where account_id = %s and customer_id = %s and recorded_at < %s"
            " order by place",
            [account_id, customer_id, start_of(until + timedelta(days=1))],
        )
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]
