"""What a price book asks of a customer beside sector and quantity, found where it is recorded.

The zone is the code of the area, or of its governorate, as the book names it; the meter's size is
on its plate; what was given back comes from export registers; the use of last year is that of the
same customer, as it was billed. A book that asks for none of these costs no question.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial
from uuid import UUID

from tahseel.charging.billing import queries
from tahseel.charging.billing.rules import NotBillable, TermsOf
from tahseel.charging.billing.values import Past, Terms
from tahseel.charging.tariffs.values import Kind, PriceBook
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.period import BillingMonth, Period, local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.supply.values import BillableAccount, MeterAt

YEAR = 12


class ExportUnknown(NotBillable):
    """An export register hangs there and does not tell; no data is never zero."""

    code = "export_unknown"
    text_ar = "لا تُعرف الكمية المصدّرة إلى الشبكة للعداد {serial} في الحساب {account}"
    text_en = "What meter {serial} of account {account} gave back is not known"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a book asks for."""

    zones: frozenset[str]
    sizes: bool
    export: frozenset[tuple[Service, str]]
    saving: bool

    def __bool__(self) -> bool:
        return bool(self.zones or self.sizes or self.export or self.saving)


@dataclass(frozen=True, slots=True)
class Known:
    """What was found for the accounts of a chunk."""

    needs: Needs
    month: BillingMonth
    exported: Mapping[tuple[UUID, UUID], int | None] = field(default_factory=dict)
    past: Mapping[UUID, Sequence[Past]] = field(default_factory=dict)


@lru_cache(maxsize=16)
def _needs(keys: tuple[tuple[Kind, Service, str, str, bool], ...]) -> Needs:
    return Needs(
        frozenset(zone for _, _, _, zone, _ in keys if zone),
        any(sized for *_, sized in keys),
        frozenset((service, sector) for kind, service, sector, *_ in keys if kind is Kind.EXPORT),
        any(kind is Kind.CREDIT for kind, *_ in keys),
    )


def needs(book: PriceBook) -> Needs:
    """What the rates of a book ask for."""
    return _needs(
        tuple((k.kind, k.service, k.sector, k.zone, bool(k.meter_size)) for k in book.rates)
    )


def found(*, month: BillingMonth, account_ids: Collection[UUID], book: PriceBook) -> Known:
    """A question for each thing that the book asks for, over all accounts of a chunk."""
    wanted, ids = needs(book), sorted(account_ids)
    return Known(
        wanted,
        month,
        readings.exported(month=month, period=month.period, account_ids=ids)
        if wanted.export
        else {},
        queries.past(account_ids=ids, months=[month.ordinal - YEAR]) if wanted.saving else {},
    )


def of_each(
    *, month: BillingMonth, account_ids: Collection[UUID], book: PriceBook
) -> TermsOf | None:
    """What `rules.price` asks for each meter; None where the book asks for nothing."""
    if not needs(book):
        return None
    return partial(of, found(month=month, account_ids=account_ids, book=book))


def of(
    known: Known, account: BillableAccount, determinant: Determinant, all_of: Sequence[Determinant]
) -> Terms:
    """What the book has to know of one meter of an account. Raises ExportUnknown."""
    meter = next((m for m in account.meters if m.meter_id == determinant.meter_id), None)
    return Terms(
        zone=_zone(known.needs.zones, account),
        meter_size=meter.size if meter and known.needs.sizes else "",
        exported=_exported(known, account, determinant, meter),
        last_year=_last_year(known, account, determinant, all_of),
    )


def _zone(zones: frozenset[str], account: BillableAccount) -> str:
    return next((one for one in (account.area, account.governorate) if one in zones), "")


def _exported(
    known: Known, account: BillableAccount, determinant: Determinant, meter: MeterAt | None
) -> int:
    """Of the account's days; a payer's part of a month is measured for itself."""
    key = (account.account_id, determinant.meter_id)
    priced = (determinant.service, str(account.sectors[-1].sector)) in known.needs.export
    if not priced or key not in known.exported:
        return 0
    days, exported = Period(account.from_day, account.until_day), known.exported
    if days != known.month.period:
        exported = readings.exported(
            month=known.month, period=days, account_ids=[account.account_id]
        )
    quantity = exported.get(key, 0)
    if quantity is None:
        raise ExportUnknown(
            account=account.number, serial=meter.serial if meter else str(determinant.meter_id)
        )
    return quantity


def _last_year(
    known: Known, account: BillableAccount, one: Determinant, all_of: Sequence[Determinant]
) -> Fraction | None:
    """For the meter's days; None where the customer was another, or meters run side by side."""
    days = _days(one)
    beside = [
        other
        for other in all_of
        if other is not one and other.service is one.service and _overlap(days, _days(other))
    ]
    mine = [
        past
        for past in known.past.get(account.account_id, ())
        if past.customer_id == account.payer_id and past.service is one.service and past.days > 0
    ]
    if beside or not mine:
        return None
    return Fraction(mine[0].quantity * (days[1] - days[0]), mine[0].days)


def _days(one: Determinant) -> tuple[int, int]:
    return local_day(one.from_at).toordinal(), local_day(one.to_at).toordinal()


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return max(one[0], other[0]) < min(one[1], other[1])
