"""Prices a sheet by the compiled book; the words of its lines come from bills priced one by one.

Uses of the same kind, the same number of dwelling units and the same blocks touched have the same
lines but for quantity and fils: a pattern. The first use of each pattern is priced by the plain
`rate` as well, which lends its words to all of them and has to come to the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tahseel.charging.billing.sheets.facts import Mask, Sheet
from tahseel.charging.tariffs import rules as tariffs
from tahseel.charging.tariffs.rules import kernel, many
from tahseel.charging.tariffs.rules.programs import DEMAND, QUANTITY, compile_book
from tahseel.charging.tariffs.rules.rating import QUANTITY_MAX, UNITS_MAX
from tahseel.charging.tariffs.values import CONSUMPTION, Line, PriceBook, Usage
from tahseel.kernel import columns
from tahseel.kernel.cells import Int64
from tahseel.kernel.errors import Broken, Refusal
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import SERVICES
from tahseel.registry.supply import queries as supply

WIDTH_MAX = 40
_DAYS = 1 << 20


@dataclass(frozen=True, slots=True)
class Priced:
    """A sheet with its lines, by bill and service.

    patterns: the lines of a use, by pattern. use, word, quantity, fils: of each line the row of its
    use, its place among all lines of all patterns, and what it charges. used: what consumption each
    use charges for.
    """

    sheet: Sheet
    patterns: tuple[tuple[Line, ...], ...]
    pattern: Int64
    use: Int64
    word: Int64
    quantity: Int64
    fils: Int64
    used: Int64

    def __len__(self) -> int:
        return len(self.sheet)

    @property
    def account_ids(self) -> list[UUID]:
        """The accounts that are billed."""
        return [self.sheet.asked[at] for at in self.sheet.bills.at.tolist()]

    @property
    def others(self) -> list[UUID]:
        """Those of the chunk that are not."""
        left = np.ones(len(self.sheet.asked), np.bool_)
        left[self.sheet.bills.at] = False
        return [self.sheet.asked[at] for at in np.flatnonzero(left).tolist()]

    @property
    def total(self) -> int:
        """Fils of all bills."""
        return int(self.fils.sum())

    @property
    def words(self) -> list[Line]:
        return [line for lines in self.patterns for line in lines]

    @property
    def amounts(self) -> Int64:
        """Fils of each use."""
        return summed(self.use, self.fils, len(self.pattern))

    @property
    def totals(self) -> Int64:
        """Fils of each bill."""
        return summed(self.sheet.uses.bill, self.amounts, len(self.sheet))

    def days(self) -> tuple[Int64, Int64]:
        """The first day of each bill, and the one after its last, counted from 2000."""
        firsts = [min(columns.day_number(one.period.start) for one in p) for p in self.patterns]
        lasts = [max(columns.day_number(one.period.end) for one in p) for p in self.patterns]
        begins = np.searchsorted(self.sheet.uses.bill, np.arange(len(self.sheet)))
        return (
            np.minimum.reduceat(np.array(firsts, np.int64)[self.pattern], begins),
            np.maximum.reduceat(np.array(lasts, np.int64)[self.pattern], begins),
        )

    def kept(self, mask: Mask) -> Priced:
        """Some of the bills, with what belongs to them."""
        if mask.all():
            return self
        uses = mask[self.sheet.uses.bill]
        lines = uses[self.use]
        place = np.cumsum(uses) - 1
        return replace(
            self,
            sheet=self.sheet.kept(mask),
            pattern=self.pattern[uses],
            use=place[self.use[lines]],
            word=self.word[lines],
            quantity=self.quantity[lines],
            fils=self.fils[lines],
            used=self.used[uses],
        )


def summed(which: Int64, values: Int64, rows: int) -> Int64:
    """Whole numbers added up by row; `which` is in order."""
    sums = np.zeros(rows, np.int64)
    if len(values):
        begins = np.flatnonzero(np.diff(which, prepend=-1))
        sums[which[begins]] = np.add.reduceat(values, begins)
    return sums


def price(sheet: Sheet, book: PriceBook) -> Priced | None:
    """The bills of a sheet that the compiled book can price; None where there is none."""
    sheet, kinds, kind = _known(sheet, book)
    if not len(sheet):
        return None
    programs = compile_book(book=book, kinds=kinds)
    uses = sheet.uses
    quantities = np.zeros((len(programs.sources), len(uses.bill)), np.int64)
    quantities[QUANTITY], quantities[DEMAND] = uses.quantity, many.UNKNOWN
    units = np.ascontiguousarray(sheet.bills.dwellings[uses.bill])
    figures = many.rate_columns(programs, kernel.Given(kind, quantities, units), threads=1)
    if programs.width > WIDTH_MAX:
        return None
    there = np.arange(programs.width) < np.array([len(one) for one in programs.columns])[kind, None]
    there &= figures.made.counted != kernel.ABSENT
    wrong = there & ((figures.made.fils < 0) | (figures.made.counted < 0))
    bad = figures.made.left | wrong.any(axis=1) | ~there.any(axis=1)
    good = np.ones(len(sheet), np.bool_)
    good[uses.bill[bad]] = False
    rows = good[uses.bill]
    if not good.any():
        return None
    made = _Made(
        kind[rows], units[rows], there[rows], figures.made.counted[rows], figures.made.fils[rows]
    )
    return _lined(sheet.kept(good), book, kinds, made)


@dataclass(frozen=True, slots=True)
class _Made:
    """What the program of each use came to: a column a line that it can have."""

    kind: Int64
    units: Int64
    there: NDArray[np.bool_]
    counted: Int64
    fils: Int64


def _known(sheet: Sheet, book: PriceBook) -> tuple[Sheet, list[Usage], Int64]:
    """Without the bills of which the book refuses a use; the kinds of uses, and that of each."""
    uses, sectors = sheet.uses, len(supply.SECTORS)
    good = np.ones(len(sheet), np.bool_)
    fits = (uses.start >= 0) & (uses.end < _DAYS) & (uses.quantity >= 0)
    fits &= (uses.quantity <= QUANTITY_MAX) & (sheet.bills.dwellings[uses.bill] <= UNITS_MAX)
    good[uses.bill[~fits]] = False
    sheet = sheet.kept(good)
    uses = sheet.uses
    key = uses.service * sectors + sheet.bills.sector[uses.bill]
    different, which = np.unique((key * _DAYS + uses.start) * _DAYS + uses.end, return_inverse=True)
    kinds = [_kind(int(one)) for one in different]
    refused = np.array([_refuses(book, one) for one in kinds], np.bool_)
    if refused.any():
        good = np.ones(len(sheet), np.bool_)
        good[uses.bill[refused[which]]] = False
        return _known(sheet.kept(good), book)
    return sheet, kinds, which.astype(np.int64)


def _kind(key: int) -> Usage:
    """A usage of a kind; how much of it does not matter."""
    key, end = divmod(key, _DAYS)
    key, start = divmod(key, _DAYS)
    service, sector = divmod(key, len(supply.SECTORS))
    return Usage(
        service=SERVICES[service],
        sector=str(supply.SECTORS[sector]),
        period=Period(columns.day_of(start), columns.day_of(end)),
        quantity=1,
    )


def _refuses(book: PriceBook, kind: Usage) -> bool:
    """The book cannot price it, or not by a program."""
    try:
        programs = compile_book(book=book, kinds=[kind])
    except Refusal:
        return True
    return programs.exact[0] or not programs.columns[0]


def _lined(sheet: Sheet, book: PriceBook, kinds: Sequence[Usage], made: _Made) -> Priced:
    bits = made.there @ (1 << np.arange(made.there.shape[1], dtype=np.int64))
    _, kind = np.unique(made.kind * (UNITS_MAX + 1) + made.units, return_inverse=True)
    touched, which = np.unique(bits, return_inverse=True)
    _, first, pattern = np.unique(
        kind * len(touched) + which, return_index=True, return_inverse=True
    )
    patterns = tuple(
        _words(book, kinds[made.kind[row]], int(sheet.uses.quantity[row]), made, row)
        for row in first.tolist()
    )
    use, column = np.nonzero(made.there)
    sizes = np.array([len(lines) for lines in patterns], np.int64)
    word = np.concatenate(([0], np.cumsum(sizes)[:-1]))[pattern[use]] + places(use)
    taken = np.array([line.kind == CONSUMPTION for lines in patterns for line in lines], np.bool_)
    quantity, fils = made.counted[use, column], made.fils[use, column]
    return Priced(
        sheet=sheet,
        patterns=patterns,
        pattern=pattern.astype(np.int64),
        use=use,
        word=word,
        quantity=quantity,
        fils=fils,
        used=summed(use, np.where(taken[word], quantity, 0), len(pattern)),
    )


def places(which: Int64) -> Int64:
    """Of each row its place among those of the same number, from 0; `which` is in order."""
    begins = np.flatnonzero(np.diff(which, prepend=-1))
    return np.arange(len(which)) - np.repeat(begins, np.diff(np.append(begins, len(which))))


def _words(book: PriceBook, kind: Usage, quantity: int, made: _Made, row: int) -> tuple[Line, ...]:
    """The lines of one use, priced the plain way. Raises Broken where the program says other."""
    lines = tariffs.rate(
        book=book, usage=replace(kind, quantity=quantity, units=int(made.units[row]))
    ).lines
    there = made.there[row]
    told = list(zip(made.counted[row][there].tolist(), made.fils[row][there].tolist(), strict=True))
    if told != [(line.quantity, line.amount.fils) for line in lines]:
        raise Broken(f"the compiled book {book.code} prices {kind} otherwise than the book")
    return lines
