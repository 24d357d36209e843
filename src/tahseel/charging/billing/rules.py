"""From an account and its determinants to a priced bill, or to the reason why there is none."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from tahseel.charging.billing import checking, explaining
from tahseel.charging.billing.values import (
    NO_TERMS,
    BillingPolicy,
    CorrectionPolicy,
    ExplainingPolicy,
    Piece,
    PricedBill,
    PricedLine,
    Terms,
)
from tahseel.charging.tariffs import rules as tariffs
from tahseel.charging.tariffs.values import PriceBook, Usage
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id, reference_letters
from tahseel.kernel.money import Money, round_half_up
from tahseel.kernel.period import BillingMonth, Period, local_day
from tahseel.registry.premises.values import Sector, SectorSpan
from tahseel.registry.supply.values import BillableAccount

TermsOf = Callable[[BillableAccount, Determinant, Sequence[Determinant]], Terms]
PRODUCTIVE = "productive"
DUE_DAYS_MAX = 366
NUMBER_LETTERS, NUMBER_PURPOSE = 4, "bill-number"
MONTHS_MAX = 240


class PolicyWrong(Refusal):
    """The country's billing data cannot be used."""

    code = "billing_policy_wrong"
    text_ar = "بيانات الفوترة غير صالحة: {reason}"
    text_en = "The billing data is wrong: {reason}"


class NotBillable(Refusal):
    """An account that a run parks. Subclasses say why."""

    code = "not_billable"
    text_ar = "تعذّرت فوترة الحساب {account}"
    text_en = "Account {account} cannot be billed"


class NoDeterminant(NotBillable):
    """Nothing is known of the account's use; that is never a use of zero."""

    code = "no_determinant"
    text_ar = "لا توجد كمية للفوترة للحساب {account}"
    text_en = "Account {account} has no quantity to bill"


class DeterminantMissing(NotBillable):
    """One of the account's meters has no determinant; the bill waits for it."""

    code = "determinant_missing"
    text_ar = "لا توجد كمية للفوترة للعداد {serial} في الحساب {account}"
    text_en = "Meter {serial} of account {account} has no quantity to bill"


class NoSector(NotBillable):
    """The unit has no sector on a day that is to be billed."""

    code = "no_sector"
    text_ar = "لا قطاع مسجلاً للحساب {account} في {day}"
    text_en = "Account {account} has no sector on {day}"


class NobodyLiable(NotBillable):
    """The account is vacant, so nobody can be asked to pay."""

    code = "nobody_liable"
    text_ar = "لا يوجد مسؤول عن السداد للحساب {account}"
    text_en = "Nobody is liable for account {account}"


def load_policy(data: bytes, *, book: Callable[[str], bytes]) -> BillingPolicy:
    """Read the country's billing data; `book` gives the bytes of the price book it names.

    Raises PolicyWrong and the refusals of a price book.
    """
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        name, due = str(raw["book"]), raw["due"]
        days, source, confidence = due["days_after_issue"], due["source"], due["confidence"]
        corrections = _corrections(raw["corrections"])
        if type(days) is not int or not 0 <= days <= DUE_DAYS_MAX:
            raise ValueError(f"days_after_issue: {days}")
        late = raw["late"]["months"]
        if type(late) is not int or not 0 <= late <= MONTHS_MAX:
            raise ValueError(f"late months: {late}")
        holding = checking.load(raw["checks"], sectors=[str(sector) for sector in Sector])
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyWrong(reason=str(error)) from error
    prices = tariffs.load_book(book(name))
    return BillingPolicy(prices, days, source, confidence, corrections, holding, late)


def _corrections(raw: Mapping[str, Any]) -> CorrectionPolicy:
    fils, months = raw["large_fils"], raw["back_billing_months"]
    if type(fils) is not int or fils <= 0:
        raise PolicyWrong(reason=f"large_fils: {fils}")
    if type(months) is not int or not 0 < months <= MONTHS_MAX:
        raise PolicyWrong(reason=f"back_billing_months: {months}")
    return CorrectionPolicy(Money(fils), months)


_installed: list[BillingPolicy] = []


def install_policy(policy: BillingPolicy) -> None:
    """Called once by `app` with the country's policy."""
    _installed[:] = [policy]


def explaining_policy() -> ExplainingPolicy:
    """What is told beside a bill, as `app` installed it."""
    return explaining.policy()


def policy() -> BillingPolicy:
    """The installed policy. Raises LookupError before `install_policy`."""
    if not _installed:
        raise LookupError("no billing policy is installed")
    return _installed[0]


def needs_second(total: Money) -> bool:
    """A second person agrees before a held bill of this amount is issued as it is."""
    return total.fils >= policy().holding.large.fils


def due_date(issued_on: date) -> date:
    """The last day on which a bill issued on a day is paid in time."""
    return issued_on + timedelta(days=policy().due_days)


def bill_id(account_id: UUID, month: BillingMonth, sequence: int = 0) -> UUID:
    """The id of an account's bill for a month: the same however often a run starts again."""
    return derived_id(account_id, "bill", str(month), str(sequence))


def bill_number(account_number: str, month: BillingMonth, bill: UUID) -> str:
    """What a customer quotes: the account's number, the month, four letters of the bill's own.

    Whoever quotes a number is shown its open amount without signing in; without the letters one
    could go through the numbers of a street.
    """
    letters = reference_letters(bill, purpose=NUMBER_PURPOSE, count=NUMBER_LETTERS)
    return f"{account_number}-{month.year:04d}{month.month:02d}-{letters}"


def price(
    *,
    account: BillableAccount,
    determinants: Sequence[Determinant],
    month: BillingMonth,
    book: PriceBook,
    sequence: int = 0,
    terms: TermsOf | None = None,
) -> PricedBill:
    """Price everything an account used in a month, or in the part of it that the account has.

    terms: what the book has to know beside it of each meter; None where it asks for nothing.

    Raises NotBillable and the refusals of the price book; the run parks the account with them.
    """
    _complete(account, determinants)
    if account.payer_id is None:
        raise NobodyLiable(account=account.number)
    ordered = sorted(determinants, key=lambda d: (d.service, d.from_at, str(d.meter_id)))
    lines: list[PricedLine] = []
    for determinant in ordered:
        beside = terms(account, determinant, ordered) if terms else NO_TERMS
        for usage in usages(account, determinant, beside):
            rated = tariffs.rate(book=book, usage=usage)
            lines.extend(PricedLine(line, determinant) for line in rated.lines)
    made = bill_id(account.account_id, month, sequence)
    return PricedBill(
        account_id=account.account_id,
        id=made,
        number=bill_number(account.number, month, made),
        month=month,
        period=Period(
            min(priced.line.period.start for priced in lines),
            max(priced.line.period.end for priced in lines),
        ),
        sector=str(account.sectors[-1].sector),
        customer_id=account.payer_id,
        lines=tuple(lines),
        sequence=sequence,
    )


def price_pieces(
    found: Sequence[Piece],
    *,
    month: BillingMonth,
    book: PriceBook,
    before: int,
    terms: TermsOf | None = None,
) -> list[PricedBill]:
    """A bill for each payer of a month. The last one is the month's, the others come before it.

    before: the sequence of the last bill beside the month's own. Days of nobody have no bill, but
    where nobody at all is liable that is refused, as all that keeps a piece from being priced.
    """
    owed = [one for one in found if one.account.payer_id is not None] or list(found[-1:])
    last = len(owed) - 1
    return [
        price(
            account=one.account,
            determinants=one.determinants,
            month=month,
            book=book,
            sequence=0 if number == last else before + 1 + number,
            terms=terms,
        )
        for number, one in enumerate(owed)
    ]


def numbered(bill: PricedBill, *, account_number: str, sequence: int) -> PricedBill:
    """The bill as one beside the month's own."""
    made = bill_id(bill.account_id, bill.month, sequence)
    number = bill_number(account_number, bill.month, made)
    return replace(bill, id=made, number=number, sequence=sequence)


def from_day_on(account: BillableAccount, day: date) -> BillableAccount:
    """The account with its days from one on."""
    return replace(
        account,
        from_day=day,
        liabilities=tuple(
            one for one in account.liabilities if one.until_day is None or day < one.until_day
        ),
        meters=tuple(
            replace(meter, from_day=max(meter.from_day, day))
            for meter in account.meters
            if day < meter.until_day
        ),
    )


def until_day(account: BillableAccount, day: date) -> BillableAccount:
    """The account with its days before one."""
    return replace(
        account,
        until_day=day,
        liabilities=tuple(one for one in account.liabilities if one.from_day < day),
        meters=tuple(
            replace(meter, until_day=min(meter.until_day, day))
            for meter in account.meters
            if meter.from_day < day
        ),
    )


def _complete(account: BillableAccount, determinants: Sequence[Determinant]) -> None:
    if not determinants:
        raise NoDeterminant(account=account.number)
    measured = {determinant.meter_id for determinant in determinants}
    for meter in account.meters:
        if meter.meter_id not in measured:
            raise DeterminantMissing(account=account.number, serial=meter.serial)


def usages(
    account: BillableAccount, determinant: Determinant, terms: Terms = NO_TERMS
) -> Iterator[Usage]:
    """A determinant as usages of one sector each, its quantity spread over its days.

    Where the days stay whole, a usage also tells the highest demand and the use by bands of time.
    """
    start, end = local_day(determinant.from_at), local_day(determinant.to_at)
    whole = Period(start, max(end, start + timedelta(days=1)))
    changes = _changes(account, whole)
    parts = whole.split(*changes) if changes else [whole]
    profile = None if changes else determinant.profile
    done = days = 0
    for period in parts:
        span = _sector_on(account, period.start)
        days += period.days
        so_far = round_half_up(determinant.quantity * days, whole.days)
        yield Usage(
            service=determinant.service,
            sector=str(span.sector),
            certificate=PRODUCTIVE if span.productive_on(period.start) else "",
            period=period,
            quantity=so_far - done,
            units=span.dwellings,
            bands=profile.bands if profile else (),
            demand=profile.demand if profile else None,
            zone=terms.zone,
            meter_size=terms.meter_size,
            exported=Fraction(terms.exported * period.days, whole.days) if terms.exported else 0,
            last_year=None
            if terms.last_year is None
            else terms.last_year * Fraction(period.days, whole.days),
        )
        done = so_far


def _changes(account: BillableAccount, whole: Period) -> list[date]:
    """Days inside a period on which the sector, or a certificate's validity, changes."""
    return [
        day
        for span in account.sectors
        for day in (span.from_day, span.until_day, span.certificate_until)
        if day is not None and whole.start < day < whole.end
    ]


def _sector_on(account: BillableAccount, day: date) -> SectorSpan:
    for span in account.sectors:
        if span.from_day <= day and (span.until_day is None or day < span.until_day):
            return span
    raise NoSector(account=account.number, day=day.isoformat())
