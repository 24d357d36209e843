"""A month of every register in the lake, written to one file: load research without the tables.

Every register is judged by what its intervals alone tell and by the rules of its meter's sector;
dials and the month before are the business of exceptions (`validating`).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tahseel.consumption.readings import judging, metering, validating, vee
from tahseel.consumption.readings.blocks import DAY_S
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.sweep import engines
from tahseel.consumption.readings.sweep.engines import About, Engine
from tahseel.consumption.readings.sweep.knowing import BySector
from tahseel.consumption.readings.sweep.month import Swept, sweep
from tahseel.consumption.readings.sweep.ranges import Files, Range
from tahseel.kernel.period import BillingMonth, Period

THREADS = 2
QUARTERS_A_DAY = DAY_S // 900


def measure_month(
    *, month: BillingMonth, until: date, target: Path, engine: Engine | None = None
) -> Swept:
    """Write the measures (`sweep.measures.SCHEMA`) of a month, or of its days before `until`.

    engine: where ranges are worked on, threads of this process when absent; the bytes are the same.
    The file is there whole or as it was. Raises ValueError for a month that has not begun.
    """
    over = Period(month.period.start, min(month.period.end, until))
    days = Days.of(over)
    lake = Lake(settings.LAKE)
    files = Files(lake.files(days), lake.disk)
    target.parent.mkdir(parents=True, exist_ok=True)
    return sweep(
        files,
        days,
        target,
        knows=lambda meters: _about(meters, month, over),
        judge=_judge(files),
        engine=engine or engines.local(THREADS),
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
    return BySector(judging.rules(), of_meter)
