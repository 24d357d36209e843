"""Programs run over columns of usage, in machine code. The arithmetic is that of `blocks`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahseel.charging.tariffs.rules.programs import (
    AT_LEAST,
    BLOCKS,
    O_AMOUNT,
    O_AT,
    O_BEFORE,
    O_BIT,
    O_BY_LINE,
    O_COLUMN,
    O_COMMON,
    O_DAYS,
    O_EMPTY,
    O_FILS_OVER,
    O_LIMIT,
    O_MASK,
    O_PART,
    O_PER,
    O_SIGN,
    O_SOURCE,
    O_TIERS,
    O_TOP,
    O_WHAT,
    O_WHOLE,
    OPEN,
    PERCENTAGE,
    Code,
    Int64,
)
from tahseel.charging.tariffs.values import KINDS
from tahseel.kernel.compiling import compiled

ABSENT = -1
KINDS_COUNT = len(KINDS)


class Given(NamedTuple):
    """Usages in columns: the program of each, its quantities by source, its dwelling units."""

    program: Int64
    quantities: Int64
    units: Int64


class Made(NamedTuple):
    """What they cost: fils and base units of each line, totals; and which of them are left."""

    fils: Int64
    counted: Int64
    totals: Int64
    left: NDArray[np.bool_]


class Lines(NamedTuple):
    """The row of one usage."""

    fils: Int64
    counted: Int64


@compiled
def rounded(numerator: int, denominator: int) -> int:
    """`money.round_half_up` of what is not below zero."""
    if denominator == 1:
        return numerator
    return (2 * numerator + denominator) // (2 * denominator)


@compiled
def blocks(code: Code, op: Int64, quantity: int, units: int, line: Lines) -> int:
    """One rate's tier lines of one usage; what they come to."""
    column, common, over = op[O_COLUMN], op[O_COMMON], op[O_FILS_OVER]
    whole, by_line = op[O_WHOLE] != 0, op[O_BY_LINE] != 0
    amount, before = quantity * op[O_AMOUNT], quantity * op[O_BEFORE]
    limits = op[O_LIMIT] * (units if op[O_PER] != 0 else 1)
    ended = op[O_EMPTY] != 0 and quantity == 0
    low = exact = so_far = total = 0
    for tier in range(op[O_TIERS]):
        if ended:
            line.counted[column + tier] = ABSENT
            continue
        edge = code.edges[op[O_AT] + tier]
        high = amount if edge == OPEN else min(amount, edge * limits)
        ended = edge == OPEN or high == amount
        if whole and not ended:
            line.counted[column + tier] = ABSENT
            low = high
            continue
        start = 0 if whole else low
        exact = (0 if by_line else exact) + (high - start) * code.prices[op[O_AT] + tier]
        fils = rounded(exact, over) - so_far
        so_far = 0 if by_line else so_far + fils
        counted = rounded(before + high, common) - rounded(before + start, common)
        line.counted[column + tier] = counted
        line.fils[column + tier] = op[O_SIGN] * fils
        total += op[O_SIGN] * fils
        low = high
    return total


@compiled
def supplement(op: Int64, base: int, units: int, line: Lines) -> int:
    """A charge that no quantity makes; its fils."""
    what, over = op[O_WHAT], op[O_FILS_OVER]
    if what == PERCENTAGE:
        fils = rounded(abs(base) * op[O_AMOUNT], over)
        fils = fils if base >= 0 else -fils
        present, shown = base != 0, base
    else:
        fils = rounded(op[O_AMOUNT] * (units if op[O_PER] != 0 else 1), over)
        fils = fils - base if what == AT_LEAST else fils
        present, shown = what != AT_LEAST or fils > 0, op[O_DAYS]
    line.counted[op[O_COLUMN]] = shown if present else ABSENT
    fils = fils if present else 0
    line.fils[op[O_COLUMN]] = fils
    return fils


@compiled
def taken_of(op: Int64, sums: Int64) -> int:
    """What the kinds come to that a percentage or a minimum is taken of."""
    base = 0
    for kind in range(KINDS_COUNT):
        if op[O_MASK] >> kind & 1:
            base += sums[kind]
    return base


@compiled
def run(code: Code, given: Given, made: Made, low: int, high: int) -> None:
    """Price the usages from low up to high; those whose numbers are too large are left."""
    sums = np.zeros(KINDS_COUNT, np.int64)
    for row in range(low, high):
        line, units = Lines(made.fils[row], made.counted[row]), given.units[row]
        total, part = 0, -1
        for number in range(code.first[given.program[row]], code.first[given.program[row] + 1]):
            op = code.operations[number]
            if op[O_PART] != part:
                part = op[O_PART]
                sums[:] = 0
            by_quantity = op[O_WHAT] == BLOCKS
            base = given.quantities[op[O_SOURCE], row] if by_quantity else taken_of(op, sums)
            if (by_quantity and base < 0) or abs(base) > op[O_TOP]:
                made.left[row] = True
                break
            if by_quantity:
                fils = blocks(code, op, base, units, line)
            else:
                fils = supplement(op, base, units, line)
            sums[op[O_BIT]] += fils
            total += fils
        made.totals[row] = total
