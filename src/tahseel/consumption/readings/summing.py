"""What the intervals of the lake come to over spans of whole days, many meters at a time.

Meters with whole days of intervals of one length are added up together (`sweep.dense`); whatever
has another form is added up by itself. Where too much did not come there is no sum but a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tahseel.consumption.readings import blocks, filling
from tahseel.consumption.readings.bands import of_slots
from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.judging import Estimation
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.shapes import Shape
from tahseel.consumption.readings.sweep.dense import Dense, laid_out
from tahseel.consumption.readings.sweep.measures import Context, measured
from tahseel.consumption.readings.values import Flag, Kind
from tahseel.consumption.readings.vee.batch import Int8
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service

METERS_AT_ONCE = 4_000
INCOMPLETE, NEGATIVE = "intervals_incomplete", "negative_quantity"

Key = tuple[UUID, UUID, date]


@dataclass(frozen=True, slots=True)
class Sum:
    """Base units over a span, and the seconds of it that were not measured. shape: of one register
    alone; demands of two need not come together.
    """

    quantity: int
    uncertain_s: int
    shape: Shape | None = None

    def plus(self, other: Sum) -> Sum:
        """Two registers of one meter; what either did not measure was not measured."""
        return Sum(self.quantity + other.quantity, max(self.uncertain_s, other.uncertain_s))


Summed = Sum | str


def key_of(span: Span) -> Key:
    """A meter may hang twice for one account in a month: hung again, or with another multiplier."""
    return span.account_id, span.meter_id, span.from_day


def sums(
    lake: Lake,
    spans: Sequence[Span],
    period: Period,
    rule: Estimation,
    hours: Mapping[Service, Int8] = MappingProxyType({}),
) -> dict[Key, Summed]:
    """Each span's sum over its import registers, or why there is none.

    hours: the time-of-use band of each hour, by service. A span of a meter of which the lake holds
    no import is absent.
    """
    found: dict[Key, Summed] = {}
    ordered = sorted(spans, key=lambda span: span.meter_id)
    for at in range(0, len(ordered), METERS_AT_ONCE):
        some = ordered[at : at + METERS_AT_ONCE]
        table = lake.blocks(meter_ids={str(span.meter_id) for span in some}, period=period)
        table = table.filter(pc.equal(table["kind"], str(Kind.IMPORT)))
        here = set(table["meter_id"].unique().to_pylist())
        for (days, service), group in _alike(some).items():
            there = [span for span in group if str(span.meter_id) in here]
            found.update(_summed(table, days, there, rule, hours.get(service)))
    return found


def _alike(spans: Sequence[Span]) -> dict[tuple[Days, Service], list[Span]]:
    groups: dict[tuple[Days, Service], list[Span]] = {}
    for span in spans:
        days = Days.of(Period(span.from_day, span.to_day))
        groups.setdefault((days, span.service), []).append(span)
    return groups


def _summed(
    table: pa.Table, days: Days, spans: Sequence[Span], rule: Estimation, hours: Int8 | None
) -> Iterator[tuple[Key, Summed]]:
    meters = sorted({str(span.meter_id) for span in spans})
    mine = table.filter(pc.is_in(table["meter_id"], pa.array(meters, pa.string())))
    laid = laid_out(mine, days)
    by_meter: dict[str, Summed] = {}
    for dense in laid.dense:
        for meter, found in _whole_days(dense, rule, hours):
            if meter not in laid.odd:
                before = by_meter.get(meter)
                by_meter[meter] = found if before is None else _both(before, found)
    odd = _odd_series(mine, laid.odd)
    for span in spans:
        meter = str(span.meter_id)
        if meter in odd:
            yield key_of(span), _never_negative(_one_by_one(span, odd[meter], rule, hours))
        else:
            yield key_of(span), _never_negative(by_meter.get(meter, INCOMPLETE))


def _both(one: Summed, other: Summed) -> Summed:
    if isinstance(one, Sum) and isinstance(other, Sum):
        return one.plus(other)
    return INCOMPLETE


def _never_negative(found: Summed) -> Summed:
    return NEGATIVE if isinstance(found, Sum) and found.quantity < 0 else found


def _whole_days(dense: Dense, rule: Estimation, hours: Int8 | None) -> Iterator[tuple[str, Summed]]:
    """Meter and sum of each row; what did not come is estimated as far as the country allows."""
    context = Context.estimating(dense, rule.limits(dense.interval_s))
    bands = None if hours is None else of_slots(hours, dense.interval_s)
    if bands is not None:
        context = replace(context, bands=bands)
    found = measured(dense, context)
    slots = dense.values.shape[1]
    missing = found.judged.estimated.sum(axis=1, dtype=np.int64)
    complete = (missing * 100 <= slots * rule.share_max_percent) & ~(
        found.judged.unknown.any(axis=1)
    )
    quantities = found.judged.totals.sum(axis=1).tolist()
    uncertain = (found.estimated.sum(axis=1, dtype=np.int64) * dense.interval_s).tolist()
    peaks, parts = found.judged.peak.tolist(), found.judged.bands.tolist()
    for row, meter in enumerate(dense.meter_ids):
        if not complete[row]:
            yield meter, INCOMPLETE
            continue
        told = None if bands is None else tuple(parts[row])
        shape = Shape.of_peak(peaks[row], dense.interval_s, told)
        yield meter, Sum(quantities[row], uncertain[row], shape)


def _odd_series(table: pa.Table, odd: frozenset[str]) -> Mapping[str, list[Series]]:
    if not odd:
        return {}
    found: dict[str, list[Series]] = {}
    some = table.filter(pc.is_in(table["meter_id"], pa.array(sorted(odd), pa.string())))
    for one in blocks.series_of(some):
        found.setdefault(one.meter_id, []).append(one)
    return found


def _one_by_one(
    span: Span, series: Sequence[Series], rule: Estimation, hours: Int8 | None
) -> Summed:
    first, end = int(span.from_at.timestamp()), int(span.to_at.timestamp())
    whole: Summed | None = None
    for one in series:
        total = _sum_within(one, first, end, hours) or filling.completed(
            one, first, end, rule, hours
        )
        found = INCOMPLETE if total is None else Sum(*total)
        whole = found if whole is None else _both(whole, found)
    return INCOMPLETE if whole is None else whole


def _sum_within(
    series: Series, first: int, end: int, hours: Int8 | None
) -> tuple[int, int, Shape | None] | None:
    """Base units, seconds not actually measured and shape, or None when the span is not covered.

    An interval that reaches over an end counts by its part within, and as not measured;
    then nobody knows how it was used.
    """
    start = np.maximum(series.starts, first)
    stop = np.minimum(series.starts + series.durations, end)
    within = (stop > start) & (series.flags != Flag.MISSING)
    length = (stop - start)[within]
    if int(length.sum()) != end - first:
        return None
    values, whole = series.values[within], series.durations[within]
    cut = length != whole
    parts = zip(values[cut].tolist(), length[cut].tolist(), whole[cut].tolist(), strict=True)
    quantity = int(values[~cut].sum()) + sum(round_half_up(v * p, w) for v, p, w in parts)
    uncertain = cut | (series.flags[within] != Flag.ACTUAL)
    shape = None
    if not cut.any():
        shape = Shape.of_intervals(start[within] - first, length, values, hours)
    return quantity, int(length[uncertain].sum()), shape
