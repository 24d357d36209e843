"""Pure functions of metrology: verdicts, mean errors, how far back, and what a month becomes."""

from __future__ import annotations

import hashlib
import itertools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tahseel.consumption.metrology.values import (
    PARTS,
    BackTo,
    Judgement,
    Limit,
    LotState,
    MeanError,
    PlannedPoint,
    Policy,
    Programme,
    Reach,
    SamplePlan,
    Sampling,
    TestKind,
    TestPoint,
    TestView,
    Verdict,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service

ERROR_MAX = PARTS - 1
_installed: list[Policy] = []


class MetrologyPolicyWrong(Refusal):
    """The country's data on tests cannot be used."""

    code = "metrology_policy_wrong"
    text_ar = "بيانات فحص العدادات غير صالحة: {reason}"
    text_en = "The data on tests of meters is wrong: {reason}"


class PointsWrong(Refusal):
    """A test lacks a point of its programme, has one twice, or one that no limit knows."""

    code = "test_points_wrong"
    text_ar = "نقاط الفحص غير مكتملة أو غير صالحة عند الحمل {load} من الألف"
    text_en = "The points of the test do not fit at {load} parts per thousand of load"


def install_policy(policy: Policy) -> None:
    """Called once by `app`."""
    _installed[:] = [policy]


def policy() -> Policy:
    """What the country's data say."""
    return _installed[0]


def load_policy(data: bytes) -> Policy:
    """`[[limit]]`, `[[programme]]` and `[reach]` of the data. Raises MetrologyPolicyWrong."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        found = Policy(
            limits=tuple(_limit(record) for record in raw["limit"]),
            programmes=tuple(_programme(record) for record in raw["programme"]),
            reach=_reach(raw["reach"]),
            samplings=tuple(_sampling(record) for record in raw.get("sampling", ())),
        )
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise MetrologyPolicyWrong(reason=str(error)) from error
    for one in found.programmes:
        places = itertools.product(found.classes(one.service), one.points)
        for known, point in places:
            if _limit_of(found, one.service, known, point.load, point.factor) is None:
                raise MetrologyPolicyWrong(reason=f"class {known} has no limit at {point}")
    return found


def _limit(record: Mapping[str, Any]) -> Limit:
    load_from, load_until = _whole(record["load_from"]), _whole(record["load_until"])
    if load_until <= load_from:
        raise ValueError(f"a limit without loads: {record['class']}")
    return Limit(
        service=Service(record["service"]),
        accuracy_class=str(record["class"]),
        factor=_whole(record["factor"]),
        load_from=load_from,
        load_until=load_until,
        error_max=_whole(record["error_max"]),
        source=str(record["source"]),
        confidence=str(record["confidence"]),
    )


def _programme(record: Mapping[str, Any]) -> Programme:
    points = tuple(
        PlannedPoint(_whole(p["load"]), _whole(p["factor"]), _whole(p["weight"]))
        for p in record["points"]
    )
    if sum(point.weight for point in points) < 1:
        raise ValueError("a programme whose points weigh nothing")
    return Programme(
        service=Service(record["service"]),
        kinds=frozenset(TestKind(kind) for kind in record["kinds"]),
        points=points,
        months=_whole(record["months"]),
        source=str(record["source"]),
        confidence=str(record["confidence"]),
    )


def _sampling(record: Mapping[str, Any]) -> Sampling:
    plans = tuple(SamplePlan(**{k: _whole(v) for k, v in p.items()}) for p in record["plans"])
    ends = [1, *(plan.lot_until for plan in plans)]
    if any(plan.lot_from != end for plan, end in zip(plans, ends, strict=False)):
        raise ValueError("plans of lots leave sizes out or name them twice")
    if any(plan.lot_until <= plan.lot_from or plan.accept >= plan.sample for plan in plans):
        raise ValueError("a plan that no lot fits, or that accepts whatever fails")
    return Sampling(
        service=Service(record["service"]),
        ahead_days=_whole(record["ahead_days"]),
        months=_whole(record["months"]),
        exchange_days=_whole(record["exchange_days"]),
        limiting_quality=_whole(record["limiting_quality"]),
        plans=plans,
        source=str(record["source"]),
        confidence=str(record["confidence"]),
    )


def _reach(record: Mapping[str, Any]) -> Reach:
    return Reach(
        BackTo(record["back_to"]),
        _whole(record["days_max"]),
        str(record["source"]),
        str(record["confidence"]),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"not a whole number: {value!r}")
    return value


def _limit_of(
    known: Policy, service: Service, accuracy_class: str, load: int, factor: int
) -> int | None:
    for one in known.limits:
        named = (one.service, one.accuracy_class, one.factor) == (service, accuracy_class, factor)
        if named and one.load_from <= load < one.load_until:
            return one.error_max
    return None


def judge(
    known: Policy,
    *,
    service: Service,
    kind: TestKind,
    accuracy_class: str,
    points: Sequence[TestPoint],
) -> Judgement:
    """Verdict and mean error of a test's points. One point beyond its limit fails the test.

    A point that the programme does not ask for is judged and weighs nothing. Raises PointsWrong.
    """
    programme = known.programme(service, kind)
    by_place = {(point.load, point.factor): point for point in points}
    if programme is None or len(by_place) != len(points):
        raise PointsWrong(load=points[0].load if points else 0)
    over = []
    for point in points:
        limit = _limit_of(known, service, accuracy_class, point.load, point.factor)
        if limit is None or abs(point.error) > ERROR_MAX:
            raise PointsWrong(load=point.load)
        if abs(point.error) > limit:
            over.append(point)
    parts = weight = 0
    for planned in programme.points:
        measured = by_place.get((planned.load, planned.factor))
        if measured is None:
            raise PointsWrong(load=planned.load)
        parts, weight = parts + planned.weight * measured.error, weight + planned.weight
    verdict = Verdict.FAILED if over else Verdict.PASSED
    return Judgement(verdict, MeanError(parts, weight), tuple(over))


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the last of that month."""
    month = BillingMonth.from_ordinal(BillingMonth.of(day).ordinal + months)
    last = month.period.end - timedelta(days=1)
    return month.first_day.replace(day=min(day.day, last.day))


def span(reach: Reach, *, since: date, tested_on: date) -> Period | None:
    """The days that a measured error is taken to cover, up to the day of the test.

    since: the last day on which the meter was known to be right, or that is corrected already. None
    when no day is left.
    """
    days = (tested_on - since).days
    if reach.back_to is BackTo.HALF:
        days //= 2
    days = min(days, reach.days_max)
    return Period(tested_on - timedelta(days=days), tested_on) if days > 0 else None


def difference(quantity: int, *, covered: int, days: int, error: MeanError) -> int:
    """What must be added to a month's quantity so that its covered days are as if measured right.

    A meter that is wrong by e registers (1 + e) of what is true; each covered day had an equal
    share of the month. Exact, rounded once, halves away from zero.
    """
    truth = PARTS * error.weight
    return round_half_up(-quantity * covered * error.parts, days * (truth + error.parts))


def percent(parts: int) -> str:
    """Parts per 10,000 as people write them: "+1.25 %"."""
    return f"{'-' if parts < 0 else '+'}{abs(parts) // 100}.{abs(parts) % 100:02d} %"


def limit_of(known: Policy, found: TestView, point: TestPoint) -> int | None:
    """The largest error that a test's class allows at one of its points."""
    return _limit_of(known, found.service, found.accuracy_class, point.load, point.factor)


def drawn(seed: str, meter_ids: Iterable[UUID]) -> list[UUID]:
    """A lot's meters in the order of the draw: by SHA-256 of "SEED/METER", both as text.

    Anybody can draw again with the seed that is kept. The sample are the first; whoever is passed
    over gives his place to the next.
    """
    return sorted(meter_ids, key=lambda one: hashlib.sha256(f"{seed}/{one}".encode()).digest())


def lot_verdict(*, accept: int, failed: int, waiting: int) -> LotState:
    """What the tests so far decide: rejected as soon as too many failed, accepted at the end."""
    if failed > accept:
        return LotState.REJECTED
    return LotState.SAMPLED if waiting else LotState.ACCEPTED
