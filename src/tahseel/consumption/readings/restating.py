"""Values that stand for those that came: estimated by the rules, or told by people.

They go into the lake as a newer version of the intervals they replace, flagged for what they are
and with whom they come from; what a meter sends after them is newer again and stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from django.conf import settings

from tahseel.consumption.readings import blocks, dials, grid, judging, metering, rules, storing, vee
from tahseel.consumption.readings.blocks import DAY_S, Series
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Flag, Part
from tahseel.consumption.readings.vee.batch import Int64
from tahseel.kernel.actor import Actor


def estimated(part: Part, *, whole: bool) -> Series | None:
    """What the rules estimate for a part; None where nothing can be.

    whole: for every interval of its days, else for those that did not come or that a rule sets
    aside. Where the dial is known at both ends of a span, it decides how much there was.
    """
    found = _laid_out(part)
    if found is None:
        return None
    span, one, laid = found
    days = slice(
        (part.days.start - span.from_day).days * DAY_S // laid.length,
        (part.days.end - span.from_day).days * DAY_S // laid.length,
    )
    limits = judging.rules().limits(span.service, part.sector, laid.length)
    if whole:
        laid.values[days] = vee.MISSING
        limits = judging.rules().estimation.limits(laid.length)
    batch = laid.batch(dial=_dial(span))
    flags = vee.judge(batch, limits).flags[0]
    if np.any(flags[days] == Flag.MISSING):
        return None
    at = np.flatnonzero(np.isin(flags[days], (Flag.ESTIMATED, Flag.SUBSTITUTED))) + days.start
    first = int(span.from_at.timestamp())
    return Series(
        one.meter_id,
        one.register,
        one.kind,
        one.unit,
        first + at * laid.length,
        np.full(len(at), laid.length, np.int64),
        batch.values[0][at].astype(np.int64),
        flags[at].astype(np.int64),
    )


def told(part: Part, *, quantity: int) -> Series | None:
    """A part whose days came to so many base units in all, in the shape of the estimate."""
    shape = estimated(part, whole=True)
    if shape is None:
        return None
    values = rules.spread(quantity, shape.values.tolist())
    if max(values) > blocks.VALUE_MAX:
        return None
    flags = np.full(len(values), int(Flag.EDITED), np.int64)
    return replace(shape, values=np.asarray(values, np.int64), flags=flags)


def store(series: Sequence[Series], *, source: str, actor: Actor, at: datetime) -> int:
    """Append values as the newest version; returns it. source: what decided, with its id.

    The same source again stores nothing.
    """
    lake = storing.locked_lake()
    mark = blocks.Mark(lake.next_version(), at, f"{source} {actor.id}")
    transaction = hashlib.sha256(source.encode()).hexdigest()
    lake.append(blocks.table_of(series, mark), transaction=transaction, at=at)
    return mark.version


def _laid_out(part: Part) -> tuple[Span, Series, grid.Grid] | None:
    spans = metering.exact(period=part.month.period, account_ids=[part.account_id])
    mine = [
        span
        for span in spans
        if span.meter_id == part.meter_id
        and span.from_day <= part.days.start
        and part.days.end <= span.to_day
    ]
    series = Lake(settings.LAKE).read(meter_ids={str(part.meter_id)}, period=part.month.period)
    for one in series if mine else ():
        if one.register == part.register:
            first, end = int(mine[0].from_at.timestamp()), int(mine[0].to_at.timestamp())
            laid = grid.laid_out(one, first, end)
            return None if laid is None else (mine[0], one, laid)
    return None


def _dial(span: Span) -> Int64:
    known = np.full((span.to_day - span.from_day).days + 1, vee.UNKNOWN, np.int64)
    found = dials.at_midnights([span]).get((span.account_id, span.meter_id, span.from_day), {})
    for day, value in found.items():
        known[(day - span.from_day).days] = value
    return known
