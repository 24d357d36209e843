"""Debts that moved, from where to where, and what waits for the second person. Names nobody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.books.transfers.values import MOVE, RETURN, Part, Transfer, Waiting
from tahseel.kernel import bulk
from tahseel.kernel.money import Money
from tahseel.trust.approvals import queries as approvals
from tahseel.trust.approvals.values import ApprovalView

_SELECT = (
    "select t.id, t.reference, t.assumption_id, t.from_account_id, t.to_account_id, t.amount,"
    " t.moved_on, t.recorded_at, t.asked_by, t.agreed_by, r.recorded_at, r.agreed_by, r.reason"
    " from transfers_transfer t left join transfers_return r on r.transfer_id = t.id"
)
_PARTS = """
select p.transfer_id, p.account_id, p.claim_id, o.reference, o.kind, o.due_date, p.amount,
  p.new_claim_id, n.reference
from transfers_part p
join claims_claim o on o.account_id = p.account_id and o.id = p.claim_id
join claims_claim n on n.account_id = p.to_account_id and n.id = p.new_claim_id
where p.transfer_id = any(%s::uuid[]) order by o.due_date, o.reference
"""

_PAID = """
with recursive standing as (
  select p.* from transfers_part p
  where not exists (select 1 from transfers_return r where r.transfer_id = p.transfer_id)
), stem as (
  select w.account_id as root_account, w.claim_id as root_claim, w.account_id, w.claim_id
  from unnest(%s::uuid[], %s::uuid[]) as w(account_id, claim_id)
  union all
  select s.root_account, s.root_claim, p.to_account_id, p.new_claim_id
  from stem s join standing p on p.account_id = s.account_id and p.claim_id = s.claim_id
)
select s.root_account, s.root_claim, sum(c.amount - c.open - coalesce((select sum(p.amount)
  from standing p where p.account_id = s.account_id and p.claim_id = s.claim_id), 0))::bigint
from stem s join claims_claim c on c.account_id = s.account_id and c.id = s.claim_id
group by s.root_account, s.root_claim
"""


def by_id(transfer_id: UUID) -> Transfer | None:
    """One transfer, or None."""
    found = _transfers("where t.id = %s", transfer_id)
    return found[0] if found else None


def of_account(account_id: UUID) -> list[Transfer]:
    """Every debt that left the account or came to it, also what was given back, newest first."""
    return _transfers(
        "where t.from_account_id = %s or t.to_account_id = %s"
        " order by t.recorded_at desc, t.id desc",
        account_id,
        account_id,
    )


def moved_away(*, account_id: UUID, claim_ids: Collection[UUID]) -> dict[UUID, str]:
    """Those of the claims of which a part is owed on another account: by which transfer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.claim_id, t.reference from transfers_part p"
            " join transfers_transfer t on t.id = p.transfer_id"
            " where p.account_id = %s and p.claim_id = any(%s::uuid[])"
            " and not exists (select 1 from transfers_return r where r.transfer_id = t.id)",
            [account_id, bulk.uuid_array(claim_ids)],
        )
        return dict(cursor.fetchall())


def paid(keys: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Money]:
    """What of claims, by (account, id), was met by anything but a move.

    Of a part that is owed on another account, what was met there counts.
    """
    arrays = [bulk.uuid_array(key[n] for key in keys) for n in (0, 1)]
    with connection.cursor() as cursor:
        cursor.execute(_PAID, arrays)
        return {(row[0], row[1]): Money(row[2]) for row in cursor.fetchall()}


def waiting(*, as_of: datetime) -> list[Waiting]:
    """What somebody asked for and nobody has decided, the oldest first."""
    found = [
        _waiting(view)
        for operation in (MOVE, RETURN)
        for view in approvals.waiting(as_of=as_of, operation=operation)
    ]
    return sorted(found, key=lambda one: (one.asked_at, one.approval_id))


def _waiting(view: ApprovalView) -> Waiting:
    transfer = view.payload.get("transfer")
    return Waiting(
        approval_id=view.id,
        assumption_id=UUID(str(view.payload["assumption"])),
        transfer_id=UUID(str(transfer)) if transfer else None,
        amount=Money(int(view.payload["fils"])),
        asked_at=view.made_at,
    )


def _transfers(where: str, *values: UUID) -> list[Transfer]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} {where}", values)
        rows = cursor.fetchall()
        cursor.execute(_PARTS, [bulk.uuid_array(row[0] for row in rows)])
        parts: dict[UUID, list[Part]] = {}
        for transfer_id, *of in cursor.fetchall():
            parts.setdefault(transfer_id, []).append(_part(of))
    return [_transfer(row, tuple(parts.get(row[0], ()))) for row in rows]


def _transfer(row: tuple[Any, ...], parts: tuple[Part, ...]) -> Transfer:
    fils, moved_on, recorded_at, asked_by, agreed_by = row[5:10]
    returned_at, returned_by, reason = row[10:]
    return Transfer(
        id=row[0],
        reference=row[1],
        assumption_id=row[2],
        from_account_id=row[3],
        to_account_id=row[4],
        amount=Money(fils),
        moved_on=moved_on,
        recorded_at=recorded_at,
        asked_by=asked_by,
        agreed_by=agreed_by,
        parts=parts,
        returned_at=returned_at,
        returned_by=returned_by or "",
        reason=reason or "",
    )


def _part(row: list[Any]) -> Part:
    account_id, claim_id, reference, kind, due_date, fils, new_claim_id, new_reference = row
    return Part(
        account_id, claim_id, reference, kind, due_date, Money(fils), new_claim_id, new_reference
    )
