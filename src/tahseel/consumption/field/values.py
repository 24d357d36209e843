"""The words of reading in the field: cycles, routes, rounds, stops and what was found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine
from tahseel.registry.meters.values import DialUnit


class RoundState(StrEnum):
    """Where a round stands."""

    PLANNED = "planned"
    OUT = "out"
    BACK = "back"
    CLOSED = "closed"


ROUND_LIFE: StateMachine[RoundState] = StateMachine(
    "round",
    RoundState.PLANNED,
    {
        RoundState.PLANNED: frozenset({RoundState.OUT, RoundState.CLOSED}),
        RoundState.OUT: frozenset({RoundState.BACK}),
        RoundState.BACK: frozenset({RoundState.OUT, RoundState.CLOSED}),
        RoundState.CLOSED: frozenset(),
    },
)


class StopState(StrEnum):
    """What became of one meter on a round."""

    LEFT = "left"
    READ = "read"
    NO_ACCESS = "no_access"


@dataclass(frozen=True, slots=True)
class Cycle:
    """On which working days of a month (1 is the first) the routes of some areas take turns."""

    code: str
    name_ar: str
    name_en: str
    governorates: frozenset[str]
    areas: frozenset[str]
    working_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NoAccess:
    """Why a meter could not be read."""

    code: str
    name_ar: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Expecting:
    """How what a dial should have moved is found. floors: Wh or litres a day, by service."""

    months: int
    spans_min: int
    span_days_min: int
    low_percent: int
    high_percent: int
    floors: Mapping[Service, int]


@dataclass(frozen=True, slots=True)
class SelfReading:
    """When customers may report: the last so many days of a month, and the first of the next."""

    last_days: int
    first_days: int


class SelfReadState(StrEnum):
    """What became of a read that a customer reported. Taken: it stood to reason by itself."""

    TAKEN = "taken"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


_DECIDED = frozenset({SelfReadState.ACCEPTED, SelfReadState.REFUSED})
SELF_READ_LIFE: StateMachine[SelfReadState] = StateMachine(
    "self-read",
    SelfReadState.WAITING,
    {
        SelfReadState.WAITING: frozenset({SelfReadState.TAKEN, *_DECIDED}),
        SelfReadState.TAKEN: frozenset(),
        **{state: frozenset() for state in _DECIDED},
    },
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a country says about reading in the field."""

    stops_max: int
    cycles: tuple[Cycle, ...]
    expecting: Expecting
    no_access: Mapping[str, NoAccess]
    self_reading: SelfReading


class Placed(NamedTuple):
    """A service point with a meter, in the order of the addresses, and the route it is on."""

    point_id: UUID
    route_id: UUID | None


@dataclass(frozen=True, slots=True)
class Laid:
    """What laying routes did."""

    areas: int
    routes: int
    stops: int

    def audit_facts(self) -> dict[str, int]:
        return {"areas": self.areas, "routes": self.routes, "stops": self.stops}


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning rounds did."""

    rounds: int
    stops: int

    def audit_facts(self) -> dict[str, int]:
        return {"rounds": self.rounds, "stops": self.stops}


@dataclass(frozen=True, slots=True)
class RouteView:
    """A route: the meters of a part of an area, in the order in which they are read."""

    id: UUID
    area: str
    number: int
    reader: str
    stops: int
    name: str = ""


class Seen(NamedTuple):
    """What a dial showed at an instant, in base units; a read that is known, not estimated."""

    at: datetime
    value: int


class Span(NamedTuple):
    """How far a dial may have moved since it was read last, in base units: both ends are fine."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Dial:
    """One dial of a stop as the round knows it. last, expected: None where nothing is known."""

    register: str
    unit: DialUnit
    digits: int
    decimals: int
    last: Seen | None
    expected: Span | None


@dataclass(frozen=True, slots=True)
class Stop:
    """One meter of a round, in the order of the route."""

    sequence: int
    meter_id: UUID
    service_point_id: UUID
    unit_id: UUID
    serial: str
    service: Service
    state: StopState
    dials: tuple[Dial, ...]


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round: one route, read on one day by one reader. reader: "" while nobody is named."""

    id: UUID
    route_id: UUID
    area: str
    number: int
    day: date
    reader: str
    device: str
    state: RoundState
    stops: int
    read: int
    no_access: int
    reason: str

    @property
    def left(self) -> int:
        """Stops where nobody has been."""
        return self.stops - self.read - self.no_access


class Spot(NamedTuple):
    """A place on the earth in millionths of a degree."""

    latitude: int
    longitude: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader says of one meter: its dials as they were read, or why there is no read.

    dials: register code -> dial as text. confirmed: the reader looked twice at what is far from
    what was expected. seal: broken or missing; clock_s: seconds that the meter's clock is ahead.
    """

    at: datetime
    dials: Mapping[str, str]
    no_access: str = ""
    note: str = ""
    spot: Spot | None = None
    photo: str = ""
    confirmed: bool = False
    seal: str = ""
    clock_s: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to a stop as it is on record; dials in base units."""

    id: UUID
    round_id: UUID
    sequence: int
    at: datetime
    no_access: str
    note: str
    spot: Spot | None
    photo: str
    device: str
    confirmed: bool
    actor: str
    dials: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row of a result file. field: the column, "" for the row as a whole."""

    line: int
    field: str
    code: str

    def as_dict(self) -> dict[str, str | int]:
        return {"line": self.line, "field": self.field, "code": self.code}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row of a result file that is sound by itself."""

    line: int
    meter: str
    register: str
    value: str
    no_access: str
    at: datetime
    note: str
    spot: Spot | None
    confirmed: bool
    seal: str = ""
    clock: datetime | None = None


@dataclass(frozen=True, slots=True)
class FileTaken:
    """What became of a result file: accepted, refused, or known from before."""

    sha256: str
    state: str
    stops: int
    faults: tuple[Fault, ...]

    def audit_facts(self) -> dict[str, Any]:
        return {"file_state": self.state, "stops": self.stops, "faults": len(self.faults)}


@dataclass(frozen=True, slots=True)
class SelfRead:
    """A read that a customer reported. dials: base units by register; why: for which it waits."""

    id: UUID
    account_id: UUID
    meter_id: UUID
    at: datetime
    photo: str
    state: SelfReadState
    why: str
    decided_at: datetime | None
    decided_by: str
    reason: str
    dials: tuple[tuple[Dial, int], ...]
