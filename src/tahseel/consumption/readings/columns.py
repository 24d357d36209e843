"""What stands for a month, in columns, for accounts of which one meter a service measured."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tahseel.consumption.readings.values import METHODS
from tahseel.kernel import bulk, columns
from tahseel.kernel.cells import Bytes, Int64
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import SERVICES

_ROW = {
    "at": "int4",
    "meter_id": "uuid",
    "version": "int4",
    "service": "int4",
    "quantity": "int8",
    "method": "int4",
    "from_at": "timestamptz",
    "to_at": "timestamptz",
    "from_known": "bool",
    "from_value": "int8",
    "to_known": "bool",
    "to_value": "int8",
    "plain": "bool",
}
# `offset 0`: each account looks for its own, however few a plan takes the month to have.
_ROWS = """
select w.at::int4, d.meter_id, d.version, coalesce(array_position(%s::text[], d.service), 0),
  d.quantity, coalesce(array_position(%s::text[], d.method), 0), d.from_at, d.to_at,
  d.from_value is not null, coalesce(d.from_value, 0),
  d.to_value is not null, coalesce(d.to_value, 0),
  d.estimated_share = 0 and d.method <> 'estimated' and d.profile is null
from unnest(%s::uuid[]) with ordinality as w (account_id, at)
cross join lateral (
  select * from readings_determinant r where r.account_id = w.account_id and r.month = %s offset 0
) d
"""


@dataclass(frozen=True, slots=True)
class PlainQuantities:
    """Determinants by account and service; at: the place of the account among those asked for.

    service, method: places in SERVICES and METHODS; instants: microseconds since 2000. odd: places
    of accounts that have others too: an estimate, a profile, two meters of one service.
    """

    at: Int64
    meter_id: Bytes
    version: Int64
    service: Int64
    quantity: Int64
    method: Int64
    from_at: Int64
    to_at: Int64
    from_value: Int64
    from_known: NDArray[np.bool_]
    to_value: Int64
    to_known: NDArray[np.bool_]
    odd: Int64


def plain_quantities(*, month: BillingMonth, account_ids: Collection[UUID]) -> PlainQuantities:
    """The last version of what one meter a service measured; see `queries.determinants`."""
    services, methods = [str(one) for one in SERVICES], [str(one) for one in METHODS]
    ids = bulk.uuid_array(account_ids)
    found = columns.fetch(_ROWS, _ROW, [services, methods, ids, month.ordinal])
    order = np.lexsort((found["version"], found["service"], found["at"]))
    at, service = found["at"][order] - 1, found["service"][order] - 1
    meter_id, plain = found["meter_id"][order], found["plain"][order]
    follows = (at[1:] == at[:-1]) & (service[1:] == service[:-1])
    other = (meter_id[1:] != meter_id[:-1]).any(axis=1) & follows
    last = ~np.append(follows, np.zeros(len(at[:1]), np.bool_))
    odd = (last & (~plain | (service < 0))) | np.append(other, np.zeros(len(at[:1]), np.bool_))
    kept = order[last]
    return PlainQuantities(
        at=at[last],
        meter_id=meter_id[last],
        version=found["version"][kept],
        service=service[last],
        quantity=found["quantity"][kept],
        method=found["method"][kept] - 1,
        from_at=found["from_at"][kept],
        to_at=found["to_at"][kept],
        from_value=found["from_value"][kept],
        from_known=found["from_known"][kept],
        to_value=found["to_value"][kept],
        to_known=found["to_known"][kept],
        odd=np.unique(at[odd]),
    )
