"""Many files of a month become few, in order of meters: the same blocks, so nothing else changes.

A file a day or an import leaves a meter's month in many places. Once a month is over its blocks are
read range by range of meters and written again, each month to files of its own, and one commit puts
these in the place of the old ones. A block's value, version and provenance stay as they were; who
opened an old file reads on. Killed at any moment, either the old files stand or the new ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.block_files import (
    FAR_DAYS,
    ORDER,
    ROWS_PER_GROUP,
    Held,
    Part,
    Writer,
)
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.sweep.ranges import Files
from tahseel.kernel.errors import Broken
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth

ROWS_PER_FILE = 1 << 20
LAYERS_MAX = 4
LAYERS_OPEN_MAX = 40
KEPT = timedelta(days=7)
"""How long a file that a merge took out stays for whoever opened it before."""
ORPHANED = timedelta(days=2)
"""How old a file must be that no commit took in: an import that is under way is younger."""
_EVER = Days(-FAR_DAYS, FAR_DAYS)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Merge:
    """Files written in the place of others; nothing has changed until `Lake.replace` takes them."""

    old: tuple[Held, ...]
    new: tuple[Part, ...]


def layers(held: Sequence[Held]) -> int:
    """How many of these files, at most, may hold blocks of one meter."""
    opens = [(one.stats.first_meter, 0) for one in held]
    closes = [(one.stats.last_meter, 1) for one in held]
    deep = deepest = 0
    for _, closing in sorted(opens + closes):
        deep += -1 if closing else 1
        deepest = max(deepest, deep)
    return deepest


def due(held: Sequence[Held], today: date) -> list[BillingMonth]:
    """Months whose files are worth merging, the oldest first."""
    found: dict[BillingMonth, list[Held]] = {}
    for one in held:
        for month in _months(one):
            found.setdefault(month, []).append(one)
    months = sorted(found, key=lambda month: month.ordinal)
    return [month for month in months if chosen(found[month], month, today)]


def chosen(held: Sequence[Held], month: BillingMonth, today: date) -> list[Held]:
    """What of a month's files is merged now: all where it is over and a meter lies in many of them,
    of a month that goes on the small ones where there are very many."""
    mine = of_month(held, month)
    if month.period.end <= today:
        return mine if layers(mine) > LAYERS_MAX else []
    small = [one for one in mine if one.stats.rows <= ROWS_PER_GROUP]
    return small if layers(small) > LAYERS_OPEN_MAX else []


def of_month(held: Sequence[Held], month: BillingMonth) -> list[Held]:
    """The files that may hold blocks of a month."""
    return [one for one in held if month in _months(one)]


def merged(lake: Lake, old: Sequence[Held], *, at: datetime) -> Merge:
    """Write the blocks of some files to new ones, which no commit knows yet.

    Never more in memory than the row groups of all the files that hold some same meters.
    """
    files = Files([lake.folder / one.name for one in old], lake.disk)
    writing = _Writing(lake, at)
    for span in files.ranges(_EVER, ROWS_PER_GROUP):
        table = files.read(span, _EVER, blocks.SCHEMA.names)
        if table.num_rows:
            writing.take(table.select(blocks.SCHEMA.names).cast(blocks.SCHEMA))
    new = writing.done()
    before, after = sum(g.rows for g in files.groups), sum(one.stats.rows for one in new)
    if before != after:
        raise Broken(f"{before} blocks became {after}")
    return Merge(tuple(old), new)


class _Writing:
    """A file in the making for each month."""

    def __init__(self, lake: Lake, at: datetime) -> None:
        self.lake, self.at = lake, at
        self.open: dict[int, Writer] = {}
        self.parts: list[Part] = []

    def take(self, table: pa.Table) -> None:
        """Blocks of the next meters, in any order."""
        days = np.asarray(table["day"]).astype("datetime64[D]")
        months = days.astype("datetime64[M]").astype(np.int64)
        order = np.asarray(pc.sort_indices(table, ORDER))
        for month in np.unique(months).tolist():
            rows = order[months[order] == month]
            self._writer(month).add(table.take(pa.array(rows)).combine_chunks())
            if self.open[month].stats.rows >= ROWS_PER_FILE:
                self.parts.append(self.open.pop(month).close())

    def _writer(self, month: int) -> Writer:
        if month not in self.open:
            self.open[month] = Writer(self.lake.place, f"{new_id(self.at).hex}.parquet")
        return self.open[month]

    def done(self) -> tuple[Part, ...]:
        self.parts += [writer.close() for writer in self.open.values()]
        return tuple(self.parts)


def leftovers(lake: Lake, *, at: datetime) -> list[str]:
    """Files that nobody can need: taken out `KEPT` ago, or written `ORPHANED` ago and never taken
    in. Ask it while nothing else writes to the lake."""
    return [
        one.name
        for one in lake.unused()
        if (one.written <= at - ORPHANED if one.removed is None else one.removed <= at - KEPT)
    ]


def _months(one: Held) -> Iterator[BillingMonth]:
    """Every month of its days; none where its commit does not tell them."""
    if one.stats.first_day <= -FAR_DAYS:
        return
    month = BillingMonth.of(_EPOCH + timedelta(days=one.stats.first_day))
    while Days.of(month.period).first <= one.stats.last_day:
        yield month
        month = month.next()
