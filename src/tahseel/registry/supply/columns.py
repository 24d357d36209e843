"""What a bill run must know of accounts, in columns, for those of whom there is little to say.

An account is plain where one customer is liable on all of its days in a month, one sector holds for
them that no certificate and no unit behind its meters can change, and at least one meter hangs. Of
all others `queries.billable_accounts` tells.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tahseel.kernel import bulk, columns
from tahseel.kernel.cells import Bytes, Int64
from tahseel.kernel.period import BillingMonth
from tahseel.registry.premises.values import PRODUCTIVE_SECTORS, Sector
from tahseel.registry.supply.rules import NUMBER_DIGITS

SECTORS = tuple(Sector)
_PLAIN = np.array([one not in PRODUCTIVE_SECTORS for one in SECTORS])
_ACCOUNT = {
    "at": "int4",
    "account_id": "uuid",
    "number": f"text{NUMBER_DIGITS}",
    "customer_id": "uuid",
    "sector": "int4",
    "dwellings": "int4",
    "from_day": "date",
    "until_day": "date",
}
_METER = {"at": "int4", "meter_id": "uuid", "hangs": "bool", "feeds": "bool"}
_WANTED = (
    "from unnest(%s::uuid[]) with ordinality as w (account_id, at)"
    " join supply_account a on a.id = w.account_id"
)
# An account is there as often as it has payers and sectors in the month; a plain one is there once.
_ACCOUNTS = f"""
select w.at::int4, a.id, case when a.number ~ '^[0-9]{{{NUMBER_DIGITS}}}$'
    then a.number else repeat(' ', {NUMBER_DIGITS}) end,
  coalesce(l.customer_id, '00000000-0000-0000-0000-000000000000'),
  coalesce(array_position(%s::text[], s.sector), 0)::int4, s.dwellings,
  s.from_day, coalesce(s.until_day, 'infinity')
{_WANTED}
join supply_liability l on l.account_id = a.id and l.from_day < least(a.closed_on, %s)
  and coalesce(l.until_day, 'infinity') > greatest(a.opened_on, %s)
join premises_unit_sector s on s.unit_id = a.unit_id and s.from_day < least(a.closed_on, %s)
  and coalesce(s.until_day, 'infinity') > greatest(a.opened_on, %s)
order by w.at
"""
_METERS = f"""
select w.at::int4, coalesce(i.meter_id, '00000000-0000-0000-0000-000000000000'),
  i.meter_id is not null, p.id in (select point_id from premises_feed)
{_WANTED}
join premises_point_at p on p.unit_id = a.unit_id
left join meters_installation i on i.service_point_id = p.id
  and greatest(i.installed_on, p.from_day, a.opened_on, %s)
    < least(i.removed_on, p.until_day, a.closed_on, %s)
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class PlainAccounts:
    """Accounts with one payer, one sector and their meters, in the order they were asked for.

    at: the place of each among those that were asked for; sector: a place in SECTORS, which holds
    from `from_day` up to, not including, `until_day` (days since 2000). hung: meters with
    `hung_at`, the row of their account here.
    """

    at: Int64
    account_id: Bytes
    number: Bytes
    customer_id: Bytes
    sector: Int64
    dwellings: Int64
    from_day: Int64
    until_day: Int64
    hung: Bytes
    hung_at: Int64


def plain_accounts(*, month: BillingMonth, account_ids: Collection[UUID]) -> PlainAccounts:
    """Those of the accounts that are plain in a month."""
    ids, period = bulk.uuid_array(account_ids), month.period
    sectors = [str(one) for one in SECTORS]
    found = columns.fetch(
        _ACCOUNTS, _ACCOUNT, [sectors, ids, period.end, period.start, period.end, period.start]
    )
    meters = columns.fetch(_METERS, _METER, [ids, period.start, period.end])
    hangs = meters["hangs"]
    at, hung_at = found["at"], meters["at"]
    plain = _once(at) & (found["sector"] > 0) & (found["number"][:, 0] != ord(" "))
    plain &= found["customer_id"].any(axis=1) & _PLAIN[found["sector"] - 1]
    plain &= np.isin(at, hung_at[hangs]) & ~np.isin(at, hung_at[meters["feeds"]])
    kept = {name: values[plain] for name, values in found.items()}
    row = np.full(len(account_ids) + 1, -1, np.int64)
    row[at[plain]] = np.arange(len(kept["at"]))
    mine = hangs & (row[hung_at] >= 0)
    return PlainAccounts(
        at=at[plain] - 1,
        account_id=kept["account_id"],
        number=kept["number"],
        customer_id=kept["customer_id"],
        sector=kept["sector"] - 1,
        dwellings=kept["dwellings"],
        from_day=kept["from_day"],
        until_day=kept["until_day"],
        hung=meters["meter_id"][mine],
        hung_at=row[hung_at[mine]],
    )


def _once(places: NDArray[Any]) -> NDArray[np.bool_]:
    once: NDArray[np.bool_] = np.bincount(places, minlength=1)[places] == 1
    return once
