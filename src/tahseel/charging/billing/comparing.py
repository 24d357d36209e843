"""Why an old system's bill is not ours: one fact after the other is put to its word. Pure.

Our bill is priced again with the old days, then with the old quantity as well; what each step moves
is that cause's, and what is left between our price of their facts and their amount is the price's,
or, within their rounding, a matter of rounding. So the causes always add up to the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from tahseel.charging.billing import rules
from tahseel.charging.billing.values import (
    Comparison,
    Difference,
    DifferenceCause,
    OldLine,
    PricedBill,
    Side,
)
from tahseel.charging.tariffs import rules as tariffs
from tahseel.charging.tariffs.values import PriceBook
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import Period, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.supply.values import BillableAccount

ACTUAL, ESTIMATED = "actual", "estimated"
OTHER = "other"
Reprice = Callable[[Period, int], int | None]
"""What we would charge for days and a quantity; None where that cannot be priced."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here of an account's month. why: the reason that there is no bill."""

    account: BillableAccount
    determinants: Sequence[Determinant]
    bills: Sequence[PricedBill]
    why: str = ""


def compare(
    *, found: Comparison, known: Mapping[UUID, Known], old: Sequence[OldLine], book: PriceBook
) -> None:
    """Set the lines of some accounts against what we would bill, into `found`."""
    theirs: dict[UUID, list[OldLine]] = {account_id: [] for account_id in known}
    for line in old:
        found.theirs_fils += line.amount.fils
        if line.account_id in theirs:
            theirs[line.account_id].append(line)
        else:
            found.differences.append(_missing_here(line, "no_account"))
    for account_id, one in known.items():
        _account(found, one, theirs[account_id], book)


def _account(found: Comparison, known: Known, old: Sequence[OldLine], book: PriceBook) -> None:
    ours = sides(known.bills)
    found.ours_fils += sum(side.amount.fils for side in ours.values())
    for line in old:
        if line.service is None:
            found.differences.append(_missing_here(line, "", DifferenceCause.OTHER_CHARGES))
            continue
        mine = ours.pop(line.service, None)
        if mine is None:
            found.differences.append(_missing_here(line, known.why or "no_bill"))
            continue
        parts = causes(mine, line, _pricing(known, line.service, book), _lines(known, line.service))
        if parts:
            found.differences.append(_difference(known, line, mine, parts))
        else:
            found.equal += 1
            found.equal_fils += mine.amount.fils
    for service, mine in ours.items():
        found.differences.append(
            Difference(
                known.account.number, known.account.account_id, str(service), mine, None,
                {DifferenceCause.MISSING_THERE: mine.amount.fils},
            )
        )  # fmt: skip


def _missing_here(
    line: OldLine, why: str, cause: DifferenceCause = DifferenceCause.MISSING_HERE
) -> Difference:
    return Difference(
        line.account, line.account_id, str(line.service or OTHER), None, _side(line),
        {cause: -line.amount.fils}, line.line, why,
    )  # fmt: skip


def _difference(
    known: Known, line: OldLine, mine: Side, parts: Mapping[DifferenceCause, int]
) -> Difference:
    account = known.account
    return Difference(
        account.number, account.account_id, str(line.service), mine, _side(line), parts, line.line
    )


def _side(line: OldLine) -> Side:
    return Side(line.amount, line.period, line.quantity, line.reading)


def sides(bills: Sequence[PricedBill]) -> dict[Service, Side]:
    """What we bill an account for each service, whoever of several pays it."""
    found: dict[Service, Side] = {}
    for bill in bills:
        for priced in bill.lines:
            line = priced.line
            estimated = priced.determinant.method is Method.ESTIMATED
            before = found.get(line.service)
            now = Side(line.amount, line.period, line.used, ESTIMATED if estimated else ACTUAL)
            found[line.service] = _together(before, now) if before else now
    return found


def _together(one: Side, other: Side) -> Side:
    assert one.period is not None
    assert other.period is not None
    return Side(
        one.amount + other.amount,
        Period(min(one.period.start, other.period.start), max(one.period.end, other.period.end)),
        one.quantity + other.quantity,
        ESTIMATED if ESTIMATED in (one.reading, other.reading) else ACTUAL,
    )


def _lines(known: Known, service: Service) -> int:
    return sum(priced.line.service is service for bill in known.bills for priced in bill.lines)


def causes(mine: Side, line: OldLine, reprice: Reprice, lines: int) -> dict[DifferenceCause, int]:
    """What each cause comes to, ours less theirs; empty where both bill the same."""
    assert mine.period is not None
    assert line.period is not None
    parts: dict[DifferenceCause, int] = {}
    first = now = reprice(mine.period, mine.quantity)
    steps = []
    if line.period != mine.period:
        steps.append((DifferenceCause.DAYS, line.period, mine.quantity))
    kinds = bool(line.reading) and line.reading != mine.reading
    if abs(line.quantity - mine.quantity) > line.near:
        cause = DifferenceCause.READ_KIND if kinds else DifferenceCause.QUANTITY
        steps.append((cause, line.period, line.quantity))
    elif kinds:
        parts[DifferenceCause.READ_KIND] = 0
    for cause, period, quantity in steps:
        then = reprice(period, quantity)
        parts[cause] = 0 if now is None or then is None else now - then
        now = then
    left = mine.amount.fils - line.amount.fils - sum(parts.values())
    if left:
        unknown = first is None or now is None
        small = abs(left) <= line.rounding * max(lines, 1)
        cause = (
            steps[-1][0]
            if unknown and steps
            else DifferenceCause.ROUNDING
            if small
            else DifferenceCause.PRICE
        )
        parts[cause] = parts.get(cause, 0) + left
    return parts


def _pricing(known: Known, service: Service, book: PriceBook) -> Reprice:
    used = [one for one in known.determinants if one.service is service]
    whole = sum(one.quantity for one in used)

    def price(period: Period, quantity: int) -> int | None:
        try:
            return sum(
                tariffs.rate(book=book, usage=usage).total.fils
                for one in _moved(used, period, quantity, whole)
                for usage in rules.usages(known.account, one)
            )
        except Refusal:
            return None

    return price


def _moved(
    used: Sequence[Determinant], period: Period, quantity: int, whole: int
) -> list[Determinant]:
    """Determinants of other days and of another quantity; several share it as they did."""
    moved, seen, given = [], 0, 0
    for one in used:
        seen += one.quantity
        upto = round_half_up(quantity * seen, whole) if whole else quantity
        if one is used[-1]:
            upto = quantity
        moved.append(replace(one, quantity=upto - given))
        given = upto
    if len(moved) == 1:
        start, end = start_of(period.start), start_of(period.end)
        moved = [replace(moved[0], from_at=start, to_at=end, days=period.days)]
    return moved
