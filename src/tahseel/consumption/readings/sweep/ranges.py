"""Cuts the lake into ranges of meters that fit in memory, and reads one range from every file.

Files are sorted by meter and each row group says which meters it holds, so a range is read from the
row groups that touch it, whether a month lies in one file or in one a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from tahseel.consumption.readings.lake import LONGEST_INTERVAL_DAYS, Days
from tahseel.consumption.readings.sweep.dense import COLUMNS, NAMES

BLOCKS_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True)
class Range:
    """Meters from `low` to before `high` by their ids; to the last one where `high` is None."""

    low: str
    high: str | None

    def has(self, first: str, last: str) -> bool:
        """True where meters from `first` to `last` touch it."""
        return last >= self.low and (self.high is None or first < self.high)

    def holds(self, first: str, last: str) -> bool:
        """True where all of them lie in it."""
        return first >= self.low and (self.high is None or last < self.high)


@dataclass(frozen=True, slots=True)
class Group:
    """One row group of a file: how many blocks it has, and of which meters and days."""

    file: int
    number: int
    rows: int
    first: str
    last: str
    days: Days


class Files:
    """Some files of the lake with what their row groups hold."""

    def __init__(self, paths: Sequence[Path], disk: fs.FileSystem | None = None) -> None:
        """disk: where they lie, None for this machine's own."""
        self._paths, self._disk = [str(path) for path in paths], disk
        self._footers = [pq.read_metadata(path, filesystem=disk) for path in self._paths]
        self.groups = [
            group
            for number, footer in enumerate(self._footers)
            for group in _groups(number, footer)
        ]

    def ranges(self, days: Days, blocks: int = BLOCKS_AT_ONCE) -> list[Range]:
        """Ranges of about so many blocks each, which together hold every meter once.

        A cut lies where a row group begins, so a range is never smaller than what begins there.
        """
        starts = sorted((g.first, g.rows) for g in self.groups if _touches(g, days))
        cuts: list[str] = []
        held = 0
        for first, rows in starts:
            if held and held + rows > blocks and (not cuts or first > cuts[-1]):
                cuts.append(first)
                held = 0
            held += rows
        lows = ["", *cuts]
        return [Range(low, high) for low, high in zip(lows, [*cuts, None], strict=True)]

    def read(self, span: Range, days: Days, columns: Sequence[str] = COLUMNS) -> pa.Table:
        """Every block of the range that may touch the days; names come as dictionaries."""
        parts: list[pa.Table] = []
        for number, path in enumerate(self._paths):
            wanted = [
                g for g in self.groups
                if g.file == number and span.has(g.first, g.last) and _touches(g, days)
            ]  # fmt: skip
            if wanted:
                parts += self._read(path, number, wanted, span, columns)
        if len(parts) == 1:
            return parts[0]
        return pa.concat_tables(parts).unify_dictionaries() if parts else _EMPTY

    def _read(
        self, path: str, number: int, wanted: Sequence[Group], span: Range, columns: Sequence[str]
    ) -> Iterator[pa.Table]:
        with pq.ParquetFile(
            path, metadata=self._footers[number], read_dictionary=list(NAMES), filesystem=self._disk
        ) as file:
            for group in wanted:
                table = file.read_row_group(group.number, columns=list(columns), use_threads=False)
                yield table if span.holds(group.first, group.last) else _within(table, span)


_EMPTY = pa.schema(
    [
        *((name, pa.dictionary(pa.int32(), pa.string())) for name in NAMES),
        *((name, pa.int32()) for name in ("day", "interval_s", "offset_s")),
        ("ver", pa.int64()),
        ("values", pa.list_(pa.int32())),
        ("flags", pa.list_(pa.int8())),
    ]
).empty_table()


def _groups(file: int, footer: pq.FileMetaData) -> Iterator[Group]:
    names = footer.schema.to_arrow_schema().names
    meter, day = names.index("meter_id"), names.index("day")
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        ids, days = group.column(meter).statistics, group.column(day).statistics
        yield Group(file, number, group.num_rows, ids.min, ids.max, Days(days.min, days.max + 1))


def _touches(group: Group, days: Days) -> bool:
    return group.days.first < days.end and group.days.end > days.first - LONGEST_INTERVAL_DAYS


def _within(table: pa.Table, span: Range) -> pa.Table:
    """The rows of the range: one slice where they lie together, as in a sorted file."""
    meters = table["meter_id"].combine_chunks()
    ids = np.array(meters.dictionary.to_pylist())
    wanted = ids >= span.low
    if span.high is not None:
        wanted &= ids < span.high
    rows = np.flatnonzero(wanted[np.asarray(meters.indices)])
    if not len(rows):
        return table.slice(0, 0)
    together = int(rows[-1] - rows[0]) + 1 == len(rows)
    return table.slice(int(rows[0]), len(rows)) if together else table.take(pa.array(rows))
