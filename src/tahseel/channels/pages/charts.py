"""Charts as geometry: a Chart in, positions in hundredths of a percent out. Pure, no float.

The picture is an SVG whose positions are percentages of its box, so it grows with the page while
strokes, corners and texts keep their size. On a right-to-left page time begins at the right, as an
Arabic reader expects: positions are mirrored here, the labels beside the picture follow the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tahseel.channels.pages.values import Chart, Measure, Series
from tahseel.kernel.money import round_half_up
from tahseel.kernel.quantity import Volume

FULL = 10_000
TICKS_MAX = 5
_GROUP_SHARE = {1: 62, 2: 70, 3: 78}  # per cent of a slot that its bars take
_GAP = 8  # per cent of a bar that stays free beside it
_UNIT = {Measure.NUMBER: 1, Measure.MONEY: 1000, Measure.ENERGY: 1000, Measure.VOLUME: 1}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bars of one label stand, in hundredths of a percent."""

    centre: int
    width: int
    bars: int
    mirrored: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: percentages as SVG wants them."""

    series: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of a line."""

    series: int
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Slot:
    """The column of one label: where it stands and what is drawn in it."""

    index: int
    x: str
    width: str
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One series as paths in a box of 10000 by 10000; a gap in the data is a gap in the path."""

    series: int
    path: str
    area: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a template needs: slots, lines, and the ticks of the axis from the bottom up."""

    slots: tuple[Slot, ...]
    lines: tuple[Line, ...]
    ticks: tuple[int, ...]
    grid: tuple[str, ...]


def percentage(hundredths: int) -> str:
    """1234 -> "12.34%"."""
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def displayed(value: int, measure: str) -> int:
    """A stored integer in the unit whose axis we draw: litres become imperial gallons."""
    return Volume(value).imperial_gallons() if measure == Measure.VOLUME else value


def ticks_for(highest: int, unit: int) -> tuple[int, ...]:
    """From zero in steps of 1, 2 or 5 times a power of ten, at most five, past `highest`."""
    if highest <= 0:
        return (0, unit)
    power = 1
    while True:
        for factor in (1, 2, 5):
            step = factor * power
            count = -(-highest // step)
            if count <= TICKS_MAX:
                return tuple(step * n for n in range(count + 1))
        power *= 10


def draw(chart: Chart, *, mirrored: bool) -> Picture:
    """Lay a chart out; `mirrored` puts the first label at the right."""
    series = [_in_units(one, chart.measure) for one in chart.series]
    highest = max((v for one in series for v in one if v is not None), default=0)
    ticks = ticks_for(highest, _UNIT[Measure(chart.measure)])
    slots = tuple(
        _slot(chart, series, index, top=ticks[-1], mirrored=mirrored)
        for index in range(len(chart.labels))
    )
    lines: tuple[Line, ...] = ()
    if chart.kind == "line":
        lines = tuple(
            _line(number, values, ticks[-1], mirrored) for number, values in enumerate(series)
        )
    grid = tuple(percentage(FULL - round_half_up(t * FULL, ticks[-1])) for t in ticks)
    return Picture(slots, lines, ticks, grid)


def _in_units(one: Series, measure: str) -> list[int | None]:
    return [None if value is None else displayed(value, measure) for value in one.values]


def _centre(index: int, count: int, mirrored: bool) -> int:
    centre = round_half_up((2 * index + 1) * FULL, 2 * count)
    return FULL - centre if mirrored else centre


def _slot(
    chart: Chart, series: Sequence[Sequence[int | None]], index: int, *, top: int, mirrored: bool
) -> Slot:
    count = len(chart.labels)
    width = FULL // count
    centre = _centre(index, count, mirrored)
    at = [(number, values[index]) for number, values in enumerate(series)]
    present = [(number, value) for number, value in at if value is not None]
    bars: tuple[Bar, ...] = ()
    dots: tuple[Dot, ...] = ()
    if chart.kind == "bar":
        place = Place(centre, width, len(series), mirrored)
        bars = tuple(
            _bar(number, place, round_half_up(value * FULL, top)) for number, value in present
        )
    else:
        dots = tuple(
            Dot(number, percentage(centre), percentage(FULL - round_half_up(value * FULL, top)))
            for number, value in present
        )
    return Slot(index, percentage(max(0, centre - width // 2)), percentage(width), bars, dots)


def _bar(number: int, place: Place, height: int) -> Bar:
    each = place.width * _GROUP_SHARE[place.bars] // 100 // place.bars
    order = place.bars - 1 - number if place.mirrored else number
    gap = each * _GAP // 100 if place.bars > 1 else 0
    x = place.centre - each * place.bars // 2 + order * each + gap // 2
    return Bar(
        number,
        percentage(max(0, x)),
        percentage(FULL - height),
        percentage(each - gap),
        percentage(height),
    )


def _line(number: int, values: Sequence[int | None], top: int, mirrored: bool) -> Line:
    runs: list[list[tuple[int, int]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        x = _centre(index, len(values), mirrored)
        runs[-1].append((x, FULL - round_half_up(value * FULL, top)))
    drawn = [run for run in runs if run]
    path = " ".join("M" + " L".join(f"{x} {y}" for x, y in run) for run in drawn)
    area = " ".join(
        f"M{run[0][0]} {FULL} " + " ".join(f"L{x} {y}" for x, y in run) + f" L{run[-1][0]} {FULL} Z"
        for run in drawn
    )
    return Line(number, path, area)
