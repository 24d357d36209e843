"""What the intervals of the lake come to over spans of whole days, many meters at a time.

Meters with whole days of intervals of one length are added up together (`sweep.dense`); whatever
has another form is added up by itself. Where too much did not come there is no sum but a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tahseel.consumption.readings import blocks, filling
from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.judging import Estimation
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.sweep.dense import Dense, laid_out
from tahseel.consumption.readings.sweep.measures import Context, measured
from tahseel.consumption.readings.values import Flag, Kind
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import Period

METERS_AT_ONCE = 4_000
INCOMPLETE, NEGATIVE = "intervals_incomplete", "negative_quantity"

Key = tuple[UUID, UUID, date]


@dataclass(frozen=True, slots=True)
class Sum:
    """Base units over a span, and the seconds of it that were not measured."""

    quantity: int
    uncertain_s: int

    def plus(self, other: Sum) -> Sum:
        """Two registers of one meter; what either did not measure was not measured."""
        return Sum(self.quantity + other.quantity, max(self.uncertain_s, other.uncertain_s))


Summed = Sum | str


def key_of(span: Span) -> Key:
    """A meter may hang twice for one account in a month: hung again, or with another multiplier."""
    return span.account_id, span.meter_id, span.from_day


def sums(lake: Lake, spans: Sequence[Span], period: Period, rule: Estimation) -> dict[Key, Summed]:
    """Each span's sum over its import registers, or why there is none.

    A span of a meter of which the lake holds no import is absent.
    """
    found: dict[Key, Summed] = {}
    ordered = sorted(spans, key=lambda span: span.meter_id)
    for at in range(0, len(ordered), METERS_AT_ONCE):
        some = ordered[at : at + METERS_AT_ONCE]
        table = lake.blocks(meter_ids={str(span.meter_id) for span in some}, period=period)
        table = table.filter(pc.equal(table["kind"], str(Kind.IMPORT)))
        here = set(table["meter_id"].unique().to_pylist())
        for days, group in _by_days(some).items():
            there = [span for span in group if str(span.meter_id) in here]
            found.update(_summed(table, days, there, rule))
    return found


def _by_days(spans: Sequence[Span]) -> dict[Days, list[Span]]:
    groups: dict[Days, list[Span]] = {}
    for span in spans:
        days = Days.of(Period(span.from_day, span.to_day))
        groups.setdefault(days, []).append(span)
    return groups


def _summed(
    table: pa.Table, days: Days, spans: Sequence[Span], rule: Estimation
) -> Iterator[tuple[Key, Summed]]:
    meters = sorted({str(span.meter_id) for span in spans})
    mine = table.filter(pc.is_in(table["meter_id"], pa.array(meters, pa.string())))
    laid = laid_out(mine, days)
    by_meter: dict[str, Summed] = {}
    for dense in laid.dense:
        for meter, found in _whole_days(dense, rule):
            if meter not in laid.odd:
                before = by_meter.get(meter, Sum(0, 0))
                by_meter[meter] = _both(before, found)
    odd = _odd_series(mine, laid.odd)
    for span in spans:
        meter = str(span.meter_id)
        if meter in odd:
            yield key_of(span), _never_negative(_one_by_one(span, odd[meter], rule))
        else:
            yield key_of(span), _never_negative(by_meter.get(meter, INCOMPLETE))


def _both(one: Summed, other: Summed) -> Summed:
    if isinstance(one, Sum) and isinstance(other, Sum):
        return one.plus(other)
    return INCOMPLETE


def _never_negative(found: Summed) -> Summed:
    return NEGATIVE if isinstance(found, Sum) and found.quantity < 0 else found


def _whole_days(dense: Dense, rule: Estimation) -> Iterator[tuple[str, Summed]]:
    """Meter and sum of each row; what did not come is estimated as far as the country allows."""
    found = measured(dense, Context.estimating(dense, rule.limits(dense.interval_s)))
    slots = dense.values.shape[1]
    missing = found.judged.estimated.sum(axis=1, dtype=np.int64)
    complete = (missing * 100 <= slots * rule.share_max_percent) & ~(
        found.judged.unknown.any(axis=1)
    )
    quantities = found.judged.totals.sum(axis=1).tolist()
    uncertain = (found.estimated.sum(axis=1, dtype=np.int64) * dense.interval_s).tolist()
    for row, meter in enumerate(dense.meter_ids):
        yield meter, Sum(quantities[row], uncertain[row]) if complete[row] else INCOMPLETE


def _odd_series(table: pa.Table, odd: frozenset[str]) -> Mapping[str, list[Series]]:
    if not odd:
        return {}
    found: dict[str, list[Series]] = {}
    some = table.filter(pc.is_in(table["meter_id"], pa.array(sorted(odd), pa.string())))
    for one in blocks.series_of(some):
        found.setdefault(one.meter_id, []).append(one)
    return found


def _one_by_one(span: Span, series: Sequence[Series], rule: Estimation) -> Summed:
    first, end = int(span.from_at.timestamp()), int(span.to_at.timestamp())
    whole: Summed = Sum(0, 0)
    for one in series:
        total = _sum_within(one, first, end) or filling.completed(one, first, end, rule)
        whole = _both(whole, INCOMPLETE if total is None else Sum(*total))
    return whole


def _sum_within(series: Series, first: int, end: int) -> tuple[int, int] | None:
    """Base units and seconds not actually measured, or None when the span is not covered.

    An interval that reaches over an end counts by its part within, and as not measured.
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
    return quantity, int(length[uncertain].sum())
