"""A month of the whole lake: each range of meters is read, laid out, judged and written in turn.

Ranges are worked on by some threads at once and written in the order of meters, so that the same
blocks and the same knowledge make the same file, byte for byte.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tahseel.consumption.readings.block_files import flush
from tahseel.consumption.readings.lake import Days
from tahseel.consumption.readings.sweep.dense import Dense, laid_out
from tahseel.consumption.readings.sweep.measures import SCHEMA, Context, measured
from tahseel.consumption.readings.sweep.ranges import Files, Range
from tahseel.consumption.readings.vee import Judge, Rule

ROWS_PER_GROUP = 65_536
LAYOUT = {
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": ["register", "kind", "unit"],
    "write_statistics": ["meter_id"],
}
About = Callable[[Dense], Context]
Knows = Callable[[Range], About]


@dataclass
class Swept:
    """What a sweep came to. odd: meters left out, because their blocks have another form."""

    registers: int = 0
    reads: int = 0
    estimated: int = 0
    odd: list[str] = field(default_factory=list)
    fired: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    table: pa.Table
    reads: int
    odd: frozenset[str]


def sweep(
    files: Files, days: Days, target: Path, *, knows: Knows, judge: Judge, threads: int
) -> Swept:
    """Judge every range and write the measures (`measures.SCHEMA`) to a file, whole or not at all.

    knows: asked for each range in order, from the caller's thread; what it returns is called for
    each `Dense` of the range, from another.
    """
    swept = Swept()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        _write(beside, _gathered(_parts(files, days, knows, judge, threads), swept))
        beside.replace(target)
        flush(target.parent)
    finally:
        beside.unlink(missing_ok=True)
    return swept


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    """A file of measures, on the disk when it is done."""
    with path.open("wb") as file:
        with pq.ParquetWriter(file, SCHEMA, **LAYOUT) as writer:
            for table in tables:
                writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        file.flush()
        os.fsync(file.fileno())


def _parts(files: Files, days: Days, knows: Knows, judge: Judge, threads: int) -> Iterator[_Part]:
    """Every range in order; never more of them in memory than twice the threads."""

    def work(span: Range, about: About) -> _Part:
        laid = laid_out(files.read(span, days), days)
        tables = [measured(dense, about(dense), judge).table() for dense in laid.dense]
        reads = sum(dense.values.size for dense in laid.dense)
        table = pa.concat_tables([*tables, SCHEMA.empty_table()])
        if len(tables) > 1:
            table = table.sort_by([("meter_id", "ascending"), ("register", "ascending")])
        return _Part(table, reads, laid.odd)

    ahead: deque[Future[_Part]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for span in files.ranges(days):
            ahead.append(pool.submit(work, span, knows(span)))
            if len(ahead) > 2 * threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _gathered(parts: Iterator[_Part], swept: Swept) -> Iterator[pa.Table]:
    """Tables large enough to be row groups; what they hold is counted on the way."""
    held: list[pa.Table] = []
    for part in parts:
        _count(part, swept)
        held.append(part.table)
        if sum(table.num_rows for table in held) >= ROWS_PER_GROUP:
            yield pa.concat_tables(held).combine_chunks()
            held.clear()
    if held:
        yield pa.concat_tables(held).combine_chunks()


def _count(part: _Part, swept: Swept) -> None:
    swept.registers += part.table.num_rows
    swept.reads += part.reads
    swept.odd += sorted(part.odd)
    swept.estimated += int(np.asarray(_flat(part.table, "estimated"), np.int64).sum())
    fired = np.asarray(_flat(part.table, "fired"), np.int64).reshape(-1, len(Rule)).sum(axis=0)
    for rule in Rule:
        name = rule.name.lower()
        swept.fired[name] = swept.fired.get(name, 0) + int(fired[rule])


def _flat(table: pa.Table, name: str) -> pa.Array:
    column = table[name].combine_chunks()
    whole = column if isinstance(column, pa.Array) else pa.array([], column.type)
    return whole.flatten()
