"""What a view hands to a component: immutable values, already in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

SERIES_MAX = 3
POINTS_MAX = 400


class Tone(StrEnum):
    """What a colour means. Colour never stands alone: a word or an icon says the same."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    INFO = "info"
    NEUTRAL = "neutral"


class Measure(StrEnum):
    """The unit of a chart's integers: a count, fils, watt-hours or litres."""

    NUMBER = "number"
    MONEY = "money"
    ENERGY = "energy"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation."""

    label: str
    url: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the path to a page; the last one, the page itself, has no address."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Pill:
    """A state as a word in a colour."""

    text: str
    tone: str = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Ref:
    """An identifier, telephone number or reference: always left to right."""

    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of something that takes its course; `took_ms` is a measured duration."""

    label: str
    state: Literal["done", "current", "waiting", "failed"]
    at: datetime | None = None
    note: str = ""
    took_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars. None is "no data", which is never zero."""

    name: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Integers over labels; every series is as long as the labels, no value is negative."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    measure: str = Measure.NUMBER
    kind: Literal["bar", "line"] = "bar"
    description: str = ""
    highlight: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= SERIES_MAX:
            raise ValueError(f"a chart shows 1 to {SERIES_MAX} series, not {len(self.series)}")
        if len(self.labels) > POINTS_MAX:
            raise ValueError(f"a chart shows at most {POINTS_MAX} points, not {len(self.labels)}")
        for one in self.series:
            if len(one.values) != len(self.labels):
                raise ValueError(f"series {one.name!r} is not as long as the labels")
            if any(value is not None and value < 0 for value in one.values):
                raise ValueError(f"series {one.name!r} has a negative value")
