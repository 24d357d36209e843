"""An account whose payer changed inside a month, parted so that each pays for his own days. Pure.

The quantity of a meter over all its days is known; what each part of it was, is measured where the
dials or intervals say so, else spread over the days and marked as an estimate. Either way the parts
make the whole: not a unit of use is owed by two people, and none by nobody without a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from tahseel.charging.billing import rules
from tahseel.charging.billing.values import Piece
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import Period, local_day, start_of
from tahseel.registry.supply.values import BillableAccount

EVERYTHING = Decimal(1)
Measured = Mapping[tuple[UUID, Period], Sequence[Determinant]]
"""What was measured on an account in a part of its days; absent where nothing is known."""


def periods(account: BillableAccount) -> list[Period]:
    """The account's days, cut where another one is liable; one whole where nobody changed."""
    whole, links = Period(account.from_day, account.until_day), account.liabilities
    if len(links) < 2:
        return [whole]
    changes = [
        after.from_day
        for before, after in pairwise(links)
        if before.customer_id != after.customer_id
    ]
    return whole.split(*changes)


def pieces(
    account: BillableAccount, determinants: Sequence[Determinant], measured: Measured
) -> list[Piece]:
    """Each payer's days with his part of every quantity, in order."""
    spans = periods(account)
    if len(spans) == 1:
        return [Piece(account, tuple(determinants))]
    found: list[list[Determinant]] = [[] for _ in spans]
    for whole in determinants:
        known = [
            _of(measured.get((account.account_id, span), ()), whole.meter_id) for span in spans
        ]
        for number, part in _parts(whole, spans, known):
            found[number].append(part)
    return [
        Piece(rules.until_day(rules.from_day_on(account, span.start), span.end), tuple(parts))
        for span, parts in zip(spans, found, strict=True)
    ]


def _of(found: Sequence[Determinant], meter_id: UUID) -> Determinant | None:
    return next((one for one in found if one.meter_id == meter_id), None)


def _parts(
    whole: Determinant, spans: Sequence[Period], known: Sequence[Determinant | None]
) -> list[tuple[int, Determinant]]:
    """(number of the span, part) of one meter's quantity; the parts make the whole."""
    days = Period(local_day(whole.from_at), local_day(whole.to_at))
    shared = [(n, days.overlap(span), known[n]) for n, span in enumerate(spans)]
    touched = [(n, common, one) for n, common, one in shared if common is not None]
    if len(touched) < 2:
        return [(touched[0][0] if touched else len(spans) - 1, whole)]
    measured = [one for _, _, one in touched if one is not None]
    if len(measured) == len(touched):
        weights = [one.quantity for one in measured]
        if sum(weights) == whole.quantity:
            return [(n, one) for (n, _, _), one in zip(touched, measured, strict=True)]
    else:
        weights = [common.days for _, common, _ in touched]
    return _spread(whole, [(n, common) for n, common, _ in touched], weights)


def _spread(
    whole: Determinant, spans: Sequence[tuple[int, Period]], weights: Sequence[int]
) -> list[tuple[int, Determinant]]:
    """By weights, or by days where all weigh nothing; what one part loses the next has."""
    if not sum(weights):
        weights = [common.days for _, common in spans]
    parts, done, weighed = [], 0, 0
    for (number, common), weight in zip(spans, weights, strict=True):
        weighed += weight
        so_far = round_half_up(whole.quantity * weighed, sum(weights))
        part = replace(
            whole,
            quantity=so_far - done,
            method=Method.ESTIMATED,
            from_at=start_of(common.start),
            to_at=start_of(common.end),
            from_value=None,
            to_value=None,
            days=common.days,
            estimated_share=EVERYTHING,
            profile=None,
        )
        parts.append((number, part))
        done = so_far
    return parts
