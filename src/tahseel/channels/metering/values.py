"""What the screens of metering show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from tahseel.channels.pages.values import Pill, Tone
from tahseel.consumption.exceptions.values import ExceptionView, FieldOrder, FindingView
from tahseel.consumption.readings.values import IncidentView
from tahseel.kernel.period import Period

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Points:
    """Intervals of one register in order of time: epoch seconds, base units, flags."""

    starts: Ints
    durations: Ints
    values: Ints
    flags: Ints


@dataclass(frozen=True, slots=True)
class Mark:
    """Days that are set off behind a curve: percentages as SVG wants them."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve as geometry in a box of 10000 by 10000. measured, put: paths; put stands for others.

    count: how many intervals are drawn; beyond: those of them that reach over the axis; ticks: from
    the bottom up, base units.
    """

    measured: str
    put: str
    marks: tuple[Mark, ...]
    ticks: tuple[int, ...]
    grid: tuple[str, ...]
    count: int
    beyond: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A drawn curve with its words."""

    title: str
    description: str
    unit: str
    drawn: Drawn
    ticks: tuple[str, ...]
    labels: tuple[str, ...]
    has_put: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One exception of the work-list in words."""

    view: ExceptionView
    rule: str
    serial: str
    account: str
    area: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One field order in words."""

    order: FieldOrder
    kind: str
    pill: Pill
    serial: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to a meter, in words. drift: how far its clock was off, if told."""

    view: IncidentView
    name: str
    tone: Tone
    drift: str

    @property
    def pill(self) -> Pill:
        return Pill(self.name, self.tone)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One exception with all that is known of it. by_blocks: it is about intervals of the lake."""

    row: Row
    about: tuple[tuple[str, object], ...]
    findings: tuple[FindingView, ...]
    orders: tuple[OrderRow, ...]
    curve: Curve | None
    edit_waits: str
    by_blocks: bool
    events: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A length of time to look at, and where it leads from here."""

    label: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Life:
    """A meter's intervals over some days. known: all days of which there are any."""

    serial: str
    days: Period
    known: Period
    curve: Curve | None
    stretches: tuple[Stretch, ...]
    earlier: str
    later: str
    last_day: date
    rows: tuple[Row, ...]
    events: tuple[EventRow, ...]
