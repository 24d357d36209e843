"""What is told beside a bill. Pure: the country's data, and what use costs to produce."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tahseel.charging.billing.values import BillView, ExplainingPolicy, ProductionCost
from tahseel.charging.tariffs.values import CONSUMPTION, SALE_UNITS
from tahseel.kernel.money import Money, round_half_up
from tahseel.kernel.quantity import Service

LEAST_NEIGHBOURS = 5

_installed: list[ExplainingPolicy] = []


def load(data: bytes) -> ExplainingPolicy:
    """Read `explaining.toml`. Raises KeyError, TypeError, ValueError."""
    raw = tomllib.loads(data.decode("utf-8"), parse_float=str)
    neighbours = raw["neighbours"]
    least = neighbours["least"]
    if type(least) is not int or least < LEAST_NEIGHBOURS or not neighbours["source"]:
        raise ValueError(f"neighbours: {neighbours}")
    costs = [_cost(one) for one in raw["cost"]]
    printed = raw["printed"]
    return ExplainingPolicy(
        costs=tuple(sorted(costs, key=lambda one: one.start, reverse=True)),
        neighbours_min=least,
        authority=(printed["authority_ar"], printed["authority_en"]),
        enquiries=(printed["enquiries_ar"], printed["enquiries_en"]),
    )


def _cost(raw: Mapping[str, Any]) -> ProductionCost:
    unit, start = SALE_UNITS[raw["unit"]], raw["from"]
    price = Fraction(raw["price"])
    if unit.service != raw["service"] or type(start) is not date or price <= 0:
        raise ValueError(f"cost: {raw}")
    if not raw["source"] or not raw["confidence"]:
        raise ValueError("cost: no source")
    service = Service(raw["service"])
    return ProductionCost(service, start, unit, price, raw["source"], raw["confidence"])


def install(policy: ExplainingPolicy) -> None:
    """Called once by `app` with the country's data."""
    _installed[:] = [policy]


def policy() -> ExplainingPolicy:
    """The installed data. Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("nothing is installed to explain bills with")
    return _installed[0]


def cost_of(view: BillView, policy: ExplainingPolicy) -> Money | None:
    """What the bill's use cost to produce; None where a service's cost is not known for its days.

    A bill that spans a change of costs is told by the cost of its first day.
    """
    day = view.bill.period.start
    used: dict[Service, int] = {}
    for line in view.lines:
        if line.kind == CONSUMPTION:
            used[line.service] = used.get(line.service, 0) + line.quantity
    fils = 0
    for service, quantity in used.items():
        known = (one for one in policy.costs if one.service is service and one.start <= day)
        cost = next(known, None)
        if cost is None:
            return None
        price, base = cost.price, cost.unit.base
        fils += round_half_up(
            quantity * price.numerator * base.denominator, price.denominator * base.numerator
        )
    return Money(fils) if used else None
