"""Which accounts a run is for: those of a governorate, of a reading cycle, or of a list."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import rules as field
from tahseel.kernel import bulk
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply

NAMED_MAX = 20


class GovernorateUnknown(Refusal):
    """No governorate has the code."""

    code = "run_governorate_unknown"
    text_ar = "لا توجد محافظة بالرمز {given}؛ المعروفة: {known}"
    text_en = "There is no governorate {given}; known are {known}"


class CycleUnknown(Refusal):
    """No reading cycle has the code."""

    code = "run_cycle_unknown"
    text_ar = "لا توجد دورة قراءة بالرمز {given}؛ المعروفة: {known}"
    text_en = "There is no reading cycle {given}; known are {known}"


class AccountsUnknown(Refusal):
    """Numbers of a list that no account has."""

    code = "run_accounts_unknown"
    text_ar = "لا توجد حسابات بهذه الأرقام: {numbers}"
    text_en = "No account has these numbers: {numbers}"


_WAITING = """
select a.id from supply_account a
where a.opened_on < %(end)s and coalesce(a.closed_on, 'infinity') > %(start)s
  and not exists (select from billing_bill b
    where b.account_id = a.id and b.month = %(month)s and b.sequence = 0)
order by a.id
"""


def waiting(*, month: BillingMonth) -> list[UUID]:
    """The accounts open in a month that have not got the month's bill."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WAITING,
            {"start": month.period.start, "end": month.period.end, "month": month.ordinal},
        )
        return [row[0] for row in cursor.fetchall()]


def parked_for(*, month: BillingMonth, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Those of the accounts that are parked in a month, with the reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, reason from billing_parked"
            " where month = %s and resolved_at is null and account_id = any(%s::uuid[])",
            [month.ordinal, bulk.uuid_array(account_ids)],
        )
        return dict(cursor.fetchall())


def was_run(*, month: BillingMonth) -> bool:
    """A bill run has been over the month."""
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from billing_run where month = %s)", [month.ordinal])
        found = cursor.fetchone()
    return bool(found and found[0])


def chosen(
    *,
    month: BillingMonth,
    governorate: str = "",
    cycle: str = "",
    numbers: Collection[str] = (),
) -> list[UUID] | None:
    """The accounts open in a month to which everything given applies; None: every account.

    governorate, cycle: their codes; numbers: of accounts. Raises GovernorateUnknown, CycleUnknown,
    AccountsUnknown.
    """
    if not (governorate or cycle or numbers):
        return None
    refs = supply.accounts_in(month=month)
    if numbers:
        wanted = set(numbers)
        unknown = sorted(wanted - set(supply.accounts_by_number(numbers=wanted)))
        if unknown:
            raise AccountsUnknown(numbers=", ".join(unknown[:NAMED_MAX]))
        refs = [ref for ref in refs if ref.number in wanted]
    if governorate or cycle:
        lying = premises.area_of(unit_ids={ref.unit_id for ref in refs})
        areas = _areas(governorate, cycle)
        refs = [ref for ref in refs if lying[ref.unit_id].code in areas]
    return sorted(ref.id for ref in refs)


def _areas(governorate: str, cycle: str) -> set[str]:
    known = [one.code for one in premises.governorates()]
    if governorate and governorate not in known:
        raise GovernorateUnknown(given=governorate, known=", ".join(known))
    cycles = field.policy().cycles
    codes = [one.code for one in cycles]
    if cycle and cycle not in codes:
        raise CycleUnknown(given=cycle, known=", ".join(codes))
    return {
        area.code
        for area in premises.areas(governorate=governorate or None)
        if not cycle
        or field.cycle_of(area=area.code, governorate=area.governorate, cycles=cycles).code == cycle
    }
