"""A month of every register in the lake, written to one file: load research without the tables.

Every register is judged by what its intervals alone tell and by the rules of its meter's sector;
dials and the month before are the business of exceptions (`validating`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings

from tahseel.consumption.readings import judging, metering, rules, validating, vee
from tahseel.consumption.readings.blocks import DAY_S
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.sweep.dense import Dense
from tahseel.consumption.readings.sweep.measures import Context
from tahseel.consumption.readings.sweep.month import About, Swept, sweep
from tahseel.consumption.readings.sweep.ranges import Files, Range
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service

THREADS = 2
QUARTERS_A_DAY = DAY_S // 900


def measure_month(*, month: BillingMonth, until: date, target: Path) -> Swept:
    """Write the measures (`sweep.measures.SCHEMA`) of a month, or of its days before `until`.

    The file is there whole or as it was. Raises ValueError for a month that has not begun.
    """
    over = Period(month.period.start, min(month.period.end, until))
    days = Days.of(over)
    files = Files(Lake(settings.LAKE).files(days))
    target.parent.mkdir(parents=True, exist_ok=True)
    return sweep(
        files,
        days,
        target,
        knows=lambda meters: _about(meters, month, over),
        judge=_judge(files),
        threads=THREADS,
    )


def _judge(files: Files) -> vee.Judge:
    """Compiled where there is so much to judge that compiling costs less than it saves."""
    reads = sum(group.rows for group in files.groups) * QUARTERS_A_DAY
    return vee.run_compiled if reads >= vee.WORTH_COMPILING else vee.judge


def _about(meters: Range, month: BillingMonth, over: Period) -> About:
    """What is known of a range's meters, asked here so that no other thread asks the database."""
    bounds = (UUID(meters.low) if meters.low else None, UUID(meters.high) if meters.high else None)
    spans = metering.exact(period=over, account_ids=None, meters=bounds)
    sectors = validating.sectors({span.account_id for span in spans}, month)
    of_meter = {str(span.meter_id): sectors.get(span.account_id, "") for span in spans}

    def about(dense: Dense) -> Context:
        classes: dict[vee.Limits, int] = {}
        which = [
            classes.setdefault(
                judging.rules().limits(service_of(unit), of_meter.get(meter, ""), dense.interval_s),
                len(classes),
            )
            for meter, unit in zip(dense.meter_ids, dense.units, strict=True)
        ]
        return _context(dense, list(classes), which)

    return about


def service_of(unit: str) -> Service:
    """The service whose meters count in a base unit."""
    return next((s for s, units in rules.BASE_UNITS.items() if unit in units), Service.ELECTRICITY)


def _context(dense: Dense, limits: Sequence[vee.Limits], which: Sequence[int]) -> Context:
    rows = len(dense.values)
    return Context(
        np.full((rows, dense.days.count + 1), vee.UNKNOWN, np.int64),
        np.zeros(rows, np.int64),
        np.zeros(dense.slots, np.int8),
        limits,
        np.array(which, np.int64),
    )
