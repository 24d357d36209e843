"""What deposit is wanted, what a review finds, and what an IBAN looks like. Pure."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from tahseel.books.deposits.values import (
    DEPOSIT,
    DemandLetter,
    Deposit,
    DepositKind,
    DepositPolicy,
    DepositRate,
    NewDeposit,
    ProposalKind,
)
from tahseel.books.ledger.values import Entry
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.text import to_latin_digits
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.premises.values import UnitKind
from tahseel.registry.supply.values import Capacity

Word = TypeVar("Word", bound=StrEnum)
IBAN_MODULUS = 97
_LETTER = ("channel", "subject_ar", "subject_en", "body_ar", "body_en")
_LETTER_FACTS = ("account", "amount", "wanted", "day")


class DepositPolicyWrong(Refusal):
    """The country's data on deposits cannot be used."""

    code = "deposit_policy_wrong"
    text_ar = "بيانات التأمينات غير صالحة: {reason}"
    text_en = "The data on deposits is wrong: {reason}"


def load_policy(data: bytes) -> DepositPolicy:
    """Read the country's data: `[[rate]]`, `[review]`, `[refund]`. Raises DepositPolicyWrong."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        review, refund = raw["review"], raw["refund"]
        policy = DepositPolicy(
            rates=tuple(_rate(record) for record in raw["rate"]),
            months=_count(review["months"]),
            window_months=_count(review["window_months"]),
            months_known_min=_count(review["months_known_min"]),
            tolerance_percent=_count(review["tolerance_percent"]),
            step=Money(_count(review["step_fils"])),
            renew_days=_count(review["renew_days"]),
            iban=(str(refund["iban_country"]), _count(refund["iban_length"])),
            refund_large=Money(_count(refund["large_fils"])),
            demand=_demand(raw["demand"]),
        )
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DepositPolicyWrong(reason=str(error)) from error
    return policy


def _demand(record: Mapping[str, Any]) -> DemandLetter:
    texts = {name: str(record[name]) for name in _LETTER}
    for name in ("body_ar", "body_en"):
        texts[name].format_map(dict.fromkeys(_LETTER_FACTS, ""))
    return DemandLetter(days=_count(record["days"]), **texts)


def _rate(record: Mapping[str, Any]) -> DepositRate:
    return DepositRate(
        capacities=_words(Capacity, record.get("capacities", ())),
        units=_words(UnitKind, record.get("units", ())),
        customers=_words(CustomerKind, record.get("customers", ())),
        amount=Money(_count(record["amount_fils"])),
        source=record["source"],
        confidence=record["confidence"],
    )


def _words(kind: type[Word], texts: tuple[str, ...]) -> frozenset[Word]:
    return frozenset(kind(text) for text in texts)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"not a whole number from zero on: {value!r}")
    return value


_installed: list[DepositPolicy] = []


def install_policy(policy: DepositPolicy) -> None:
    """Called once by `app` with the country's policy."""
    _installed[:] = [policy]


def policy() -> DepositPolicy:
    """The installed policy. Raises LookupError before `install_policy`."""
    if not _installed:
        raise LookupError("no policy of deposits is installed")
    return _installed[0]


def wanted_at_move_in(*, capacity: Capacity, unit: UnitKind, customer: CustomerKind) -> Money:
    """What the first rate that fits asks for; nothing where none does."""
    for rate in policy().rates:
        fits = (
            (not rate.capacities or capacity in rate.capacities)
            and (not rate.units or unit in rate.units)
            and (not rate.customers or customer in rate.customers)
        )
        if fits:
            return rate.amount
    return ZERO


def fits(deposit: NewDeposit) -> bool:
    """Money names its tender; a guarantee its bank, its number and an end after its beginning."""
    if deposit.amount.fils <= 0:
        return False
    named = bool(deposit.issuer.strip() and deposit.reference.strip())
    if deposit.kind is DepositKind.CASH:
        return not deposit.issuer and deposit.expires_on is None
    return named and deposit.expires_on is not None and deposit.expires_on > deposit.taken_on


def digest(deposit: NewDeposit) -> bytes:
    """SHA-256 over everything that makes a deposit the same one."""
    parts = (
        str(deposit.account_id),
        str(deposit.id),
        str(deposit.customer_id or ""),
        str(deposit.kind),
        str(deposit.amount.fils),
        deposit.taken_on.isoformat(),
        deposit.tender,
        deposit.issuer,
        deposit.reference,
        deposit.expires_on.isoformat() if deposit.expires_on else "",
    )
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


def digest_in_sql(row: str) -> str:
    """`digest` as an expression of SQL over a row's columns, for money without tender or end."""
    words = [f"{row}.account_id::text", f"{row}.id::text", f"coalesce({row}.customer_id::text, '')"]
    words += [f"{row}.kind", f"{row}.amount::text", f"to_char({row}.taken_on, 'YYYY-MM-DD')"]
    words += ["''", "''", f"{row}.reference", "''"]
    return f"sha256(convert_to({' || chr(31) || '.join(words)}, 'UTF8'))"


def entry(
    deposit: NewDeposit | Deposit, what: str, *, debit: str, credit: str, amount: Money, day: date
) -> Entry:
    """One movement of a deposit's money; its id follows from the deposit and what happens to it."""
    return Entry(
        id=derived_id(deposit.id, what),
        account_id=deposit.account_id,
        debit=debit,
        credit=credit,
        amount=amount,
        business_date=day,
        source=DEPOSIT,
        source_id=deposit.id,
    )


def wanted_by_use(*, billed: Money, months: int) -> Money:
    """Some months of the use of the known ones, in whole steps upwards."""
    chosen = policy()
    need = -(-billed.fils * chosen.months // months)
    step = max(chosen.step.fils, 1)
    return Money(-(-need // step) * step)


def proposed(*, held: Money, floor: Money, by_use: Money) -> ProposalKind | None:
    """What a review proposes: `floor` is the rate at move-in, below which nothing is returned."""
    wanted = max(floor, by_use)
    tolerance = policy().tolerance_percent
    if held.fils * (100 + tolerance) < wanted.fils * 100:
        return ProposalKind.RAISE
    if wanted.fils * (100 + tolerance) < held.fils * 100:
        return ProposalKind.RETURN
    return None


def lasts(deposit: Deposit, day: date) -> bool:
    """It covers the day and does not end within the days in which it should be renewed."""
    ends = deposit.expires_on
    return deposit.covers(day) and (ends is None or not renewal_due(ends, day))


def renewal_due(expires_on: date, day: date) -> bool:
    """A guarantee that ends within the days in which a bank makes a new one."""
    return expires_on <= day + timedelta(days=policy().renew_days)


def check_iban(text: str) -> str:
    """The plain number from what somebody typed. Raises ValueError when it cannot be one.

    Source: ISO 13616 (letters, length) and ISO 7064 MOD 97-10 (check digits).
    """
    country, length = policy().iban
    plain = "".join(to_latin_digits(text).upper().split()).replace("-", "")
    if len(plain) != length or not plain.startswith(country):
        raise ValueError(f"an IBAN of {country} has {length} letters and digits")
    if not (plain.isascii() and plain.isalnum()):
        raise ValueError("an IBAN has letters and digits only")
    turned = plain[4:] + plain[:4]
    if int("".join(str(int(letter, 36)) for letter in turned)) % IBAN_MODULUS != 1:
        raise ValueError("the IBAN's check digits are wrong")
    return plain


def masked_iban(number: str) -> str:
    """The country, check figures, bank and the last four figures of a plain IBAN."""
    return f"{number[:4]} {number[4:8]} … {number[-4:]}"
