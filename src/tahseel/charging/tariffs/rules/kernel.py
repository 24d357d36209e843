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
from tahseel.kernel.compiling import compiled, within

ABSENT = -(2**63)  # nothing counts so far: a fils given back is -1, and is a line
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


@within
def rounded(numerator: int, denominator: int) -> int:
    """`money.round_half_up` of what is not below zero."""
    if denominator == 1:
        return numerator
    return (2 * numerator + denominator) // (2 * denominator)


@within
def blocks(code: Code, number: int, given: Given, made: Made, row: int) -> int:
    """One rate's tier lines of one usage; what they come to."""
    op = code.operations
    column, common, over = op[number, O_COLUMN], op[number, O_COMMON], op[number, O_FILS_OVER]
    whole, by_line = op[number, O_WHOLE] != 0, op[number, O_BY_LINE] != 0
    quantity = given.quantities[op[number, O_SOURCE], row]
    sign, at = op[number, O_SIGN], op[number, O_AT]
    amount, before = quantity * op[number, O_AMOUNT], quantity * op[number, O_BEFORE]
    limits = op[number, O_LIMIT] * (given.units[row] if op[number, O_PER] != 0 else 1)
    ended = op[number, O_EMPTY] != 0 and quantity == 0
    low = exact = so_far = total = 0
    for tier in range(op[number, O_TIERS]):
        if ended:
            made.counted[row, column + tier], made.fils[row, column + tier] = ABSENT, 0
            continue
        edge = code.edges[at + tier]
        high = amount if edge == OPEN else min(amount, edge * limits)
        ended = edge == OPEN or high == amount
        if whole and not ended:
            made.counted[row, column + tier], made.fils[row, column + tier] = ABSENT, 0
            low = high
            continue
        start = 0 if whole else low
        exact = (0 if by_line else exact) + (high - start) * code.prices[at + tier]
        fils = rounded(exact, over) - so_far
        so_far = 0 if by_line else so_far + fils
        counted = rounded(before + high, common) - rounded(before + start, common)
        made.counted[row, column + tier] = counted
        made.fils[row, column + tier] = sign * fils
        total += sign * fils
        low = high
    return total


@within
def supplement(code: Code, number: int, base: int, units: int) -> tuple[int, int]:
    """A charge that no quantity makes: what is shown as its quantity, and its fils."""
    op = code.operations
    what, over, sign = op[number, O_WHAT], op[number, O_FILS_OVER], op[number, O_SIGN]
    if what == PERCENTAGE:
        fils = rounded(abs(base) * op[number, O_AMOUNT], over)
        return (base, sign * fils if base >= 0 else -sign * fils) if base != 0 else (ABSENT, 0)
    fils = rounded(op[number, O_AMOUNT] * (units if op[number, O_PER] != 0 else 1), over)
    if what == AT_LEAST:
        fils -= base
        return (op[number, O_DAYS], fils) if fils > 0 else (ABSENT, 0)
    return op[number, O_DAYS], sign * fils


@within
def taken_of(mask: int, sums: Int64) -> int:
    """What the kinds come to that a percentage or a minimum is taken of."""
    base = 0
    for kind in range(KINDS_COUNT):
        if mask >> kind & 1:
            base += sums[kind]
    return base


@compiled
def run(code: Code, given: Given, made: Made, low: int, high: int) -> None:
    """Price the usages from low up to high; those whose numbers are too large are left."""
    sums = np.zeros(KINDS_COUNT, np.int64)
    op = code.operations
    for row in range(low, high):
        total, part = 0, -1
        for number in range(code.first[given.program[row]], code.first[given.program[row] + 1]):
            if op[number, O_PART] != part:
                part = op[number, O_PART]
                sums[:] = 0
            by_quantity = op[number, O_WHAT] == BLOCKS
            if by_quantity:
                base = given.quantities[op[number, O_SOURCE], row]
            else:
                base = taken_of(op[number, O_MASK], sums)
            if (by_quantity and base < 0) or abs(base) > op[number, O_TOP]:
                made.left[row] = True
                break
            if by_quantity:
                fils = blocks(code, number, given, made, row)
            else:
                shown, fils = supplement(code, number, base, given.units[row])
                made.counted[row, op[number, O_COLUMN]] = shown
                made.fils[row, op[number, O_COLUMN]] = fils
            sums[op[number, O_BIT]] += fils
            total += fils
        made.totals[row] = total
