"""The process of promise `bytes`: one month of the same reads in four forms, all flushed to disk.

Words: how many meters, how many of their reads PostgreSQL holds, the folder. The lake's files are
read back first: every value and flag must be there.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from bench import lake_town
from bench.lake_town import MONTH
from bench.vee_town import SLOTS
from tahseel.app import runtime
from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee import MISSING

METERS_AT_ONCE = 1_000
INTERVAL_S = 86_400 // SLOTS
Values = npt.NDArray[np.int32]


def main(meters: int, copied: int, folder: Path) -> dict[str, Any]:
    lake_town.build(folder / "lake", meters)
    told = lake_town.batch(0, meters).values
    files = Lake(folder / "lake").files(MONTH)
    compare(files, told)
    return {
        "reads": told.size,
        "lake_bytes": sum(file.stat().st_size for file in files),
        "entropy_bytes": entropy_bits(told) / 8 * told.size,
        "parquet_bytes": long_parquet(told, folder / "long.parquet"),
        "copied": copied * told.shape[1],
        "postgres_bytes": in_postgres(told[:copied]),
    }


def entropy_bits(told: Values) -> float:
    """Bits a read by how often each value comes, the one that says "missing" among them."""
    _, counts = np.unique(told, return_counts=True)
    share = counts / told.size
    return float(-(share * np.log2(share)).sum())


def compare(files: list[Path], told: Values) -> None:
    """Every value and flag comes back from the files."""
    table = pa.concat_tables(pq.read_table(file, schema=blocks.SCHEMA) for file in files)
    table = table.combine_chunks().sort_by([("meter_id", "ascending"), ("day", "ascending")])
    values = table["values"].combine_chunks()
    flags = blocks.flags_of(
        table["flags"].combine_chunks(), np.asarray(values.value_lengths(), np.int64)
    )
    back = np.where(flags == Flag.MISSING, MISSING, np.asarray(values.flatten()))
    np.testing.assert_array_equal(back.reshape(told.shape), told)


def instants(days: int) -> npt.NDArray[np.int64]:
    """Microseconds since 1970 at which the intervals of some days begin."""
    first = MONTH.first * 86_400 - blocks.ZONE_S
    return (first + INTERVAL_S * np.arange(days * SLOTS, dtype=np.int64)) * 1_000_000


def long_parquet(told: Values, path: Path) -> int:
    """A row a read, in order of meter and instant: zstd, with dictionaries where they help."""
    schema = pa.schema(
        [("meter_id", pa.string()), ("at", pa.timestamp("us")), ("value", pa.int32()),
         ("flag", pa.int8())]
    )  # fmt: skip
    times = instants(MONTH.count)
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=3) as writer:
        for first in range(0, len(told), METERS_AT_ONCE):
            some = told[first : first + METERS_AT_ONCE]
            ids = pa.array(lake_town.meter_ids(first, len(some)))
            code = np.repeat(np.arange(len(some), dtype=np.int32), told.shape[1])
            gone = (some == MISSING).reshape(-1)
            writer.write_table(
                pa.table(
                    {
                        "meter_id": ids.take(pa.array(code)),
                        "at": pa.array(np.tile(times, len(some)), pa.timestamp("us")),
                        "value": np.where(gone, 0, some.reshape(-1)).astype(np.int32),
                        "flag": np.where(gone, int(Flag.MISSING), 0).astype(np.int8),
                    },
                    schema=schema,
                )
            )
    return path.stat().st_size


def in_postgres(told: Values) -> int:
    """Bytes of a table with a row a read, its key (meter, instant) among them."""
    parameters = import_module("django.db").connection.get_connection_params()
    names = ("host", "port", "dbname")
    info = {name: parameters[name] for name in names if parameters.get(name)}
    with psycopg.connect(**info, user="tahseel_owner") as link:
        link.execute(
            "create table bench_read (meter_id uuid, at timestamptz, value int4 not null,"
            " flag int2 not null, primary key (meter_id, at))"
        )
        with link.cursor().copy("copy bench_read from stdin (format binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            for first in range(0, len(told), METERS_AT_ONCE):
                copy.write(binary(told[first : first + METERS_AT_ONCE], first))
            copy.write(b"\xff\xff")
        link.commit()
        found = link.execute(
            "select count(*), pg_total_relation_size('bench_read') from bench_read"
        ).fetchone()
        link.execute("drop table bench_read")
    assert found is not None
    assert found[0] == told.size
    return int(found[1])


def binary(told: Values, first: int) -> bytes:
    """Rows in COPY's binary form: uuid, instant, value, flag."""
    kind = np.dtype(
        [("n", ">i2"), ("l0", ">i4"), ("id", "S16"), ("l1", ">i4"), ("at", ">i8"),
         ("l2", ">i4"), ("value", ">i4"), ("l3", ">i4"), ("flag", ">i2")]
    )  # fmt: skip
    rows = np.zeros(told.size, kind)
    rows["n"], rows["l0"], rows["l1"], rows["l2"], rows["l3"] = 4, 16, 8, 4, 2
    ids = b"".join(UUID(one).bytes for one in lake_town.meter_ids(first, len(told)))
    rows["id"] = np.repeat(np.frombuffer(ids, "S16"), told.shape[1])
    rows["at"] = np.tile(instants(MONTH.count) - 946_684_800_000_000, len(told))
    gone = (told == MISSING).reshape(-1)
    rows["value"] = np.where(gone, 0, told.reshape(-1))
    rows["flag"] = np.where(gone, int(Flag.MISSING), 0)
    return rows.tobytes()


if __name__ == "__main__":
    with runtime.running():
        print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))))
