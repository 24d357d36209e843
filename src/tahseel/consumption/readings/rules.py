"""Pure rules of readings: what fits, what overlaps, how a dial advanced, what is an estimate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

from tahseel.consumption.readings.values import Channel, Kind, ParsedFile
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import start_of
from tahseel.kernel.quantity import Service

BOUNDARY_TOLERANCE = timedelta(hours=12)
SECOND = timedelta(seconds=1)
WEEK_S = 7 * 86_400
INTERVAL_S_MAX = 400 * 86_400
VALUE_MAX = 2**31 - 1
ADVANCE_MAX = 2**50  # what the interval rules can reckon with
BASE_UNITS = {Service.ELECTRICITY: {"Wh", "VArh"}, Service.WATER: {"L"}}
_SHARE = Decimal("0.00001")


def weeks_to_end(*, last: int, end: date) -> int:
    """Whole weeks to move a file so that it ends at or before the start of `end` in Kuwait.

    last: the end of its latest interval in epoch seconds. The result may be negative.
    """
    return (int(start_of(end).timestamp()) - last) // WEEK_S


def weeks_together(files: Sequence[ParsedFile], *, end: date) -> dict[str, int]:
    """Whole weeks to move each file, by its name, so that it ends at or before the start of `end`.

    Files that tell of the same usage point or device move together, or a January and a February of
    one meter would both become the last month.
    """
    groups: list[tuple[set[str], int, list[str]]] = []
    for file in files:
        told, last, names = set(_told_of(file)), _last(file), [file.file]
        apart = []
        for group in groups:
            if group[0].isdisjoint(told):
                apart.append(group)
            else:
                told, last, names = told | group[0], max(last, group[1]), names + group[2]
        groups = [*apart, (told, last, names)]
    return {name: weeks_to_end(last=last, end=end) for _, last, names in groups for name in names}


def _told_of(file: ParsedFile) -> Iterator[str]:
    yield from (channel.usage_point for channel in file.channels)
    yield from (read.usage_point or read.serial for read in file.register_reads)


def _last(file: ParsedFile) -> int:
    ends = [channel.last for channel in file.channels]
    return max(ends + [int(read.at.timestamp()) for read in file.register_reads])


def unfit(channel: Channel, service: Service | None) -> str | None:
    """Why a channel cannot be stored for a meter of this service (None: no meter), or None."""
    if channel.service not in set(Service):
        return "service_not_sold" if channel.service else "service_unknown"
    if channel.kind is Kind.OTHER:
        return "not_a_quantity"
    if channel.unit not in BASE_UNITS[Service(channel.service)]:
        return "unit_differs"
    if service is None:
        return "unknown_meter"
    return None if channel.service == service else "service_differs"


def usable(channel: Channel, values: list[int]) -> tuple[list[int], dict[int, str]]:
    """Positions of intervals to store, and for each other position the reason to park it.

    Parked: no length, negative, too large for a block, or the time of one that stands already.
    Values that only repeat what stands (same time, same value) are parked as repeated.
    """
    kept: list[int] = []
    parked: dict[int, str] = {}
    order = sorted(range(channel.reads), key=lambda n: (channel.starts[n], n))
    free_from = None
    for n in order:
        start, length = channel.starts[n], channel.durations[n]
        reason = _bad_interval(length, values[n])
        if reason is None and free_from is not None and start < free_from:
            before = kept[-1]
            same = (channel.starts[before], channel.durations[before], values[before])
            reason = (
                "interval_repeated" if same == (start, length, values[n]) else "interval_overlaps"
            )
        if reason is not None:
            parked[n] = reason
            continue
        kept.append(n)
        free_from = start + length
    return kept, parked


def _bad_interval(length: int, value: int) -> str | None:
    if length <= 0:
        return "interval_without_length"
    if length > INTERVAL_S_MAX:
        return "interval_too_long"
    if value < 0:
        return "value_negative"
    return "value_too_large" if value > VALUE_MAX else None


@dataclass(frozen=True, slots=True)
class Dial:
    """A dial value at an instant, in base units. version: of the read, 0 where none was stored."""

    at: datetime
    value: int
    estimated: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Boundary:
    """The dial value at one end of a period. span: the two reads it was interpolated between."""

    at: datetime
    value: int
    span: tuple[datetime, datetime] | None
    estimated: bool


def boundary(
    *, at: datetime, before: Dial | None, after: Dial | None, modulus: int
) -> Boundary | None:
    """The dial at an instant: a read within twelve hours, else a straight line between neighbours.

    before, after: the nearest reads at or before, at or after it. None where one side is open.
    """
    near = [d for d in (before, after) if d is not None and abs(d.at - at) <= BOUNDARY_TOLERANCE]
    if near:
        dial = min(near, key=lambda d: abs(d.at - at))
        return Boundary(dial.at, dial.value, None, dial.estimated)
    if before is None or after is None:
        return None
    moved = advance(before.value, after.value, modulus)
    if moved is None:
        return None
    whole, part = (after.at - before.at) // SECOND, (at - before.at) // SECOND
    value = (before.value + round_half_up(moved * part, whole)) % modulus
    return Boundary(at, value, (before.at, after.at), estimated=True)


def advance(first: int, last: int, modulus: int) -> int | None:
    """How far a dial went from one value to another, over its last digit if it had to.

    A dial that seems to have gone round by more than half its range did not: it went back. None.
    """
    if last >= first:
        return last - first
    moved = last - first + modulus
    return moved if moved <= modulus // 2 else None


def moved(reads: Sequence[tuple[date, int]], modulus: int, multiplier: int) -> dict[date, int]:
    """How far a dial had gone since the first of its reads, by day, times the multiplier.

    Nothing where it went back, or so far that no meter could have measured it.
    """
    found: dict[date, int] = {}
    total = 0
    for number, (day, value) in enumerate(reads):
        step = advance(reads[number - 1][1], value, modulus) if number else 0
        total += (step or 0) * multiplier
        if step is None or total > ADVANCE_MAX:
            return {}
        found[day] = total
    return found


SCALES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)


def out_of_scale(moved: int, used: int, multiplier: int, percent: int) -> bool:
    """True where two measures of one use are apart by a power of ten or by the multiplier, give or
    take some per cent.
    """
    small, large = sorted((moved, used))
    if small <= 0:
        return False
    scales = {*SCALES, multiplier} - {1}
    return any(abs(large - small * scale) * 100 <= small * scale * percent for scale in scales)


def estimated_share(first: Boundary, last: Boundary) -> Decimal:
    """The part of the time between two boundaries whose use is interpolated, 0 to 1."""
    whole = last.at - first.at
    if (first.estimated and first.span is None) or (last.estimated and last.span is None):
        return Decimal(1)
    head = min(first.span[1], last.at) if first.span else first.at
    tail = max(last.span[0], first.at) if last.span else last.at
    known = max(tail - head, timedelta(0))
    return share((whole - known) // SECOND, whole // SECOND)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """A total as one part a weight, in proportion, which add up to it exactly; equal parts where
    all weights are zero. No weight is below zero, and there is one at least.
    """
    parts = weights if any(weights) else [1] * len(weights)
    whole = sum(parts)
    ends = [total * done // whole for done in accumulate(parts, initial=0)]
    return [end - start for start, end in pairwise(ends)]


def share(part: int, whole: int) -> Decimal:
    """part / whole as a fraction of five decimals."""
    return (Decimal(part) / Decimal(whole)).quantize(_SHARE)
