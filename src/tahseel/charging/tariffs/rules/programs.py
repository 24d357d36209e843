"""A book compiled for many usages of few kinds: what `kernel` walks instead of rates and lines.

A kind of usage (its customer, its days, its bands of time) becomes a program: one operation for
each rate of each stretch, its fractions brought to whole numbers and cancelled. The arithmetic is
that of `blocks` and `supplements`. What a program cannot hold (allotments, credit for saving,
numbers beyond 64 bits) is left to them, usage by usage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahseel.charging.tariffs.rules.rating import QUANTITY_MAX, UNITS_MAX, check
from tahseel.charging.tariffs.rules.selecting import parts
from tahseel.charging.tariffs.values import (
    HUNDRED,
    KINDS,
    Every,
    Kind,
    Per,
    PriceBook,
    Rate,
    Rounding,
    Stretch,
    Tiering,
    Usage,
)
from tahseel.kernel.period import Period

QUANTITY, EXPORTED, DEMAND = range(3)
FIRST_BAND = 3
OPEN = -1
ROOM = 1 << 61  # a sum of two products and a doubling still fit 64 bits
BLOCKS, BY_TIME, AT_LEAST, PERCENTAGE = range(4)
(
    O_WHAT, O_PART, O_COLUMN, O_TIERS, O_AT, O_SOURCE, O_SIGN, O_PER, O_WHOLE, O_BY_LINE,
    O_AMOUNT, O_BEFORE, O_LIMIT, O_COMMON, O_FILS_OVER, O_TOP, O_MASK, O_BIT, O_DAYS, O_EMPTY,
    O_WIDTH,
) = range(21)  # fmt: skip
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of the figures is: a tier of a rate on the days of a stretch."""

    rate: Rate
    period: Period
    tier: int


class Code(NamedTuple):
    """Programs one after another: `first[p]` to `first[p + 1]` are the operations of p."""

    operations: Int64
    first: Int64
    edges: Int64
    prices: Int64


@dataclass(frozen=True, slots=True)
class Programs:
    """The code of all kinds of usage; of each kind what its columns mean.

    exact: kinds that are left to `rate`; sources: what each row of quantities has to be.
    """

    code: Code
    columns: tuple[tuple[Column, ...], ...]
    exact: tuple[bool, ...]
    sources: tuple[str, ...]

    @property
    def width(self) -> int:
        return max((len(one) for one in self.columns), default=0)


class TooLargeError(Exception):
    """A program does not fit whole numbers of 64 bits, or has a rate that no program holds."""


class _Writer:
    def __init__(self, book: PriceBook, bands: Sequence[str]) -> None:
        self.book = book
        self.bands = list(bands)
        self.operations: list[list[int]] = []
        self.edges: list[int] = []
        self.prices: list[int] = []

    def program(self, usage: Usage) -> tuple[tuple[Column, ...], bool]:
        """Write a program; its columns, and whether it has to be left to `rate`."""
        done = (len(self.operations), len(self.edges))
        columns: list[Column] = []
        days = 0
        try:
            for part, stretch in enumerate(parts(self.book, usage)):
                self._stretch(usage, stretch, part, days, columns)
                days += stretch.period.days
        except TooLargeError:
            del self.operations[done[0] :], self.edges[done[1] :], self.prices[done[1] :]
            return (), True
        return tuple(columns), False

    def _stretch(
        self, usage: Usage, stretch: Stretch, part: int, days: int, columns: list[Column]
    ) -> None:
        for one in stretch.rates:
            if one.kind is Kind.CREDIT and usage.last_year is None:
                continue
            op = self._operation(usage, stretch, one, days)
            op[O_PART], op[O_COLUMN] = part, len(columns)
            self.operations.append(op)
            columns += [Column(one, stretch.period, t + 1) for t in range(len(one.tiers))]

    def _operation(self, usage: Usage, stretch: Stretch, one: Rate, days: int) -> list[int]:
        if one.allotted or one.by or one.kind is Kind.CREDIT:
            raise TooLargeError
        op = [0] * O_WIDTH
        op[O_TIERS] = len(one.tiers)
        op[O_BIT], op[O_DAYS] = KINDS.index(one.kind), stretch.period.days
        op[O_SIGN] = one.sign
        op[O_MASK] = sum(1 << KINDS.index(kind) for kind in one.of)
        op[O_PER] = one.per is Per.DWELLING
        if one.is_percent:
            self._percentage(op, one)
        elif one.for_time:
            self._by_time(op, one, stretch)
        elif one.kind is Kind.DEMAND:
            self._demand(op, one, stretch)
        else:
            self._blocks(op, one, usage, stretch, days)
        return op

    def _percentage(self, op: list[int], one: Rate) -> None:
        percent = abs(one.tiers[0].price)
        op[O_WHAT] = PERCENTAGE
        op[O_AMOUNT], op[O_FILS_OVER] = percent.numerator, HUNDRED * percent.denominator
        op[O_TOP] = (ROOM - op[O_FILS_OVER]) // (2 * max(percent.numerator, 1))
        self._fits(op)

    def _by_time(self, op: list[int], one: Rate, stretch: Stretch) -> None:
        op[O_WHAT] = AT_LEAST if one.kind is Kind.MINIMUM else BY_TIME
        times, times_over = stretch.share(Every(one.unit.code))
        amount = one.prices[0] * times
        over = one.price_denominator * times_over
        common = math.gcd(amount, over)
        op[O_AMOUNT], op[O_FILS_OVER] = amount // common, over // common
        op[O_TOP] = (ROOM - op[O_FILS_OVER]) // (2 * max(op[O_AMOUNT] * UNITS_MAX, 1))
        self._fits(op)

    def _demand(self, op: list[int], one: Rate, stretch: Stretch) -> None:
        op[O_WHAT], op[O_SOURCE] = BLOCKS, DEMAND
        op[O_PER] = False
        times, times_over = stretch.share(one.every)
        op[O_AMOUNT] = op[O_COMMON] = one.edge_denominator
        op[O_LIMIT] = 1
        op[O_FILS_OVER] = one.edge_denominator * one.price_denominator * times_over
        self._tiers(op, one, [price * times for price in one.prices])

    def _blocks(
        self, op: list[int], one: Rate, usage: Usage, stretch: Stretch, before: int
    ) -> None:
        exported = one.kind is Kind.EXPORT
        op[O_WHAT], op[O_EMPTY] = BLOCKS, exported
        op[O_SIGN] = -1 if exported else one.sign
        op[O_SOURCE] = EXPORTED if exported else QUANTITY
        if one.key.band:
            op[O_SOURCE] = FIRST_BAND + self.bands.index(one.key.band)
        op[O_WHOLE] = one.tiering is Tiering.WHOLE
        op[O_BY_LINE] = self.book.rounding is Rounding.LINE
        times, over = stretch.share(one.every) if one.tiered else (1, 1)
        days, scale = usage.period.days, one.edge_denominator * over
        told = (stretch.period.days * scale, before * scale, times * days, days * scale)
        cancelled = math.gcd(*told)
        op[O_AMOUNT], op[O_BEFORE], op[O_LIMIT], op[O_COMMON] = (n // cancelled for n in told)
        op[O_FILS_OVER] = op[O_COMMON] * one.price_denominator
        self._tiers(op, one, one.prices)

    def _tiers(self, op: list[int], one: Rate, prices: Sequence[int]) -> None:
        op[O_AT] = len(self.edges)
        edges = [OPEN if edge is None else edge for edge in one.edges]
        dearest = max(*prices, 1)
        most = 2 * max(op[O_AMOUNT] * dearest, op[O_AMOUNT] + op[O_BEFORE])
        room = (ROOM - max(op[O_FILS_OVER], op[O_COMMON])) // most
        op[O_TOP] = min(room, QUANTITY_MAX)
        self._fits(op, max(edges) * op[O_LIMIT] * (UNITS_MAX if op[O_PER] else 1) * 2)
        self.edges += edges
        self.prices += prices

    def _fits(self, op: list[int], *others: int) -> None:
        if max(*op, *others) >= ROOM or op[O_TOP] < 1:
            raise TooLargeError


def compile_book(*, book: PriceBook, kinds: Sequence[Usage]) -> Programs:
    """Programs for kinds of usage: all usages of a kind have one `selecting.kind_of`.

    Their quantities do not matter. Raises UsageWrong, NoRate, UsageLacks.
    """
    bands = sorted({code for kind in kinds for code, _ in kind.bands})
    writer = _Writer(book, bands)
    first, columns, exact = [0], [], []
    for kind in kinds:
        check(kind)
        told, left = writer.program(kind)
        columns.append(told)
        exact.append(left)
        first.append(len(writer.operations))
    return Programs(
        code=Code(
            _array(writer.operations, (-1, O_WIDTH)),
            _array(first, (-1,)),
            _array(writer.edges, (-1,)),
            _array(writer.prices, (-1,)),
        ),
        columns=tuple(columns),
        exact=tuple(exact),
        sources=("quantity", "exported", "demand", *bands),
    )


def _array(values: Sequence[Any], shape: tuple[int, ...]) -> Int64:
    return np.array(values, dtype=np.int64).reshape(shape)
