"""The process of promise `rating`: results first, then rates, one JSON object at the end."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import numpy as np

from bench import rating_peers, rating_reference
from bench.rating_peers import Priced, Table, Town
from bench.rating_reference import DAYS, TIERS, WH
from tahseel.charging.tariffs import rules
from tahseel.charging.tariffs.rules import many
from tahseel.charging.tariffs.rules.kernel import Given
from tahseel.charging.tariffs.rules.programs import Programs, compile_book
from tahseel.charging.tariffs.values import Kind, PriceBook, Usage
from tahseel.countries.kuwait import country
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service

THREADS, ROUNDS, SEED, DECIMAL_ROWS = 2, 7, 5, 20_000
CHUNK = 20_000
FIRST = date(2026, 4, 1)


def town(accounts: int, sectors: int) -> dict[str, Any]:
    """Accounts of all sectors, one in ten with part of April."""
    chance = np.random.default_rng(SEED)
    part = chance.random(accounts) < 0.1
    return {
        "sector": chance.integers(0, sectors, accounts),
        "wh": chance.lognormal(14.2, 1.1, accounts).astype(np.int64),
        "units": np.where(chance.random(accounts) < 0.3, chance.integers(2, 41, accounts), 1),
        "days": np.where(part, chance.integers(1, DAYS, accounts), DAYS),
    }


def compiled(book: PriceBook, names: list[str]) -> Programs:
    """A program for each sector and number of days, in this order."""
    kinds = [
        Usage(Service.ELECTRICITY, name, Period(FIRST, FIRST + timedelta(days=days)), 0)
        for name in names
        for days in range(1, DAYS + 1)
    ]
    return compile_book(book=book, kinds=kinds)


def tables(book: PriceBook, names: list[str]) -> tuple[Any, Any]:
    """Edges in Wh (0 for none) and prices in fils a kWh, a row for each sector."""
    edges = np.zeros((len(names), TIERS), np.int64)
    prices = np.zeros((len(names), TIERS), np.int64)
    for row, name in enumerate(names):
        [rate] = [
            rate
            for key, rates in book.rates.items()
            if (key.service, key.sector, key.certificate) == (Service.ELECTRICITY, name, "")
            and key.kind is Kind.CONSUMPTION
            for rate in rates
            if rate.covers(FIRST)
        ]
        for place, tier in enumerate(rate.tiers):
            edges[row, place] = int(tier.up_to or 0)
            assert tier.price.denominator == 1
            prices[row, place] = int(tier.price)
    return edges, prices


def best(run: Any, rounds: int = ROUNDS) -> float:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def hand(columns: dict[str, Any], edges: Any, prices: Any) -> Any:
    """A function that prices everything by the kernel written by hand."""
    rows = len(columns["wh"])
    given, table = Town(**columns), Table(edges, prices)

    def price() -> Priced:
        lines = np.zeros((rows, TIERS), np.int64)
        counted, totals = np.empty((rows, TIERS), np.int64), np.empty(rows, np.int64)
        made = Priced(lines, counted, totals)

        def task(low: int) -> None:
            rating_peers.by_hand(given, table, made, low, min(low + CHUNK, rows))

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(task, range(0, rows, CHUNK)))
        return made

    return price


def main(size: dict[str, int]) -> dict[str, Any]:
    book = rules.load_book(country.price_book("statute-2016"))
    names = sorted(
        {k.sector for k in book.rates if k.service == Service.ELECTRICITY and not k.certificate}
    )
    columns = town(size["accounts"], len(names))
    edges, prices = tables(book, names)
    start = time.perf_counter()
    programs = compiled(book, names)
    sources = np.zeros((len(programs.sources), size["accounts"]), np.int64)
    sources[0] = columns["wh"]
    given = Given(columns["sector"] * DAYS + columns["days"] - 1, sources, columns["units"])
    made = many.rate_columns(programs, given, threads=THREADS).made
    compiled_in_s = time.perf_counter() - start
    assert not made.left.any()
    price = hand(columns, edges, prices)
    lines, _counted, totals = price()
    for place in range(programs.width):
        has = np.array([len(one) > place for one in programs.columns])[given.program]
        assert (np.where(has, made.fils[:, place], 0) == lines[:, place]).all()
    assert (totals == made.totals).all()
    in_duckdb, of_duckdb = rating_peers.by_duckdb(columns, edges, prices, THREADS)
    in_duckdb()
    assert (of_duckdb() == made.totals).all()
    reference = rating_reference.by_decimal(columns, edges, prices, size["compared"])
    off = np.abs(made.totals[: size["compared"]] - np.array(reference)).sum()
    accounts = size["accounts"] / 1e6
    decimal = best(lambda: rating_reference.by_decimal(columns, edges, prices, DECIMAL_ROWS), 2)
    return {
        "rate": accounts / best(lambda: many.rate_columns(programs, given, threads=THREADS)),
        "hand": accounts / best(price),
        "peers": {"decimal": DECIMAL_ROWS / 1e6 / decimal, "duckdb": accounts / best(in_duckdb)},
        "fils_off": int(off),
        "compared": size["compared"],
        "compiled_in_s": compiled_in_s,
    }


if __name__ == "__main__":
    assert WH == 1000
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
