"""Puts together, for a bill run, what three slices know of the accounts of one month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from tahseel.kernel.period import Period
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import InstallationView
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.values import SectorSpan, ServicePointView
from tahseel.registry.supply.values import (
    AccountRef,
    BillableAccount,
    LiabilitySpan,
    MeterAt,
)

Span = TypeVar("Span", SectorSpan, LiabilitySpan)


def billable(
    *,
    refs: Sequence[AccountRef],
    period: Period,
    chains: Mapping[UUID, Sequence[LiabilitySpan]],
) -> list[BillableAccount]:
    """One value an account, in the order given; everything is fetched for all at once."""
    units = {ref.unit_id for ref in refs}
    areas = premises.area_of(unit_ids=units)
    sectors = premises.sectors_in(unit_ids=units, period=period)
    points = premises.service_points(unit_ids=units)
    ids = [point.id for views in points.values() for point in views]
    hung = meters.installations(service_point_ids=ids, period=period)
    answers = []
    for ref in refs:
        start, end = max(ref.opened_on, period.start), _earlier(ref.closed_on, period.end)
        at_unit = points.get(ref.unit_id, [])
        answers.append(
            BillableAccount(
                account_id=ref.id,
                number=ref.number,
                unit_id=ref.unit_id,
                governorate=areas[ref.unit_id].governorate,
                area=areas[ref.unit_id].code,
                from_day=start,
                until_day=end,
                sectors=_within(sectors.get(ref.unit_id, []), start, end),
                liabilities=_within(chains.get(ref.id, []), start, end),
                meters=_meters(at_unit, hung, start, end),
                services=frozenset(point.service for point in at_unit),
            )
        )
    return answers


def _earlier(day: date | None, other: date) -> date:
    return other if day is None else min(day, other)


def _within(spans: Sequence[Span], start: date, end: date) -> tuple[Span, ...]:
    return tuple(s for s in spans if s.from_day < end and start < _earlier(s.until_day, end))


def _meters(
    points: Sequence[ServicePointView],
    hung: Mapping[UUID, Sequence[InstallationView]],
    start: date,
    end: date,
) -> tuple[MeterAt, ...]:
    found = []
    for point in points:
        begins, ends = max(point.from_day or start, start), _earlier(point.until_day, end)
        for view in hung.get(point.id, []):
            first, last = max(view.installed_on, begins), _earlier(view.removed_on, ends)
            if first < last:
                meter = MeterAt(
                    view.meter_id, view.serial, view.service, point.id, first, last, view.size
                )
                found.append(meter)
    return tuple(found)
