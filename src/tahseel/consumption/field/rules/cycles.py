"""When a route is read: the cycle of its area, and its turn among the days of that cycle."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tahseel.consumption.field.values import Cycle, Expecting, NoAccess, Policy, SelfReading
from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

STOPS_MAX = 400
WORKING_DAYS_MAX = 23
SELF_READ_DAYS_MAX = 15

_installed: list[Policy] = []


def cycle_of(*, area: str, governorate: str, cycles: tuple[Cycle, ...]) -> Cycle:
    """The cycle that names the area, else the one of its governorate. Raises LookupError."""
    by_area = next((cycle for cycle in cycles if area in cycle.areas), None)
    found = by_area or next((c for c in cycles if governorate in c.governorates), None)
    if found is None:
        raise LookupError(f"no cycle reads {area} in {governorate}")
    return found


def turn(*, cycle: Cycle, number: int) -> int:
    """The working day of the month on which a route of an area is read; number: 1 is the first."""
    return cycle.working_days[(number - 1) % len(cycle.working_days)]


def due_day(*, month: BillingMonth, working_day: int, calendar: WorkingCalendar) -> date:
    """That working day of a month, or its last one where the month has fewer."""
    found = month.first_day
    seen = 0
    for day in (month.first_day + timedelta(days=n) for n in range(month.period.days)):
        if calendar.is_working_day(day):
            found, seen = day, seen + 1
        if seen == working_day:
            break
    return found


def load_policy(toml: bytes) -> Policy:
    """Read `field.toml`. Raises KeyError, ValueError naming what is wrong."""
    content = tomllib.loads(toml.decode())
    cycles = tuple(_cycle(entry) for entry in content["cycle"])
    for kind in ("governorates", "areas"):
        named = [name for cycle in cycles for name in getattr(cycle, kind)]
        if len(named) != len(set(named)):
            raise ValueError(f"two cycles name one of the {kind}")
    reasons = [NoAccess(e["code"], e["name_ar"], e["name_en"]) for e in content["no_access"]]
    stops_max = int(content["route"]["stops_max"])
    if not 1 <= stops_max <= STOPS_MAX:
        raise ValueError(f"a route has between 1 and {STOPS_MAX} stops")
    return Policy(
        stops_max,
        cycles,
        _expecting(content["expected"]),
        {one.code: one for one in reasons},
        _self_reading(content["self_read"]),
    )


def _self_reading(entry: Mapping[str, Any]) -> SelfReading:
    found = SelfReading(int(entry["last_days"]), int(entry["first_days"]))
    if not (1 <= found.last_days <= SELF_READ_DAYS_MAX and 0 <= found.first_days <= 10):
        raise ValueError("customers report on some days around the end of a month")
    return found


def _cycle(entry: Mapping[str, Any]) -> Cycle:
    days = tuple(int(day) for day in entry["working_days"])
    if not days or not all(1 <= day <= WORKING_DAYS_MAX for day in days):
        raise ValueError(f"{entry['code']}: a month has working days 1 to {WORKING_DAYS_MAX}")
    return Cycle(
        str(entry["code"]),
        str(entry["name_ar"]),
        str(entry["name_en"]),
        frozenset(entry["governorates"]),
        frozenset(entry["areas"]),
        days,
    )


def _expecting(entry: Mapping[str, Any]) -> Expecting:
    found = Expecting(
        months=int(entry["months"]),
        spans_min=int(entry["spans_min"]),
        span_days_min=int(entry["span_days_min"]),
        low_percent=int(entry["low_percent"]),
        high_percent=int(entry["high_percent"]),
        floors={
            Service.ELECTRICITY: int(entry["floor_electricity_wh_a_day"]),
            Service.WATER: int(entry["floor_water_litres_a_day"]),
        },
    )
    if found.spans_min < 1 or found.span_days_min < 1 or not 0 <= found.low_percent <= 100:
        raise ValueError("what is expected needs a span of a day, and a low share up to 100 %")
    if found.high_percent < 100:
        raise ValueError("the high share begins at 100 %")
    return found


def install_policy(policy: Policy) -> None:
    """Called once by `app` with the country's policy."""
    _installed[:] = [policy]


def policy() -> Policy:
    """The installed policy. Raises LookupError before `install_policy`."""
    if not _installed:
        raise LookupError("nothing is installed about reading in the field")
    return _installed[0]
