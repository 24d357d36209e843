"""Reading claims: the one place that says what is open and what is overdue."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tahseel.books.claims import rules
from tahseel.books.claims.queries.crediting import (
    credit_moves,
    credit_of,
    credited,
    usable,
    uses_of,
)
from tahseel.books.claims.values import (
    Allocation,
    Applied,
    Claim,
    ClaimsCheck,
    ClaimsFault,
    Debtor,
    Owed,
)
from tahseel.books.ledger import queries as ledger
from tahseel.kernel import bulk
from tahseel.kernel.money import Money
from tahseel.kernel.period import start_of
from tahseel.kernel.sql import prepared

__all__ = ["credit_moves", "credit_of", "credited", "usable", "uses_of"]

Key = tuple[UUID, UUID]

BATCH = 10_000
FAULTS_MAX = 100

_COLUMNS = (
    "account_id, id, reference, kind, opened_on, due_date, amount, open, disputed, closed_at,"
    " customer_id"
)
_SELECT = f"select {_COLUMNS} from claims_claim"  # noqa: S608 - a constant


def claim(account_id: UUID, claim_id: UUID) -> Claim | None:
    """One claim, or None."""
    return claims_by_key([(account_id, claim_id)]).get((account_id, claim_id))


def claims_by_key(keys: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Claim]:
    """Claims by (account, id); an unknown key is left out."""
    found = _claims(
        "where (account_id, id) in (select * from unnest(%s::uuid[], %s::uuid[]))",
        _arrays(keys),
    )
    return {(claim.account_id, claim.id): claim for claim in found}


def claims(account_id: UUID) -> list[Claim]:
    """Every claim of an account, open or closed, the oldest due first."""
    return sorted(_claims("where account_id = %s", [account_id]), key=rules.age)


def open_claims(account_id: UUID) -> list[Claim]:
    """What an account still owes, the oldest due first."""
    return sorted(_claims("where account_id = %s and open > 0", [account_id]), key=rules.age)


def open_by_account(account_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Claim]]:
    """Open claims of several accounts, by account and claim."""
    found: dict[UUID, dict[UUID, Claim]] = {}
    for one in _claims(
        "where account_id = any(%s::uuid[]) and open > 0", [bulk.uuid_array(account_ids)]
    ):
        found.setdefault(one.account_id, {})[one.id] = one
    return found


def billed(
    *, account_ids: Collection[UUID], kind: str, since: date, until: date
) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    """(fils, how many) of the claims of a kind opened in a span, by account and customer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, customer_id, sum(amount)::bigint, count(*) from claims_claim"
            " where account_id = any(%s::uuid[]) and kind = %s"
            " and opened_on >= %s and opened_on < %s group by account_id, customer_id",
            [bulk.uuid_array(account_ids), kind, since, until],
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}


def by_reference(reference: str) -> Claim | None:
    """The claim that a customer quotes, such as a bill's number."""
    found = _claims("where reference = %s limit 1", [reference])
    return found[0] if found else None


def overdue(customer_id: UUID, as_of: date) -> list[Claim]:
    """A customer's claims whose due date has passed, with something undisputed open."""
    return overdue_of([customer_id], as_of).get(customer_id, [])


def overdue_of(customer_ids: Collection[UUID], as_of: date) -> dict[UUID, list[Claim]]:
    """`overdue` for many customers at once; those without are absent."""
    found: dict[UUID, list[Claim]] = {}
    claims = _claims(
        "where customer_id = any(%s::uuid[]) and open > 0 and open > disputed and due_date < %s",
        [bulk.uuid_array(customer_ids), as_of],
    )
    for one in sorted(claims, key=rules.age):
        found.setdefault(one.customer_id, []).append(one)
    return found


def debtors(as_of: date) -> list[Debtor]:
    """Every customer with overdue claims, by customer id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select customer_id, sum(open - disputed)::bigint, count(*), min(due_date)"
            " from claims_claim where open > 0 and open > disputed and due_date < %s"
            " group by customer_id order by customer_id",
            [as_of],
        )
        return [Debtor(r[0], Money(r[1]), r[2], r[3]) for r in cursor.fetchall()]


_OWED = """
select customer_id, account_id, count(*), sum(open)::bigint,
  coalesce(sum(open) filter (where due_date < %(day)s), 0)::bigint,
  min(due_date) filter (where due_date < %(day)s)
from (
  select c.customer_id, c.account_id, c.due_date, c.amount - coalesce(sum(a.amount), 0) as open
  from claims_claim c left join claims_allocation a on a.account_id = c.account_id
    and a.claim_id = c.id and a.recorded_at < %(end)s
  where c.account_id = any(%(accounts)s::uuid[]) and c.customer_id = any(%(customers)s::uuid[])
    and c.opened_on <= %(day)s
  group by c.account_id, c.id
) standing where open > 0 group by customer_id, account_id order by customer_id, account_id
"""


def owed_at_end_of(
    *, day: date, account_ids: Collection[UUID], customer_ids: Collection[UUID]
) -> list[Owed]:
    """What customers owed on accounts when a day ended, disputed parts included."""
    values: dict[str, date | datetime | str] = {
        "day": day,
        "end": start_of(day + timedelta(days=1)),
        "accounts": bulk.uuid_array(account_ids),
        "customers": bulk.uuid_array(customer_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWED, values)
        return [Owed(r[0], r[1], r[2], Money(r[3]), Money(r[4]), r[5]) for r in cursor.fetchall()]


_AGED = """
select width_bucket(%(day)s::date - due_date, %(edges)s::integer[]) as band, sum(open)::bigint
from (
  select c.due_date, c.amount - coalesce(sum(a.amount), 0) - coalesce((
    select d.disputed from claims_dispute d where d.account_id = c.account_id
      and d.claim_id = c.id and d.recorded_at < %(end)s order by d.place desc limit 1), 0) as open
  from claims_claim c left join claims_allocation a on a.account_id = c.account_id
    and a.claim_id = c.id and a.recorded_at < %(end)s
  where c.opened_on <= %(day)s and c.due_date < %(day)s
  group by c.account_id, c.id
) standing where open > 0 group by band order by band
"""


def overdue_by_age(*, day: date, edges: Sequence[int]) -> dict[int, Money]:
    """What was overdue when a day ended, by the last of the rising `edges` that its days reach.

    edges: days after the due date. What is younger than the first is left out; so is what was
    disputed then.
    """
    values: dict[str, Any] = {
        "day": day,
        "end": start_of(day + timedelta(days=1)),
        "edges": list(edges),
    }
    with connection.cursor() as cursor:
        cursor.execute(_AGED, values)
        return {edges[row[0] - 1]: Money(row[1]) for row in cursor.fetchall() if row[0] > 0}


def allocations(account_id: UUID, payment_id: UUID) -> list[Allocation]:
    """What a payment paid of which claims of an account, in the order it paid them."""
    return _allocations([(account_id, payment_id)]).get((account_id, payment_id), [])


def _allocations(keys: Sequence[Key]) -> dict[Key, list[Allocation]]:
    found: dict[Key, list[Allocation]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select a.account_id, a.payment_id, a.claim_id, c.reference, a.amount, a.closes"
            " from claims_allocation a"
            " join claims_claim c on c.account_id = a.account_id and c.id = a.claim_id"
            " where (a.account_id, a.payment_id) in"
            " (select * from unnest(%s::uuid[], %s::uuid[])) and a.reverses is null"
            " order by a.position",
            _arrays(keys),
        )
        for row in cursor.fetchall():
            part = Allocation(row[2], row[3], Money(row[4]), row[5])
            found.setdefault((row[0], row[1]), []).append(part)
    return found


@dataclass(frozen=True, slots=True)
class Application:
    """A payment once applied to an account, and whether that was undone."""

    amount: Money
    unapplied: Money
    reopened: bool


def application(*, account_id: UUID, payment_id: UUID) -> Application | None:
    """How a payment was applied to an account, or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select a.amount, a.unapplied, r.payment_id is not null from claims_application a"
            " left join claims_reopening r"
            " on r.account_id = a.account_id and r.payment_id = a.payment_id"
            " where a.account_id = %s and a.payment_id = %s",
            [account_id, payment_id],
        )
        row = cursor.fetchone()
    return Application(Money(row[0]), Money(row[1]), row[2]) if row else None


def applied_before(keys: Sequence[Key]) -> dict[Key, tuple[bytes, Applied]]:
    """First outcomes of (account, payment) pairs with their input hashes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, payment_id, unapplied, input_hash from claims_application"
            " where (account_id, payment_id) in (select * from unnest(%s::uuid[], %s::uuid[]))",
            _arrays(keys),
        )
        rows = {(row[0], row[1]): (Money(row[2]), bytes(row[3])) for row in cursor.fetchall()}
    parts = _allocations(list(rows)) if rows else {}
    return {
        key: (digest, Applied(*key, tuple(parts.get(key, ())), unapplied, fresh=False))
        for key, (unapplied, digest) in rows.items()
    }


def recompute() -> ClaimsCheck:
    """Recompute the claims from allocations, and hold them against the ledger's balances.

    Checks that what is open of a claim is its amount less its allocations, that each application is
    the sum of its parts and its rest, and that each account's receivable equals its open claims.
    """
    faults: list[ClaimsFault] = []
    with ledger.snapshot(), connection.cursor() as cursor:
        for invariant, sql in _SET_FAULTS.items():
            cursor.execute(sql, [FAULTS_MAX])
            faults.extend(ClaimsFault(invariant, *row) for row in cursor.fetchall())
        cursor.execute("select count(*), coalesce(sum(open), 0)::bigint from claims_claim")
        count, fils = cursor.fetchone() or (0, 0)
        cursor.execute("select account_id, sum(open)::bigint from claims_claim group by account_id")
        owed = dict(cursor.fetchall())
        for balance in ledger.all_balances():
            expected = owed.pop(balance.account_id, 0)
            if expected != balance.receivable.fils and len(faults) < FAULTS_MAX:
                detail = f"{balance.receivable.fils} fils in the ledger, {expected} open"
                faults.append(ClaimsFault("receivable", balance.account_id, detail))
        faults.extend(
            ClaimsFault("receivable", account_id, f"nothing in the ledger, {fils} open")
            for account_id, fils in list(owed.items())[:FAULTS_MAX]
            if fils
        )
    return ClaimsCheck(claims=count, open=Money(fils), faults=tuple(faults))


EXPORT_COLUMNS = [
    "account_id",
    "id",
    "reference",
    "kind",
    "opened_on",
    "due_date",
    "amount_fils",
    "open_fils",
    "disputed_fils",
    "closed_at",
    "customer_id",
]


def export_rows() -> Iterator[tuple[str, ...]]:
    """Every claim as text, in the columns of EXPORT_COLUMNS, by account and reference."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(f"{_SELECT} order by account_id, reference")
        while rows := cursor.fetchmany(BATCH):
            yield from (_exported(_claim(row)) for row in rows)


def _exported(one: Claim) -> tuple[str, ...]:
    return (
        str(one.account_id),
        str(one.id),
        one.reference,
        one.kind,
        one.opened_on.isoformat(),
        one.due_date.isoformat(),
        str(one.amount.fils),
        str(one.open.fils),
        str(one.disputed.fils),
        one.closed_at.astimezone(UTC).isoformat() if one.closed_at else "",
        str(one.customer_id),
    )


def _arrays(keys: Sequence[Key]) -> list[str]:
    return [bulk.uuid_array(key[n] for key in keys) for n in (0, 1)]


def _claims(where: str, values: list[Any]) -> list[Claim]:
    return [_claim(row) for row in prepared(f"{_SELECT} {where}", values)]


def _claim(row: tuple[Any, ...]) -> Claim:
    account_id, claim_id, reference, kind, opened_on, due_date, *_ = row
    amounts = (Money(row[6]), Money(row[7]), Money(row[8]))
    return Claim(
        account_id, claim_id, reference, kind, opened_on, due_date, *amounts, row[9], row[10]
    )


_SET_FAULTS = {
    "open": (
        "select c.account_id, c.reference from claims_claim c left join"
        " (select account_id, claim_id, sum(amount) as paid from claims_allocation"
        " group by account_id, claim_id) a on a.account_id = c.account_id and a.claim_id = c.id"
        " where c.open <> c.amount - coalesce(a.paid, 0) limit %s"
    ),
    "application": (
        "select p.account_id, p.payment_id::text from claims_application p left join"
        " (select account_id, payment_id, sum(amount) as paid from claims_allocation"
        " where reverses is null group by account_id, payment_id) a"
        " on a.account_id = p.account_id and a.payment_id = p.payment_id"
        " where p.amount <> p.unapplied + coalesce(a.paid, 0) limit %s"
    ),
}
