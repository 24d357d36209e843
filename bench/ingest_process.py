"""The process of promise `ingest`: meters on record, a file imported, then compared and copied."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import psycopg

from bench import vee_town
from bench.vee_town import SLOTS
from tahseel.app import runtime
from tahseel.kernel.actor import system
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import Period, start_of

AT = datetime(2026, 7, 1, 6, tzinfo=UTC)
DAY = date(2026, 6, 30)
JOB = system("bench-import")
CHUNK, COMPARED, ROUNDS, WARM = 10_000, 2_000, 2, 20_000
ROOT = UUID(int=7)
Values = npt.NDArray[np.int32]


def main(size: dict[str, int], folder: Path) -> dict[str, Any]:
    operations = import_module("tahseel.consumption.readings.operations")
    lakes = import_module("tahseel.consumption.readings.lake")
    settings = import_module("django.conf").settings
    meters, values = size["meters"], values_of(size["meters"])
    register(meters)
    path, other = folder / "day.csv", folder / "other.csv"
    write(path, values)
    write(other, values[:WARM], day=DAY - timedelta(days=7))
    operations.import_file(actor=JOB, at=AT, path=other)
    lake = lakes.Lake(settings.LAKE)
    before = {one.name for one in lake.held()}
    start = time.perf_counter()
    outcome = operations.import_file(actor=JOB, at=AT, path=path)
    seconds = time.perf_counter() - start
    assert (outcome.state, outcome.stored, outcome.parked) == ("accepted", values.size, 0)
    compare(lake, values)
    files = [lake.folder / one.name for one in lake.held() if one.name not in before]
    return {
        "seconds": seconds,
        "reads": values.size,
        "csv_bytes": path.stat().st_size,
        "lake_bytes": sum(file.stat().st_size for file in files),
        "floor_s": min(written_again(files, folder) for _ in range(ROUNDS)),
        "copied": size["copied"],
        "copy_s": min(copied(values, size["copied"]) for _ in range(ROUNDS)),
    }


def values_of(meters: int) -> Values:
    """A day of each meter, in Wh."""
    month = vee_town.month(min(meters, 5_000), seed=3).values
    days = np.maximum(month.reshape(-1, SLOTS), 0)[:meters]
    return np.ascontiguousarray(days, np.int32)


def serial(number: int) -> str:
    return f"SM{number:09}"


def meter_id(number: int) -> UUID:
    return derived_id(ROOT, str(number))


def register(meters: int) -> None:
    """Meters on record, as a take-on puts them there."""
    operations = import_module("tahseel.registry.meters.operations")
    v = import_module("tahseel.registry.meters.values")
    service = import_module("tahseel.kernel.quantity").Service.ELECTRICITY
    for first in range(0, meters, CHUNK):
        made = [
            v.NewMeter(
                meter_id(n), serial(n), service, "make", v.Phase.SINGLE,
                (v.NewRegister(derived_id(meter_id(n), "r"), "1.8.0", v.RegisterKind.IMPORT,
                               v.DialUnit.KWH, 6, 0, 1),),
            )
            for n in range(first, min(first + CHUNK, meters))
        ]  # fmt: skip
        operations.add_many(actor=JOB, at=AT, batch="bench", meters=made, installations=[])


def write(path: Path, values: Values, *, day: date = DAY) -> None:
    """The file as a head-end writes it: kWh with three decimals, a line a meter."""
    times = [f"{slot // 4:02}:{slot % 4 * 15:02}" for slot in range(SLOTS)]
    with path.open("w") as file:
        file.write(",".join(["meter", "day", "unit", *times]) + "\n")
        for number, row in enumerate(values.tolist()):
            cells = ",".join(f"{value // 1000}.{value % 1000:03}" for value in row)
            file.write(f"{serial(number)},{day},kWh,{cells}\n")


def compare(lake: Any, values: Values) -> None:
    """Every value of some meters, and the sum of all."""
    some = {str(meter_id(n)): values[n] for n in range(min(COMPARED, len(values)))}
    found = lake.read(meter_ids=set(some), period=Period(DAY, date(2026, 7, 1)))
    assert len(found) == len(some)
    for series in found:
        np.testing.assert_array_equal(series.values, some[series.meter_id])
        assert int(series.starts[0]) == int(start_of(DAY).timestamp())
    everything = lake.blocks(
        meter_ids={str(meter_id(n)) for n in range(len(values))},
        period=Period(DAY, date(2026, 7, 1)),
    )
    told = np.asarray(everything["values"].combine_chunks().flatten())
    assert int(told.sum(dtype=np.int64)) == int(values.sum(dtype=np.int64))


def written_again(files: list[Path], folder: Path) -> float:
    """Seconds to write the lake's bytes and have them on the disk."""
    data = [file.read_bytes() for file in files]
    target = folder / "again"
    start = time.perf_counter()
    with target.open("wb", buffering=0) as file:
        for part in data:
            file.write(part)
        os.fdatasync(file.fileno())
    seconds = time.perf_counter() - start
    target.unlink()
    return seconds


def copied(values: Values, reads: int) -> float:
    """Seconds of a binary COPY with its commit; the bytes of it are made before."""
    days = values.reshape(-1)[:reads].reshape(-1, SLOTS)
    told = _binary(days)
    parameters = import_module("django.db").connection.get_connection_params()
    names = ("host", "port", "dbname")
    info = {name: parameters[name] for name in names if parameters.get(name)}
    with psycopg.connect(**info, user="tahseel_owner") as link:
        link.execute("drop table if exists bench_read")
        link.execute(
            "create table bench_read (meter_id uuid, at timestamptz, value int4 not null,"
            " flag int2 not null, primary key (meter_id, at))"
        )
        link.commit()
        start = time.perf_counter()
        with link.cursor().copy("copy bench_read from stdin (format binary)") as copy:
            for first in range(0, len(told), 1 << 16):
                copy.write(told[first : first + (1 << 16)])
        link.commit()
        seconds = time.perf_counter() - start
        row = link.execute("select count(*), sum(value) from bench_read").fetchone()
        assert row == (days.size, int(days.sum(dtype=np.int64)))
        link.execute("drop table bench_read")
    return seconds


def _binary(days: Values) -> bytes:
    """The rows in COPY's binary form: uuid, instant, value, flag."""
    kind = np.dtype(
        [("n", ">i2"), ("l0", ">i4"), ("id", "S16"), ("l1", ">i4"), ("at", ">i8"),
         ("l2", ">i4"), ("value", ">i4"), ("l3", ">i4"), ("flag", ">i2")]
    )  # fmt: skip
    rows = np.zeros(days.size, kind)
    rows["n"], rows["l0"], rows["l1"], rows["l2"], rows["l3"] = 4, 16, 8, 4, 2
    ids = np.frombuffer(b"".join(meter_id(n).bytes for n in range(len(days))), "S16")
    rows["id"] = np.repeat(ids, SLOTS)
    first = int(start_of(DAY).timestamp()) - 946_684_800
    rows["at"] = np.tile((first + 900 * np.arange(SLOTS)) * 1_000_000, len(days))
    rows["value"] = days.reshape(-1)
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


if __name__ == "__main__":
    with runtime.running():
        print(json.dumps(main(json.loads(sys.argv[1]), Path(sys.argv[2]))))
