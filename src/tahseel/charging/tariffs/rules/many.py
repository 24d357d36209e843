"""Many usages priced at once: the same lines and fils as `rate`, usage by usage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from tahseel.charging.tariffs.rules import kernel
from tahseel.charging.tariffs.rules.kernel import Given, Made
from tahseel.charging.tariffs.rules.programs import Column, Programs, compile_book
from tahseel.charging.tariffs.rules.rating import check, rate
from tahseel.charging.tariffs.rules.selecting import kind_of, parts
from tahseel.charging.tariffs.values import PriceBook, Usage
from tahseel.kernel.errors import Refusal

ROWS_A_TASK = 20_000
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Figures:
    """What many usages cost. A row is a usage, a column what its program says.

    made.counted: base units of each line, -1 where there is none. A row that is left means nothing,
    nor do columns beyond those of its program.
    """

    programs: Programs
    given: Given
    made: Made

    def lines(self, row: int) -> Iterator[tuple[Column, int, int]]:
        """The lines of a usage: what they are, base units, fils."""
        for place, column in enumerate(self.programs.columns[self.given.program[row]]):
            if self.made.counted[row, place] != kernel.ABSENT:
                yield column, int(self.made.counted[row, place]), int(self.made.fils[row, place])


def totals(*, book: PriceBook, usages: Sequence[Usage], threads: int = 2) -> list[int]:
    """What each usage costs, fils. Raises what `rate` raises, for the first that it refuses."""
    found = rate_many(book=book, usages=usages, threads=threads)
    fils: list[int] = found.made.totals.tolist()
    for row in np.flatnonzero(found.made.left).tolist():
        fils[row] = rate(book=book, usage=usages[row]).total.fils
    return fils


def totals_or_refusals(
    *, book: PriceBook, usages: Sequence[Usage], threads: int = 2
) -> list[int | Refusal]:
    """What each usage costs, fils, or why the book cannot price it; one refused stops no other."""
    refused: dict[tuple[object, ...], Refusal] = {}
    rows: dict[int, Refusal] = {}
    for one in {kind_of(usage): usage for usage in usages}.values():
        try:
            parts(book, one)
        except Refusal as refusal:
            refused[kind_of(one)] = refusal
    kept = [row for row, one in enumerate(usages) if kind_of(one) not in refused]
    found = rate_many(book=book, usages=[usages[row] for row in kept], threads=threads)
    fils = dict(zip(kept, found.made.totals.tolist(), strict=True))
    for row in np.flatnonzero(found.made.left).tolist():
        try:
            fils[kept[row]] = rate(book=book, usage=usages[kept[row]]).total.fils
        except Refusal as refusal:
            rows[kept[row]] = refusal
    return [
        rows.get(row) or refused.get(kind_of(one)) or fils[row] for row, one in enumerate(usages)
    ]


def rate_many(*, book: PriceBook, usages: Sequence[Usage], threads: int = 2) -> Figures:
    """Price usages by programs; those with fractions, or with an unknown, are left to `rate`.

    Raises UsageWrong, NoRate, UsageLacks for a kind of usage that the book cannot price.
    """
    kinds: dict[tuple[object, ...], tuple[int, Usage]] = {}
    program = [kinds.setdefault(kind_of(one), (len(kinds), one))[0] for one in usages]
    programs = compile_book(book=book, kinds=[one for _, one in kinds.values()])
    rows = {source: number for number, source in enumerate(programs.sources)}
    quantities = np.zeros((len(rows), len(usages)), np.int64)
    for row, one in enumerate(usages):
        check(one)
        quantities[:3, row] = _whole(one.quantity), _whole(one.exported), _whole(one.demand)
        for code, quantity in one.bands:
            quantities[rows[code], row] = _whole(quantity)
    units = np.array([one.units for one in usages], np.int64)
    given = Given(np.array(program, np.int64), quantities, units)
    return rate_columns(programs, given, threads=threads)


def _whole(quantity: object) -> int:
    return quantity if isinstance(quantity, int) else UNKNOWN


def rate_columns(programs: Programs, given: Given, *, threads: int = 2) -> Figures:
    """Price usages that are in columns already.

    given.quantities: a row for each of `programs.sources`, whole base units up to QUANTITY_MAX, -1
    where a demand is not known; given.units: from 1 to UNITS_MAX.
    """
    rows = len(given.program)
    exact = np.array(programs.exact, np.bool_)
    made = Made(
        np.empty((rows, programs.width), np.int64),
        np.empty((rows, programs.width), np.int64),
        np.empty(rows, np.int64),
        exact[given.program] if exact.any() else np.zeros(rows, np.bool_),
    )

    def task(low: int) -> None:
        kernel.run(programs.code, given, made, low, min(low + ROWS_A_TASK, rows))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(task, range(0, rows, ROWS_A_TASK)))
    return Figures(programs, given, made)
