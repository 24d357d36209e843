"""Intervals as a reader gathers them: one column for each thing a file says of a value.

A summary needs counts and sums, not values: `let_go` keeps those and frees the rest, so that a file
of any size is summarised in little memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tahseel.consumption.readings.formats.numbers import Column, packed
from tahseel.consumption.readings.values import Flag, Tally

LENGTH_OF_TYPE = -1
"""Stands for a duration that a reading leaves to the length its type gives."""
HELD_MAX = 4_096


@dataclass(slots=True)
class Intervals:
    """starts: UTC epoch seconds; durations: seconds; lines: where each value was read."""

    starts: array[int] = field(default_factory=lambda: array("q"))
    durations: array[int] = field(default_factory=lambda: array("q"))
    values: Column = field(default_factory=Column)
    flags: bytearray = field(default_factory=bytearray)
    lines: array[int] = field(default_factory=lambda: array("q"))
    implied: list[tuple[int, int, int]] = field(default_factory=list)
    """(position, start of the block, place in the block) of values without their own times."""
    counted: Tally = field(default_factory=Tally)
    """What was let go, in units of the file."""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def reads(self) -> int:
        return len(self.values) + self.counted.reads

    def let_go(self, *, at_least: int = 1) -> None:
        """Count what is held and free it; what still waits for its type is held on to."""
        if len(self) < at_least or self.implied or LENGTH_OF_TYPE in self.durations:
            return
        held = Tally(
            len(self),
            self.flags.count(Flag.MISSING),
            Fraction(sum(self.values.numbers), 10**self.values.digits),
            min(self.starts),
            max(map(int.__add__, self.starts, self.durations)),
        )
        self.counted = self.counted.plus(held)
        self.starts, self.durations, self.lines = array("q"), array("q"), array("q")
        self.values, self.flags = Column(), bytearray()


@dataclass(frozen=True, slots=True)
class Joined:
    """Intervals of one channel as columns on one scale."""

    scale: Fraction
    starts: array[int]
    durations: array[int]
    mantissas: Sequence[int]
    flags: bytearray
    lines: array[int]
    counted: Tally


def join(parts: Sequence[tuple[Intervals, Fraction]]) -> Joined:
    """Join parts in their order; each comes with the base units that one unit of it is worth.

    The factors must be whole multiples of the smallest.
    """
    digits = max(len(part) and part.values.digits for part, _ in parts)
    finest = min(factor for _, factor in parts)
    starts, durations, lines = array("q"), array("q"), array("q")
    flags, counted, mantissas = bytearray(), Tally(), list[Sequence[int]]()
    for part, factor in parts:
        times = factor / finest
        assert times.denominator == 1
        starts += part.starts
        durations += part.durations
        lines += part.lines
        flags += part.flags
        if len(part):
            mantissas.append(part.values.scaled(digits, times.numerator))
        counted = counted.plus(part.counted.times(factor))
    return Joined(
        scale=finest * Fraction(1, 10**digits),
        starts=starts,
        durations=durations,
        mantissas=packed(m for part in mantissas for m in part),
        flags=flags,
        lines=lines,
        counted=counted,
    )
