"""A customer's own intervals as a Green Button file: one account, some days, every meter it had.

What is written is asked of the database at once; the intervals follow from the lake a month of a
meter at a time, while the file is on its way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings

from tahseel.consumption.readings import metering
from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.formats import espi_writing
from tahseel.consumption.readings.formats.espi_writing import UsagePoint
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import NoIntervals
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import BillingMonth, Period, start_of
from tahseel.registry.meters import queries as meters


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days on which a meter measured the account."""

    point: UsagePoint
    days: Period


def written(
    *, account_id: UUID, number: str, periods: Sequence[Period], at: datetime
) -> Iterator[bytes]:
    """The file, piece by piece. periods: days that the reader may see, apart from each other.

    Raises NoIntervals before anything is written.
    """
    lake = Lake(settings.LAKE)
    stretches = _stretches(account_id, periods)
    held = {one.point.meter_id: _reach(lake, one.point.meter_id) for one in stretches}
    wanted = [
        replace(one, days=days)
        for one in stretches
        if (reach := held[one.point.meter_id]) and (days := one.days.overlap(reach))
    ]
    if not wanted:
        raise NoIntervals()
    first = min(one.days.start for one in wanted)
    last = max(one.days.end for one in wanted)
    name = derived_id(account_id, "green button", str(first), str(last))
    told = ((one.point, series) for one in wanted for series in _months(lake, one))
    return espi_writing.feed(name, number, told, at=at)


def _stretches(account_id: UUID, periods: Sequence[Period]) -> list[_Stretch]:
    found = []
    for period in periods:
        spans = metering.exact(period=period, account_ids=[account_id])
        serials = meters.meters(meter_ids=[span.meter_id for span in spans])
        for span in spans:
            point = UsagePoint(span.meter_id, serials[span.meter_id].serial, span.service)
            found.append(_Stretch(point, Period(span.from_day, span.to_day)))
    return found


def _reach(lake: Lake, meter_id: UUID) -> Period | None:
    found = lake.reach(str(meter_id))
    return Period(found[0], found[1] + timedelta(days=1)) if found else None


def _months(lake: Lake, stretch: _Stretch) -> Iterator[list[Series]]:
    """What the lake holds of the stretch, by the month in which an interval begins."""
    day: date = stretch.days.start
    while day < stretch.days.end:
        until = min(BillingMonth.of(day).period.end, stretch.days.end)
        first, end = (int(start_of(one).timestamp()) for one in (day, until))
        yield [
            _within(series, first, end)
            for series in lake.read(
                meter_ids=[str(stretch.point.meter_id)], period=Period(day, until)
            )
        ]
        day = until


def _within(series: Series, first: int, end: int) -> Series:
    """The intervals that begin from one instant to before another."""
    inside = (series.starts >= first) & (series.starts < end)
    return replace(
        series,
        starts=series.starts[inside],
        durations=series.durations[inside],
        values=series.values[inside],
        flags=series.flags[inside],
        versions=series.versions[inside],
    )
