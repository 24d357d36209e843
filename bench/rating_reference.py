"""The block tariff of promise `rating` in plain Decimals, to hold everything else to."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

DAYS = 30
WH = 1000
TIERS = 3


def by_decimal(columns: dict[str, Any], edges: Any, prices: Any, rows: int) -> list[int]:
    """Walk the blocks, multiply, add up, round half up: nothing clever, and exact.

    Everything is counted in Wh times days of the month, so the one division comes last.
    """
    totals = []
    given = [columns[name][:rows].tolist() for name in ("sector", "wh", "units", "days")]
    all_edges, all_prices = edges.tolist(), prices.tolist()
    with localcontext(prec=50):
        for sector, wh, units, days in zip(*given, strict=True):
            left, low, cost = Decimal(wh) * DAYS, Decimal(0), Decimal(0)
            share = Decimal(units * days)
            for edge, price in zip(all_edges[sector], all_prices[sector], strict=True):
                width = edge * share - low if edge else left
                used = min(left, width)
                cost += used * price
                left -= used
                low += width
            totals.append(int((cost / (DAYS * WH)).quantize(Decimal(1), ROUND_HALF_UP)))
    return totals
