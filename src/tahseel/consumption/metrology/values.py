"""The words of metrology: a test with its points, its verdict, a certification, a correction.

Errors are whole parts per 10,000 of what is true (a hundredth of a percent): +25 says that a meter
registers 0.25 % too much. Loads are parts per 1,000 of the reference current or flow, power factors
hundredths. Nothing here is a float.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine

CORRECT = "metrology.correct"
PARTS = 10_000


class TestKind(StrEnum):
    """Where a meter was tested: where it hangs, on the bench, or as one of a lot's sample."""

    __test__ = False  # no test of ours

    SITE = "site"
    BENCH = "bench"
    SAMPLING = "sampling"


class Verdict(StrEnum):
    """What the points say against the limits of the meter's class."""

    PASSED = "passed"
    FAILED = "failed"


class Basis(StrEnum):
    """What a certification rests on; WITHDRAWN ends it."""

    TEST = "test"
    LOT = "lot"
    MAKER = "maker"
    WITHDRAWN = "withdrawn"


class BackTo(StrEnum):
    """How far an error is taken to reach back: to the last proof that it was not there, or half."""

    LAST_GOOD = "last_good"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class TestPoint:
    """One point of a test: load in parts per 1,000, power factor in hundredths (water: 0)."""

    __test__ = False

    load: int
    factor: int
    error: int


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """A point that a test of this kind must have, and its weight in the mean error."""

    load: int
    factor: int
    weight: int


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest error that a class allows from one load up to, not including, another."""

    service: Service
    accuracy_class: str
    factor: int
    load_from: int
    load_until: int
    error_max: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Programme:
    """How meters of a service are tested, and for how long a passed test certifies."""

    service: Service
    kinds: frozenset[TestKind]
    points: tuple[PlannedPoint, ...]
    months: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a measured error corrects bills, and never further than so many days."""

    back_to: BackTo
    days_max: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """Of lots of such a size, how many meters are tested and how many may fail."""

    lot_from: int
    lot_until: int
    sample: int
    accept: int


@dataclass(frozen=True, slots=True)
class Sampling:
    """How lots of a service are judged, what an accepted one is worth, and until when a rejected
    one hangs. limiting_quality: parts per thousand.
    """

    service: Service
    ahead_days: int
    months: int
    exchange_days: int
    limiting_quality: int
    plans: tuple[SamplePlan, ...]
    source: str
    confidence: str

    def plan(self, size: int) -> SamplePlan | None:
        """The plan for a lot of this size; never more than the whole lot is tested."""
        found = (p for p in self.plans if p.lot_from <= size < p.lot_until)
        plan = next(found, None)
        return plan and replace(plan, sample=min(plan.sample, size))


@dataclass(frozen=True, slots=True)
class Policy:
    """What the country's data say of tests, certification, lots and correction."""

    limits: tuple[Limit, ...]
    programmes: tuple[Programme, ...]
    reach: Reach
    samplings: tuple[Sampling, ...] = ()

    def classes(self, service: Service) -> list[str]:
        """The accuracy classes that meters of a service have."""
        return sorted({one.accuracy_class for one in self.limits if one.service is service})

    def sampling(self, service: Service) -> Sampling | None:
        """How lots of a service are judged; None where only single tests certify."""
        return next((one for one in self.samplings if one.service is service), None)

    def programme(self, service: Service, kind: TestKind) -> Programme | None:
        """How a meter of a service is tested in this way."""
        found = (p for p in self.programmes if p.service is service and kind in p.kinds)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class MeanError:
    """The weighted mean of a test's errors: `parts / weight` in parts per 10,000, exact."""

    parts: int
    weight: int

    @property
    def rounded(self) -> int:
        """In whole parts per 10,000, for people; halves away from zero."""
        size = (2 * abs(self.parts) + self.weight) // (2 * self.weight)
        return size if self.parts >= 0 else -size


@dataclass(frozen=True, slots=True)
class NewTest:
    """A test as whoever made it writes it down. reference: the standard it was compared with."""

    __test__ = False

    id: UUID
    meter_id: UUID
    kind: TestKind
    tested_on: date
    accuracy_class: str
    reference: str
    certificate: str
    points: tuple[TestPoint, ...]


@dataclass(frozen=True, slots=True)
class TestView:
    """A test on record, with its verdict."""

    __test__ = False

    id: UUID
    meter_id: UUID
    service: Service
    kind: TestKind
    tested_on: date
    accuracy_class: str
    reference: str
    certificate: str
    points: tuple[TestPoint, ...]
    error: MeanError
    verdict: Verdict
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict and mean error of some points; `over` are those beyond their limits."""

    verdict: Verdict
    error: MeanError
    over: tuple[TestPoint, ...]


@dataclass(frozen=True, slots=True)
class Certification:
    """From when to when a device may measure for bills; WITHDRAWN has no days left."""

    meter_id: UUID
    from_day: date
    until_day: date
    basis: Basis
    reference: str
    recorded_at: datetime

    def holds(self, day: date) -> bool:
        return self.basis is not Basis.WITHDRAWN and self.from_day <= day < self.until_day


class LotState(StrEnum):
    """Where a lot stands: its sample is being tested, or it was decided by it."""

    SAMPLED = "sampled"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


_DECIDED = frozenset({LotState.ACCEPTED, LotState.REJECTED})
LOT_LIFE: StateMachine[LotState] = StateMachine(
    "lot", LotState.SAMPLED,
    {LotState.SAMPLED: _DECIDED, **{state: frozenset() for state in _DECIDED}},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """What the meters of a lot have in common. year: in which their certification began."""

    service: Service
    make: str
    phase: str
    year: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Meters of which a lot could be formed; `ends`: the first day on which one is not certified.

    plan is None where the lot is larger than any plan.
    """

    batch: Batch
    size: int
    ends: date
    plan: SamplePlan | None


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot: its sample was drawn with `seed`, of which more than `accept` failed reject it."""

    id: UUID
    batch: Batch
    formed_on: date
    size: int
    sample: int
    accept: int
    seed: str
    state: LotState
    formed_at: datetime
    formed_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A meter of a lot's sample: its place in the draw, and its test or why it was passed over."""

    meter_id: UUID
    rank: int
    test_id: UUID | None
    verdict: Verdict | None
    passed_over: str

    @property
    def waits(self) -> bool:
        return self.test_id is None and not self.passed_over


@dataclass(frozen=True, slots=True)
class ExchangeOrder:
    """A meter that must come down until a day. It is carried out when it hangs nowhere."""

    lot_id: UUID
    meter_id: UUID
    due_on: date
    ordered_at: datetime
    hangs: bool


@dataclass(frozen=True, slots=True)
class MonthCorrected:
    """What a billed month of an account was by the meter, and what an error makes of it.

    covered: how many of the `days` the error is taken to cover; difference: base units to be added
    to what was measured (below zero where the meter registered too much).
    """

    account_id: UUID
    month: BillingMonth
    version: int
    days: int
    covered: int
    measured: int
    difference: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a failed test would correct: the days, and each month they touch."""

    test: TestView
    span: Period
    months: tuple[MonthCorrected, ...]

    @property
    def difference(self) -> int:
        return sum(one.difference for one in self.months)


@dataclass(frozen=True, slots=True)
class Correction:
    """A measured error that two people agreed to correct past bills by."""

    id: UUID
    test_id: UUID
    meter_id: UUID
    service: Service
    span: Period
    error: MeanError
    reason: str
    confirmed_at: datetime
    confirmed_by: str
    months: tuple[MonthCorrected, ...]


@dataclass(frozen=True, slots=True)
class ErrorConfirmed:
    """What whoever bills is told of one account: the days whose quantity was another."""

    account_id: UUID
    meter_id: UUID
    days: Period
    difference: int


class Watcher(Protocol):
    """Called for every account of a confirmed error, in its transaction."""

    def __call__(self, *, actor: Actor, at: datetime, confirmed: ErrorConfirmed) -> None: ...
