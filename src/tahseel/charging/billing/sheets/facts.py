"""What is known of plain accounts in a month: one row an account, one row a meter's quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tahseel.consumption.readings import queries as readings
from tahseel.kernel import bulk, columns
from tahseel.kernel.cells import Bytes, Int64
from tahseel.kernel.period import BillingMonth, local_day
from tahseel.kernel.quantity import SERVICES
from tahseel.registry.supply import queries as supply

Mask = NDArray[np.bool_]
Rows = TypeVar("Rows", "Bills", "Uses")


@dataclass(frozen=True, slots=True)
class Bills:
    """Accounts that are billed, by id. sector: a place in `supply.SECTORS`; at: in the chunk."""

    at: Int64
    account_id: Bytes
    number: Bytes
    customer_id: Bytes
    sector: Int64
    dwellings: Int64


@dataclass(frozen=True, slots=True)
class Uses:
    """What a meter measured, by account and service; `bill` is the row of the account.

    start, end: days since 2000; service, method: places in what `readings` names.
    """

    bill: Int64
    meter_id: Bytes
    version: Int64
    service: Int64
    quantity: Int64
    method: Int64
    from_value: Int64
    from_known: Mask
    to_value: Int64
    to_known: Mask
    start: Int64
    end: Int64


@dataclass(frozen=True, slots=True)
class Sheet:
    """Bills with what they charge for. asked: the accounts of the chunk, by id."""

    month: BillingMonth
    asked: Sequence[UUID]
    bills: Bills
    uses: Uses

    def __len__(self) -> int:
        return len(self.bills.at)

    def kept(self, mask: Mask) -> Sheet:
        """Some of the bills, with their rows."""
        if mask.all():
            return self
        rows = mask[self.uses.bill]
        place = np.cumsum(mask) - 1
        uses = _some(self.uses, rows)
        return replace(
            self, bills=_some(self.bills, mask), uses=replace(uses, bill=place[uses.bill])
        )


def _some(rows: Rows, mask: Mask) -> Rows:
    return type(rows)(**{one.name: getattr(rows, one.name)[mask] for one in fields(rows)})


def gather(*, month: BillingMonth, account_ids: Sequence[UUID]) -> Sheet:
    """The plain ones of these accounts (by id) that have no bill of the month."""
    accounts = supply.plain_accounts(month=month, account_ids=account_ids)
    found = readings.plain_quantities(month=month, account_ids=account_ids)
    row = np.full(len(account_ids), -1, np.int64)
    row[accounts.at] = np.arange(len(accounts.at))
    mine = row[found.at] >= 0
    bill = row[found.at][mine]
    start = _days(found.from_at[mine])
    end = np.maximum(_days(found.to_at[mine]), start + 1)
    covered = (accounts.from_day[bill] <= start) & (end <= accounts.until_day[bill])
    plain = np.zeros(len(accounts.at), np.bool_)
    plain[bill] = True
    plain[bill[~covered]] = False
    missing = _unmeasured(accounts, bill, found.service[mine], found.meter_id[mine])
    plain[accounts.hung_at[missing]] = False
    plain &= ~np.isin(accounts.at, found.odd)
    plain &= ~np.isin(accounts.at, billed_places(month, account_ids))
    bills = Bills(
        accounts.at, accounts.account_id, accounts.number, accounts.customer_id, accounts.sector,
        accounts.dwellings,
    )  # fmt: skip
    uses = Uses(
        bill=bill,
        start=start,
        end=end,
        **{name: getattr(found, name)[mine] for name in _SHARED},
    )
    return Sheet(month, account_ids, bills, uses).kept(plain)


_SHARED = (
    "meter_id", "version", "service", "quantity", "method", "from_value", "from_known", "to_value",
    "to_known",
)  # fmt: skip


def _unmeasured(accounts: Any, bill: Int64, service: Int64, meter_id: Bytes) -> Mask:
    """Which of the meters that hang have no quantity."""
    shape = (len(accounts.at), len(SERVICES), meter_id.shape[1])
    measured = np.zeros(shape, np.uint8)
    measured[bill, service] = meter_id
    found: Mask = ~(measured[accounts.hung_at] == accounts.hung[:, None, :]).all(axis=2).any(axis=1)
    return found


def _days(instants: Int64) -> Int64:
    """Days in Kuwait, of few different instants."""
    different, which = np.unique(instants, return_inverse=True)
    days = [columns.day_number(local_day(columns.instant_of(one))) for one in different.tolist()]
    return np.array(days, np.int64)[which]


_BILLED = """
select w.at::int4 from unnest(%s::uuid[]) with ordinality as w (account_id, at)
join billing_bill b on b.account_id = w.account_id and b.month = %s
"""


def billed_places(month: BillingMonth, account_ids: Sequence[UUID]) -> Int64:
    """The places of accounts with any bill of a month: its own, a final one, or one corrected."""
    ids = bulk.uuid_array(account_ids)
    found = columns.fetch(_BILLED, {"at": "int4"}, [ids, month.ordinal])
    return found["at"] - 1
