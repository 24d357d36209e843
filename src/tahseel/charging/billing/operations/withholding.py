"""Bills that a run holds back: written with what was seen, and ended when a later run sees other.

The run's own transaction writes them beside the bills of the chunk. A bill that would be the same
as the one that is held stays held as it is; nothing of what was found is ever changed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from tahseel.charging.billing.checking import HeldBill
from tahseel.charging.billing.values import Held, HeldState
from tahseel.kernel import bulk
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth, Period

_HELD = {
    "account_id": "uuid",
    "id": "uuid",
    "month": "int4",
    "digest": "text",
    "first_check": "text",
    "total_fils": "int8",
    "stake_fils": "int8",
    "found": "jsonb",
    "run_id": "uuid",
    "held_at": "timestamptz",
    "from_day": "date",
    "to_day": "date",
}
# Few are held: each looks for its bill, rather than all bills of the month for theirs.
_OVERTAKEN = """
update billing_held h set state = 'overtaken', ended_at = %s, ended_by = %s
where h.month = %s and h.state = 'held' and h.to_day is null and (
  select true from billing_bill b where b.account_id = h.account_id and b.month = h.month
    and (b.sequence = 0 or (b.corrects is null and b.to_day >= %s)) limit 1)
"""


def write(
    held: Sequence[HeldBill],
    *,
    month: BillingMonth,
    run_id: UUID,
    at: datetime,
    by: str,
    days: Period | None = None,
) -> None:
    """Hold bills back; one that is held for the same already is left as it is.

    days: of a final bill, of which nothing is held yet.
    """
    fresh = held
    if days is None:
        known = open_digests(month, [one.account_id for one in held])
        fresh = [one for one in held if known.get(one.account_id) != one.digest]
        end(HeldState.OVERTAKEN, [one.account_id for one in fresh], month=month, at=at, by=by)
    bulk.append_rows(
        table="billing_held",
        columns=_HELD,
        rows=[
            (
                one.account_id,
                new_id(at),
                month.ordinal,
                one.digest,
                str(one.found[0].check),
                one.total.fils,
                one.stake.fils,
                Jsonb([why.as_dict() for why in one.found]),
                run_id,
                at,
                days.start if days else None,
                days.end if days else None,
            )
            for one in fresh
        ],
    )


def end(
    state: HeldState,
    account_ids: Collection[UUID],
    *,
    month: BillingMonth,
    at: datetime,
    by: str,
    reason: str = "",
) -> None:
    """What of these accounts is held of a month is so no more; final bills stay held."""
    if not account_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update billing_held set state = %s, ended_at = %s, ended_by = %s, reason = %s"
            " where month = %s and state = 'held' and to_day is null"
            " and account_id = any(%s::uuid[])",
            [str(state), at, by, reason, month.ordinal, bulk.uuid_array(account_ids)],
        )


def end_final(held: Held, state: HeldState, *, at: datetime, by: str, reason: str = "") -> None:
    """A final bill is held no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update billing_held set state = %s, ended_at = %s, ended_by = %s, reason = %s"
            " where account_id = %s and id = %s and state = 'held'",
            [str(state), at, by, reason, held.account_id, held.id],
        )


def end_billed(*, month: BillingMonth, at: datetime, by: str) -> None:
    """What is held of a month that has its bill by another way, such as a final bill."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERTAKEN, [at, by, month.ordinal, month.period.end])


def open_digests(month: BillingMonth, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """What is held of accounts in a month: what each bill would be, in short."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, digest from billing_held"
            " where month = %s and state = 'held' and to_day is null"
            " and account_id = any(%s::uuid[])",
            [month.ordinal, bulk.uuid_array(account_ids)],
        )
        return dict(cursor.fetchall())
