"""Smart meters that send every quarter hour, some of them badly, and the last night's judging.

What they send adds up to what the dials were billed for, so no bill changes; what fails a rule
waits on the work-list with the money it puts at risk, and a little of it is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

import numpy as np

from tahseel.app.demo.people import Party
from tahseel.app.demo.values import BUILDER, Chance, at_hour
from tahseel.consumption.exceptions import consumers, jobs, operations, queries
from tahseel.consumption.exceptions.values import OrderKind, Wanted
from tahseel.consumption.readings import blocks, rules, storing
from tahseel.consumption.readings import jobs as readings_jobs
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.queries import MonthlyConsumption
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import Period, start_of
from tahseel.kernel.quantity import Service

SLOTS, STEP_S = 96, 900
MONTHS, YEAR = 2, 13  # how far back meters tell, and the first of them
SOURCE = "smart-meters"
# By quarter of the day: least before dawn, most in the evening.
SHAPE = (3, 2, 2, 3, 4, 5, 6, 6, 7, 8, 7, 5)

Values = blocks.Ints


def _spike(values: Values, came: blocks.Ints, day: int) -> None:
    values[day * SLOTS + 57] = 60 * (values[day * SLOTS + 57] + 500)


def _gap(values: Values, came: blocks.Ints, day: int) -> None:
    came[day * SLOTS + 20 : (day + 2) * SLOTS + 31] = 0


def _stuck(values: Values, came: blocks.Ints, day: int) -> None:
    values[day * SLOTS + 20 : day * SLOTS + 80] = values[day * SLOTS + 80] + 11


def _negative(values: Values, came: blocks.Ints, day: int) -> None:
    values[day * SLOTS + 30] = -values[day * SLOTS + 30] - 40


def _zero(values: Values, came: blocks.Ints, day: int) -> None:
    values[day * SLOTS : (day + 3) * SLOTS] = 0


FAULTS: Sequence[tuple[Callable[[Values, blocks.Ints, int], None], int]] = (
    (_spike, 5), (_gap, 11), (_stuck, 8), (_negative, 17), (_zero, 20), (_gap, 3),
)  # fmt: skip


def find(
    *, parties: Sequence[Party], account_ids: Sequence[UUID], as_of: date, chance: Chance
) -> None:
    """Let some meters send, learn what everybody paid, and judge what there is to judge."""
    night = at_hour(as_of, 0, 30)
    _send(parties=parties, account_ids=account_ids, at=night, chance=chance, as_of=as_of)
    while consumers.step(at=night):
        pass
    readings_jobs.SO_FAR.run(night, as_of)
    jobs.NIGHT.run(night, as_of)
    _decide(at_hour(as_of, 9))


def _send(
    *,
    parties: Sequence[Party],
    account_ids: Sequence[UUID],
    at: datetime,
    chance: Chance,
    as_of: date,
) -> None:
    """The last homes of the country have smart meters; each has a fault in its last month."""
    pairs = list(zip(reversed(parties), reversed(account_ids), strict=True))
    series: list[blocks.Series] = []
    for party, account in pairs:
        power = [one for one in party.home.meters if one.service is Service.ELECTRICITY]
        if len(series) == len(FAULTS) or not power:
            continue
        meter = power[0].meter_id
        months = YEAR if not series else MONTHS
        used = readings.meter_consumption(meter_id=meter, account_ids=[account], months=months)
        whole = [one for one in used if one.quantity > 0]
        if whole and not readings.interval_days(meter_id=meter):
            series.append(_sent(meter, whole, len(series), chance, as_of))
    lake = storing.locked_lake()
    mark = blocks.Mark(lake.next_version(), at, SOURCE)
    lake.append(blocks.table_of(series, mark), transaction=SOURCE, at=at)


def _sent(
    meter: UUID, months: Sequence[MonthlyConsumption], number: int, chance: Chance, as_of: date
) -> blocks.Series:
    """What was billed month by month, the last one with its fault, and the days since like it."""
    newest = months[-1]
    since = max(0, (as_of - newest.month.period.end).days)
    like_it = newest.quantity * since // newest.month.period.days
    stretches = [(one.month.period, one.quantity) for one in months]
    if since:
        stretches.append((Period(newest.month.period.end, as_of), like_it))
    noise = chance.generator(f"doubts/{number}")
    starts: list[int] = []
    values: list[int] = []
    for period, quantity in stretches:
        slots = period.days * SLOTS
        weights = [SHAPE[slot % SLOTS // 8] * noise.randint(700, 1_300) for slot in range(slots)]
        first = int(start_of(period.start).timestamp())
        starts += range(first, first + slots * STEP_S, STEP_S)
        values += rules.spread(quantity, weights)
    told, came = np.asarray(values, np.int64), np.ones(len(values), np.int64)
    fault, day = FAULTS[number]
    last = len(values) - (newest.month.period.days + since) * SLOTS
    fault(told[last:], came[last:], day)
    here = came.astype(bool)
    size = int(here.sum())
    return blocks.Series(
        str(meter), "1.8.0", "import", "Wh", np.asarray(starts, np.int64)[here],
        np.full(size, STEP_S, np.int64), told[here], np.zeros(size, np.int64),
    )  # fmt: skip


def _decide(at: datetime) -> None:
    """One is estimated, a crew is sent for another; the others wait."""
    found = queries.work_list(wanted=Wanted()).rows
    by_rule = {one.rule: one for one in reversed(found)}
    if one := by_rule.get("negative"):
        operations.estimate(
            actor=BUILDER, at=at, exception_id=one.id, reason="قيمة سالبة من عداد ذكي"
        )
    if one := by_rule.get("stuck"):
        operations.send_order(
            actor=BUILDER,
            at=at,
            order_id=derived_id(one.id, "order"),
            exception_id=one.id,
            kind=OrderKind.TEST,
            task="العداد لا يتحرك نهاراً: فحص العداد ومعاينة الختم",
        )
