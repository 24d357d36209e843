"""What the screens of rounds show, in the words of the page's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tahseel.channels.pages.values import Pill
from tahseel.consumption.exceptions.values import FieldOrder
from tahseel.consumption.field.values import RoundView, RouteView, SelfRead, Stop


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round in a list."""

    view: RoundView
    area: str
    reader: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class StopRow:
    """A meter of a round. orders: what crews have to do there."""

    stop: Stop
    address: str
    service: str
    icon: str
    pill: Pill
    orders: int


@dataclass(frozen=True, slots=True)
class DialRow:
    """One dial as a reader sees it; texts are empty where nothing is known."""

    register: str
    unit: str
    last: str
    last_at: datetime | None
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class VisitRow:
    """What was said at a meter before. found: dials, or why there is no read."""

    at: datetime
    found: str
    note: str
    photo: str
    reader: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A result file with what was wrong in it: line, column and reason of each fault."""

    name: str
    at: datetime
    pill: Pill
    stops: int
    faults: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route in a list. days: its turn in the month, in words."""

    view: RouteView
    area: str
    cycle: str
    turn: int
    form: Any


@dataclass(frozen=True, slots=True)
class SelfReadRow:
    """A customer's read in words. dials: each with what was said."""

    read: SelfRead
    serial: str
    account: str
    why: str
    dials: tuple[tuple[DialRow, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A round with its stops and files."""

    row: RoundRow
    stops: tuple[StopRow, ...]
    files: tuple[FileRow, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """One stop as the reader sees it at the door."""

    row: StopRow
    dials: tuple[DialRow, ...]
    visits: tuple[VisitRow, ...]
    orders: tuple[tuple[str, FieldOrder], ...]
