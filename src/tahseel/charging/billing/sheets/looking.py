"""Which bills of a sheet a check might hold back: those are looked at one by one.

The same question as `queries.far_from_past`, in whole numbers of 64 bits. What is too large for
them is looked at as well, and found to be in order where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from tahseel.charging.billing.checking import PER_MILLE
from tahseel.charging.billing.sheets.facts import Mask
from tahseel.charging.billing.sheets.pricing import Priced, summed
from tahseel.charging.tariffs.values import CONSUMPTION
from tahseel.kernel import bulk, columns
from tahseel.kernel.cells import Int64
from tahseel.kernel.quantity import SERVICES

QUANTITY_FITS, DAYS_FIT, FACTOR_FITS = 10**10, 400, 10**6
# `offset 0`: each account looks for its own bills; no plan reads all of a month for a chunk.
_PAST = """
select w.at::int4, l.month, l.sequence::int4, l.days,
  coalesce(array_position(%s::text[], l.service), 0), l.quantity
from unnest(%s::uuid[]) with ordinality as w (account_id, at)
cross join lateral (
  select b.month, b.sequence, b.to_day - b.from_day as days, l.service, l.quantity
  from billing_bill b
  join billing_line l on l.account_id = b.account_id and l.bill_id = b.id
  where b.account_id = w.account_id and b.month = any(%s::integer[]) and l.kind = %s offset 0
) l
"""
_ROW = {
    "at": "int4",
    "month": "int4",
    "sequence": "int4",
    "days": "int4",
    "service": "int4",
    "quantity": "int8",
}


def far(
    priced: Priced,
    *,
    account_ids: Sequence[UUID],
    months: Sequence[int],
    above: int,
    below: int,
) -> Mask:
    """The bills that charge for far more, or far less, than one of some months (per mille)."""
    sheet = priced.sheet
    found = columns.fetch(
        _PAST,
        _ROW,
        [
            [str(one) for one in SERVICES],
            bulk.uuid_array(account_ids),
            list(months),
            str(CONSUMPTION),
        ],
    )
    row = np.full(len(account_ids) + 1, -1, np.int64)
    row[sheet.bills.at + 1] = np.arange(len(sheet))
    mine = (row[found["at"]] >= 0) & (found["service"] > 0)
    found = {name: values[mine] for name, values in found.items()}
    key = np.stack([row[found["at"]], found["month"], found["sequence"], found["service"] - 1])
    order = np.lexsort(key[::-1])
    key = key[:, order]
    starts = np.any(np.diff(key, axis=1, prepend=-1), axis=0)
    begins = np.flatnonzero(starts)
    before = summed(np.cumsum(starts) - 1, found["quantity"][order], len(begins))
    bill, _, _, service = key
    past_days = found["days"][order][begins]
    bill, service = bill[begins], service[begins]
    used, days = _now(priced)
    mine, own = used[bill, service], days[bill]
    fits = (np.maximum(mine, before) <= QUANTITY_FITS) & (np.maximum(own, past_days) <= DAYS_FIT)
    if max(above, below) > FACTOR_FITS:
        fits[:] = False
    one, other = mine * past_days * PER_MILLE, before * own
    over = (one >= other * above) & (mine > 0)
    under = (one <= other * below) & (before > 0)
    odd = np.zeros(len(sheet), np.bool_)
    odd[bill[(mine >= 0) & (over | under | ~fits)]] = True
    return odd


def _now(priced: Priced) -> tuple[Int64, Int64]:
    """What each bill charges for by service (-1: nothing of it), and its days."""
    uses = priced.sheet.uses
    used = np.full((len(priced.sheet), len(SERVICES)), -1, np.int64)
    used[uses.bill, uses.service] = priced.used
    first, last = priced.days()
    return used, last - first
