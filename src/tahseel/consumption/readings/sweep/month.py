"""A month of the whole lake: each range of meters is read, laid out, judged and written in turn.

Wherever ranges are worked on (`engines`), they are written in the order of meters, so that the same
blocks and the same knowledge make the same file, byte for byte.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tahseel.consumption.readings.lake import Days
from tahseel.consumption.readings.lake_place import flush
from tahseel.consumption.readings.sweep.engines import Engine, Knows, Part, Work
from tahseel.consumption.readings.sweep.measures import SCHEMA
from tahseel.consumption.readings.sweep.ranges import Files
from tahseel.consumption.readings.vee import Judge, Rule

ROWS_PER_GROUP = 65_536
LAYOUT = {
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": ["register", "kind", "unit"],
    "write_statistics": ["meter_id"],
}


@dataclass
class Swept:
    """What a sweep came to. odd: meters left out, because their blocks have another form."""

    registers: int = 0
    reads: int = 0
    estimated: int = 0
    odd: list[str] = field(default_factory=list)
    fired: dict[str, int] = field(default_factory=dict)


def sweep(
    files: Files, days: Days, target: Path, *, knows: Knows, judge: Judge, engine: Engine
) -> Swept:
    """Judge every range and write the measures (`measures.SCHEMA`) to a file, whole or not at all.

    knows: asked for each range in order, from the caller's thread; what it returns is called for
    each `Dense` of the range, wherever the engine works.
    """
    swept = Swept()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    spans = ((span, knows(span)) for span in files.ranges(days))
    parts = engine(Work(files, days, judge), spans)
    try:
        _write(beside, _gathered(parts, swept))
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


def _gathered(parts: Iterator[Part], swept: Swept) -> Iterator[pa.Table]:
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


def _count(part: Part, swept: Swept) -> None:
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
