"""The same block tariff by other means: a kernel by hand and DuckDB.

Each is given columns: sector (a row of EDGES and PRICES), Wh, dwelling units, days of April.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numba import njit

from bench.rating_reference import DAYS, TIERS, WH


class Table(NamedTuple):
    """Blocks of a month for each sector: edges in Wh, 0 for none, and fils a kWh."""

    edges: Any
    prices: Any


class Town(NamedTuple):
    """Accounts in columns."""

    sector: Any
    wh: Any
    units: Any
    days: Any


class Priced(NamedTuple):
    """Fils and Wh of each line, and totals."""

    lines: Any
    counted: Any
    totals: Any


@njit(nogil=True, error_model="numpy")
def by_hand(town: Town, table: Table, made: Priced, low: int, high: int) -> None:
    sector, wh, units, days = town
    edges, prices = table
    lines, counted, totals = made
    for row in range(low, high):
        s, exact, before, so_far, start = sector[row], 0, 0, 0, 0
        amount = wh[row] * DAYS
        per_edge = units[row] * days[row]
        for tier in range(TIERS):
            end = min(amount, edges[s, tier] * per_edge) if edges[s, tier] else amount
            exact += (end - start) * prices[s, tier]
            so_far = (2 * exact + DAYS * WH) // (2 * DAYS * WH)
            lines[row, tier] = so_far - before
            counted[row, tier] = (2 * end + DAYS) // (2 * DAYS) - (2 * start + DAYS) // (2 * DAYS)
            before, start = so_far, end
        totals[row] = so_far


def by_duckdb(columns: dict[str, Any], edges: Any, prices: Any, threads: int) -> Any:
    """A function that prices all of it in DuckDB, lines and totals, and gives the totals."""
    database = duckdb.connect()
    database.execute(f"set threads = {threads}")
    usage = pa.table({**columns, "row": np.arange(len(columns["wh"]))})
    far = np.int64(1) << 40
    rate = pa.table(
        {"sector": np.arange(len(edges))}
        | {f"e{t}": np.where(edges[:, t] == 0, far, edges[:, t]) for t in range(TIERS)}
        | {f"p{t}": prices[:, t] for t in range(TIERS)}
    )
    database.register("usage", usage)
    database.register("rate", rate)
    database.execute("create table u as from usage; create table r as from rate")
    over = DAYS * WH
    statement = f"""
    create or replace table priced as
    with cut as (
      select row, p0, p1, p2, wh * {DAYS} as amount, least(wh * {DAYS}, e0 * units * days) as c0,
        least(wh * {DAYS}, e1 * units * days) as c1 from u join r using (sector)),
    cost as (
      select *, c0 * p0 as x0, c0 * p0 + (c1 - c0) * p1 as x1,
        c0 * p0 + (c1 - c0) * p1 + (amount - c1) * p2 as x2 from cut),
    fils as (
      select *, (2 * x0 + {over}) // {2 * over} as f0, (2 * x1 + {over}) // {2 * over} as f1,
        (2 * x2 + {over}) // {2 * over} as f2 from cost)
    select row, f0 as l0, f1 - f0 as l1, f2 - f1 as l2, c0, c1 - c0 as q1, amount - c1 as q2,
      f2 as total from fils
    """

    def price() -> Any:
        return database.execute(statement)

    def totals() -> Any:
        found = database.execute("select total from priced order by row").fetchnumpy()
        return found["total"]

    return price, totals
