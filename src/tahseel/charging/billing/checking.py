"""What is looked at before a bill goes out. Pure: thresholds, priced bills, and what was before.

A quantity is odd when it is so against everything that is known: the customer's last months and the
same month of last year. So a summer is not odd for being no winter, and whoever is new is not odd.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tahseel.charging.billing.values import (
    Check,
    HeldFor,
    HoldingPolicy,
    Past,
    PricedBill,
    Threshold,
)
from tahseel.consumption.readings.values import Method
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service

YEAR = 12
PER_MILLE = 1_000
Use = tuple[UUID, Service, int, int]
"""Account, service, days and quantity of what is about to be billed."""
RECENT_MAX = 11
PERCENT_MAX = 100_000
WITHIN = (Check.UNIT_SUSPECT, Check.TOO_LOW)


@dataclass(frozen=True, slots=True)
class HeldBill:
    """The bills of an account's month that do not go out yet, and why."""

    account_id: UUID
    bills: tuple[PricedBill, ...]
    found: tuple[HeldFor, ...]

    @property
    def total(self) -> Money:
        return Money(sum(bill.total.fils for bill in self.bills))

    @property
    def stake(self) -> Money:
        return Money(max(one.stake.fils for one in self.found))

    @property
    def digest(self) -> str:
        return digest_of(self.bills)


@dataclass(slots=True)
class _Now:
    """What a bill charges for one service."""

    days: int
    quantity: int = 0
    estimated: int = 0
    fils: int = 0


@dataclass(frozen=True, slots=True)
class _Usual:
    """What would be usual in a bill's days: quantity and fils."""

    quantity: int
    fils: int


def load(raw: Mapping[str, Any], *, sectors: Collection[str]) -> HoldingPolicy:
    """The checks of `billing.toml`. Raises KeyError, TypeError, ValueError."""
    recent, least = _whole(raw, "recent_months"), _whole(raw, "least_months")
    if not 0 < least <= recent <= RECENT_MAX:
        raise ValueError(f"recent_months: {recent}, least_months: {least}")
    factors = tuple(raw["factors_per_mille"])
    if not factors or any(type(one) is not int or one <= PER_MILLE for one in factors):
        raise ValueError(f"factors_per_mille: {factors}")
    thresholds: dict[tuple[Check, str], Threshold] = {}
    for check in Check:
        given = dict(raw[str(check)])
        own = given.pop("sector", {})
        if not set(own) <= set(sectors):
            raise ValueError(f"{check}: {sorted(set(own) - set(sectors))} is no sector")
        if not given["source"] or not given["confidence"]:
            raise ValueError(f"{check}: no source")
        thresholds[check, ""] = _threshold(given)
        for sector, more in own.items():
            thresholds[check, sector] = _threshold(given | more)
    if any(one.percent >= 100 for (check, _), one in thresholds.items() if check in WITHIN):
        raise ValueError("percent: a hundred or more")
    return HoldingPolicy(
        thresholds=thresholds,
        factors=factors,
        recent_months=recent,
        least_months=least,
        large=Money(_whole(raw, "large_fils")),
        source=raw["source"],
        confidence=raw["confidence"],
    )


def _threshold(raw: Mapping[str, Any]) -> Threshold:
    if type(raw["on"]) is not bool:
        raise ValueError(f"on: {raw['on']}")
    if raw.get("percent", 0) > PERCENT_MAX:
        raise ValueError(f"percent: {raw['percent']}")
    numbers = [
        _whole(raw, name) if name in raw else 0 for name in ("percent", "least_fils", "months")
    ]
    return Threshold(raw["on"], numbers[0], Money(numbers[1]), numbers[2])


def _whole(raw: Mapping[str, Any], name: str) -> int:
    if type(raw[name]) is not int or raw[name] < 0:
        raise ValueError(f"{name}: {raw[name]}")
    return int(raw[name])


def months_of(policy: HoldingPolicy, month: int) -> list[int]:
    """The months that a bill of one is compared with: the last ones, and that of last year."""
    return [*(month - back for back in range(1, policy.recent_months + 1)), month - YEAR]


def far(policy: HoldingPolicy) -> tuple[int, int]:
    """(above, below), per mille of a month before: nearer than that to all of them is never odd."""
    factor = min(policy.factors)
    odd, high, low = (
        [one for (check, _), one in policy.thresholds.items() if check is wanted]
        for wanted in (Check.UNIT_SUSPECT, Check.TOO_HIGH, Check.TOO_LOW)
    )
    near = 100 - max(one.percent for one in odd)
    above = min(factor * near // 100, *(one.percent * 10 for one in high))
    below = max(100 * PER_MILLE**2 // (factor * near) + 1, *(one.percent * 10 for one in low))
    return above, below


def uses(bills: Sequence[PricedBill]) -> tuple[list[Use], set[UUID]]:
    """What bills charge, to be held against the past; and the accounts to look at in any case."""
    found: dict[tuple[UUID, Service], int] = {}
    anyway: set[UUID] = set()
    days: dict[tuple[UUID, Service], int] = {}
    for bill in bills:
        for priced in bill.lines:
            line, determinant = priced.line, priced.determinant
            key = bill.account_id, line.service
            found[key] = found.get(key, 0) + line.used
            days[key] = bill.period.days
            if determinant.estimated_share or determinant.method is Method.ESTIMATED:
                anyway.add(bill.account_id)
            if line.amount.fils < 0 or line.quantity < 0:
                anyway.add(bill.account_id)
    mixed = [one for one, times in Counter(bill.account_id for bill in bills).items() if times > 1]
    anyway.update(mixed)
    return [(*key, days[key], quantity) for key, quantity in found.items()], anyway


def sift(
    bills: Sequence[PricedBill], *, past: Mapping[UUID, Sequence[Past]], policy: HoldingPolicy
) -> tuple[list[PricedBill], list[HeldBill]]:
    """Bills that may go out, and those held back: all of an account's month, where one is."""
    found: dict[UUID, list[HeldFor]] = {}
    for bill in bills:
        held = judge(bill, past=past.get(bill.account_id, ()), policy=policy)
        if held:
            found.setdefault(bill.account_id, []).extend(held)
    if not found:
        return list(bills), []
    kept: dict[UUID, list[PricedBill]] = defaultdict(list)
    for bill in bills:
        if bill.account_id in found:
            kept[bill.account_id].append(bill)
    order = list(Check)
    return (
        [bill for bill in bills if bill.account_id not in found],
        [
            HeldBill(
                account_id,
                tuple(mine),
                tuple(sorted(found[account_id], key=lambda one: order.index(one.check))),
            )
            for account_id, mine in kept.items()
        ],
    )


def judge(bill: PricedBill, *, past: Sequence[Past], policy: HoldingPolicy) -> list[HeldFor]:
    """Every check that holds a bill back. past: of the account, whoever was billed."""
    found = []
    services = _services(bill)
    negative = bill.total.fils < 0 or any(now.quantity < 0 for now in services.values())
    if negative and policy.of(Check.NEGATIVE, bill.sector).on:
        quantity = min(now.quantity for now in services.values())
        found.append(HeldFor(Check.NEGATIVE, None, quantity, bill.total))
    mine = [one for one in past if one.customer_id == bill.customer_id]
    if mine or any(now.estimated for now in services.values()):
        for service, now in services.items():
            before = [one for one in mine if one.service is service]
            found += _against(bill, service, now, before, policy)
            found += _estimates(bill, service, now, before, policy)
    return found


def _services(bill: PricedBill) -> dict[Service, _Now]:
    found: dict[Service, _Now] = {}
    for priced in bill.lines:
        line, determinant = priced.line, priced.determinant
        now = found.get(line.service)
        if now is None:
            now = found[line.service] = _Now(bill.period.days)
        now.quantity += line.used
        now.fils += line.amount.fils
        if determinant.method is Method.ESTIMATED:
            now.estimated += line.used
        elif determinant.estimated_share:
            now.estimated += int(line.used * determinant.estimated_share)
    return found


def _against(
    bill: PricedBill, service: Service, now: _Now, before: Sequence[Past], policy: HoldingPolicy
) -> Iterator[HeldFor]:
    month = bill.month.ordinal
    recent = _recent(before, month, now.days, policy)
    year = next((_scaled(one, now.days) for one in before if one.month == month - YEAR), None)
    known = [one for one in (recent, year) if one is not None]
    if not known:
        return

    def held(check: Check, usual: _Usual, factor: int | None = None) -> HeldFor:
        return HeldFor(
            check, service, now.quantity, Money(now.fils),
            recent=recent.quantity if recent else None,
            last_year=year.quantity if year else None,
            usual=Money(usual.fils),
            factor=factor,
        )  # fmt: skip

    suspect = policy.of(Check.UNIT_SUSPECT, bill.sector)
    usual = year or known[0]
    factor = _factor(now.quantity, usual.quantity, suspect.percent, policy.factors)
    if suspect.on and factor and abs(now.fils - usual.fils) >= suspect.least.fils:
        yield held(Check.UNIT_SUSPECT, usual, factor)
    most, fewest = max(known, key=_used), min(known, key=_used)
    high, low = policy.of(Check.TOO_HIGH, bill.sector), policy.of(Check.TOO_LOW, bill.sector)
    above = now.quantity * 100 > most.quantity * high.percent
    if high.on and above and now.fils - most.fils >= high.least.fils:
        yield held(Check.TOO_HIGH, most)
    below = now.quantity * 100 < fewest.quantity * low.percent
    if low.on and below and fewest.fils - now.fils >= low.least.fils:
        yield held(Check.TOO_LOW, fewest)


def _used(one: _Usual) -> int:
    return one.quantity


def _recent(before: Sequence[Past], month: int, days: int, policy: HoldingPolicy) -> _Usual | None:
    """The median of the last months, the lower one of two; None where too few are known."""
    first = month - policy.recent_months
    found = [_scaled(one, days) for one in before if first <= one.month < month]
    if len(found) < policy.least_months:
        return None
    return sorted(found, key=_used)[(len(found) - 1) // 2]


def _scaled(one: Past, days: int) -> _Usual:
    return _Usual(one.quantity * days // one.days, one.fils * days // one.days)


def _factor(quantity: int, usual: int, percent: int, factors: Sequence[int]) -> int | None:
    """The factor that a quantity is off by, per mille, either way; None where it is off by none."""
    if quantity <= 0 or usual <= 0:
        return None
    for factor in factors:
        if _near(quantity * PER_MILLE, usual * factor, percent):
            return factor
        if _near(usual * PER_MILLE, quantity * factor, percent):
            return PER_MILLE * PER_MILLE // factor
    return None


def _near(one: int, other: int, percent: int) -> bool:
    return abs(one - other) * 100 <= other * percent


def _estimates(
    bill: PricedBill, service: Service, now: _Now, before: Sequence[Past], policy: HoldingPolicy
) -> Iterator[HeldFor]:
    limit = policy.of(Check.LONG_ESTIMATE, bill.sector)
    if not limit.on or not _counts(now.estimated, now.quantity, limit.percent):
        return
    by_month = {one.month: one for one in before}
    months, looked = 1, by_month.get(bill.month.ordinal - 1)
    while looked and _counts(looked.estimated, looked.quantity, limit.percent):
        months += 1
        looked = by_month.get(looked.month - 1)
    if months >= limit.months and now.fils >= limit.least.fils:
        yield HeldFor(
            Check.LONG_ESTIMATE, service, now.quantity, Money(now.fils),
            share=now.estimated * 100 // now.quantity, months=months,
        )  # fmt: skip


def _counts(estimated: int, quantity: int, percent: int) -> bool:
    return quantity > 0 and estimated * 100 >= quantity * percent


def digest_of(bills: Sequence[PricedBill]) -> str:
    """One digest over all bills of an account's month."""
    return hashlib.sha256("\n".join(map(digest, bills)).encode()).hexdigest()


def digest(made: PricedBill) -> str:
    """SHA-256 over whom a bill names and what each line charges: what somebody agrees to."""
    lines = [
        f"{d.meter_id} {d.version} {one.service} {one.rate_id} {one.period.start} {one.period.end}"
        f" {one.tier} {one.quantity} {one.amount.fils}"
        for one, d in ((priced.line, priced.determinant) for priced in made.lines)
    ]
    return hashlib.sha256("\n".join([str(made.customer_id), *lines]).encode()).hexdigest()
