"""A large wide CSV on its way into the lake: plain rows as blocks, the others through `intake`.

What a plain row says is stored as it stands. A row whose meter, service or unit does not fit, that
tells a meter's day twice, or whose meter has another row that is not plain, goes the careful way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection

from tahseel.consumption.readings import blocks, formats, intake, rules, summary
from tahseel.consumption.readings.block_files import NOTHING, Part
from tahseel.consumption.readings.blocks import DAY_S, Mark
from tahseel.consumption.readings.formats import interval_csv
from tahseel.consumption.readings.formats.plain_wide import NotPlain, Odd, PlainWide, Rows
from tahseel.consumption.readings.formats.plugin import Content
from tahseel.consumption.readings.formats.refusals import FileRefused
from tahseel.consumption.readings.intake import Intake
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Flag, Kind, ParsedFile
from tahseel.kernel.quantity import Service

WORTH_BYTES = 4 << 20
THREADS = 2
ROWS_PER_PART = 65_536
ODD_MAX = 50_000
CHANNELS_TOLD_MAX = 1_000
# What a name is linked to goes before the meter that has it as its serial. Names come as one text
# and answers as three lists: a row and a parameter each cost more than finding them.
_METERS = """
with asked as (
  select * from unnest(string_to_array(%s, chr(31))) with ordinality as t(name, place)
), found as (
  select place, m.id, m.service, 1 as rank from asked join meters_meter m on m.serial = name
  union all
  select place, m.id, m.service, 2 from asked join readings_usage_point l on l.usage_point = name
  join meters_meter m on m.id = l.meter_id
)
select array_agg(place order by rank), array_agg(id::text order by rank),
  array_agg(service order by rank) from found
"""
BETWEEN = "\x1f"

NOBODY = ("", "")

Ints = npt.NDArray[np.int64]
Known = dict[str, tuple[str, str]]
"""A sender's name: our meter's id and service."""


@dataclass
class _Told:
    """What rows said so far, a number each: file part, meter, register, day, line, sum, missing."""

    part: list[Ints] = field(default_factory=list)
    meter: list[Ints] = field(default_factory=list)
    register: list[Ints] = field(default_factory=list)
    day: list[Ints] = field(default_factory=list)
    line: list[Ints] = field(default_factory=list)
    total: list[Ints] = field(default_factory=list)
    missing: list[Ints] = field(default_factory=list)

    def all(self, name: str) -> Ints:
        parts: list[Ints] = getattr(self, name)
        return np.concatenate([*parts, np.zeros(0, np.int64)])


@dataclass
class BulkIntake:
    """A file taken in: parts of the lake that wait for a commit, and the rest as `intake` has it.

    content: names what of the file is stored, for which meters.
    """

    parts: list[Part]
    careful: Intake
    stored: int
    summary: dict[str, Any]
    content: str


def plain_of(path: Path) -> PlainWide | None:
    """The file as one of plain rows, where it is large and of that kind."""
    if not WORTH_BYTES <= path.stat().st_size <= formats.FILE_BYTES_MAX:
        return None
    found = formats.detected(path)
    if not isinstance(found, interval_csv.IntervalCsv):
        return None
    try:
        return PlainWide(path, found.mapping)
    except (NotPlain, FileRefused):
        return None


def take(plain: PlainWide, lake: Lake, mark: Mark, *, shift_s: int) -> BulkIntake | None:
    """Read the file and write its plain rows to parts of the lake; None: it is not of that kind.

    mark: its source names the file; with its version, which no commit has yet, it names the parts.
    """
    taking = _Taking(plain, lake, mark, shift_s)
    try:
        return taking.run()
    except (NotPlain, FileRefused):
        lake.forget(taking.parts)
        return None


class _Taking:
    def __init__(self, plain: PlainWide, lake: Lake, mark: Mark, shift_s: int) -> None:
        self.plain, self.lake, self.mark, self.shift_s = plain, lake, mark, shift_s
        self.transaction = f"{mark.source}@{mark.version}"
        self.told = _Told()
        self.known: Known = {}
        self.serials: dict[str, int] = {}
        self.registers: dict[str, int] = {}
        self.odd: list[Odd] = []
        self.again: list[Ints] = []
        self.tables: list[pa.Table] = []
        self.parts: list[Part] = []
        self.content = Content(plain.mapping.code)

    def run(self) -> BulkIntake:
        for rows, odd in self.plain.chunks(THREADS):
            self.odd += [(line, cells) for line, cells in odd if any(cells)]
            if len(self.odd) > ODD_MAX:
                raise NotPlain("too many rows that are not plain")
            for some in rows:
                self._take(some)
        self._write()
        kept = ~self._drop()
        careful = self._careful()
        if not kept.any() and not self.plain.reader.reads:
            raise NotPlain("no row is good: the careful reader refuses the file")
        stored = int(kept.sum()) * self.plain.slots + careful.stored
        parts = [part for part in self.parts if part.stats.rows]
        return BulkIntake(parts, careful, stored, self._summary(kept), self._named(kept, careful))

    def _named(self, kept: npt.NDArray[np.bool_], careful: Intake) -> str:
        names = list(self.serials)
        meters = np.unique(self.told.all("meter")[kept]).tolist()
        ids = {self.known[names[meter]][0] for meter in meters}
        return intake.named({*ids, *intake.names(careful)}, self.shift_s)

    def _take(self, rows: Rows) -> None:
        """Blocks of the rows that fit; the lines of the others are read again later."""
        self._look_up(rows.meters)
        sold = self._sold(rows.registers)
        found = [self.known.get(name, NOBODY) for name in rows.meters]
        register = rows.register.tolist()
        fits = np.array([one[1] in sold[register[n]] for n, one in enumerate(found)], bool)
        self.again.append(rows.lines[~fits])
        chosen = np.flatnonzero(fits)
        if len(chosen):
            self._tell(rows, chosen)
            self.tables.append(self._blocks(rows, chosen, [found[n][0] for n in chosen.tolist()]))
        if sum(table.num_rows for table in self.tables) >= ROWS_PER_PART:
            self._write()

    def _sold(self, registers: list[str]) -> list[frozenset[str]]:
        """For each register the services of whose meters it can be one."""
        base = self.plain.unit.base
        service = interval_csv.SERVICES.get(base)
        sold = service is not None and base in rules.BASE_UNITS.get(Service(service), ())
        return [
            frozenset({str(service)})
            if sold and interval_csv.kind_of(name, base) is not Kind.OTHER
            else frozenset()
            for name in registers
        ]

    def _look_up(self, names: list[str]) -> None:
        new = sorted(set(names) - self.known.keys())
        if not new:
            return
        asked = BETWEEN.join(new)
        if asked.count(BETWEEN) >= len(new):
            raise NotPlain("a name with a sign that stands between names")
        with connection.cursor() as cursor:
            cursor.execute(_METERS, [asked])
            found = cursor.fetchone()
        for place, meter, service in zip(*(column or () for column in found or ()), strict=True):
            self.known[new[place - 1]] = (meter, service)

    def _tell(self, rows: Rows, chosen: Ints) -> None:
        told, meters, registers = self.told, self.serials, self.registers
        codes = [registers.setdefault(name, len(registers)) for name in rows.registers]
        told.meter.append(
            np.array([meters.setdefault(rows.meters[n], len(meters)) for n in chosen], np.int64)
        )
        told.part.append(np.full(len(chosen), len(self.parts), np.int64))
        told.register.append(np.array(codes, np.int64)[rows.register[chosen]])
        told.day.append(rows.days[chosen])
        told.line.append(rows.lines[chosen])
        told.total.append(rows.values[chosen].sum(axis=1, dtype=np.int64))
        told.missing.append((rows.flags[chosen] == Flag.MISSING).sum(axis=1, dtype=np.int64))

    def _blocks(self, rows: Rows, chosen: Ints, ids: list[str]) -> pa.Table:
        count, slots = len(chosen), self.plain.slots
        base = self.plain.unit.base
        ends = np.arange(count + 1, dtype=np.int64) * slots
        names = pa.array(rows.registers)
        kinds = pa.array([str(interval_csv.kind_of(name, base)) for name in rows.registers])
        code = pa.array(rows.register[chosen])
        values, flags = rows.values[chosen].reshape(-1), rows.flags[chosen].reshape(-1)
        return pa.table(
            {
                "meter_id": ids,
                "register": names.take(code),
                "kind": kinds.take(code),
                "unit": pa.repeat(pa.scalar(base), count),
                "day": (rows.days[chosen] + self.shift_s // DAY_S).astype(np.int32),
                "interval_s": np.full(count, DAY_S // slots, np.int32),
                "offset_s": np.zeros(count, np.int32),
                "ver": np.full(count, self.mark.version, np.int64),
                "recorded_at": pa.repeat(
                    pa.scalar(self.mark.recorded_at, pa.timestamp("us", tz="UTC")), count
                ),
                "source": pa.repeat(pa.scalar(self.mark.source), count),
                "values": pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), values),
                "flags": blocks.told_flags(flags, ends),
            },
            schema=blocks.SCHEMA,
        )

    def _write(self) -> None:
        if self.tables:
            whole = pa.concat_tables(self.tables)
            number = len(self.parts)
            self.parts.append(self.lake.part(whole, transaction=self.transaction, number=number))
            self.tables.clear()

    def _drop(self) -> npt.NDArray[np.bool_]:
        """Which rows go the careful way after all: they are out of the parts when this returns."""
        meter, register, day = (self.told.all(name) for name in ("meter", "register", "day"))
        order = np.lexsort((day, register, meter))
        same = np.ones(max(len(order) - 1, 0), bool)
        for column in (meter, register, day):
            same &= np.diff(column[order]) == 0
        touched = {self.serials.get(self._serial(cells), -1) for _, cells in self.odd}
        touched |= set(meter[order[1:][same]].tolist())
        dropped: npt.NDArray[np.bool_] = np.isin(meter, sorted(touched))
        self.again.append(self.told.all("line")[dropped])
        names = list(self.serials)
        gone = sorted(self.known[names[code]][0] for code in touched - {-1})
        for number in np.unique(self.told.all("part")[dropped]).tolist():
            self._rewrite(number, gone)
        return dropped

    def _rewrite(self, number: int, gone: list[str]) -> None:
        """A part without some meters; one that held nothing else is left out of the commit."""
        table = pq.read_table(
            str(self.parts[number].path), schema=blocks.SCHEMA, filesystem=self.lake.disk
        )
        left = table.filter(pc.invert(pc.is_in(table["meter_id"], pa.array(gone, pa.string()))))
        if left.num_rows:
            self.parts[number] = self.lake.part(left, transaction=self.transaction, number=number)
        else:
            self.lake.forget([self.parts[number]])
            self.parts[number] = Part(self.parts[number].path, NOTHING)

    def _serial(self, cells: list[str]) -> str:
        place = self.plain.reader.places.get("meter", -1)
        return cells[place] if 0 <= place < len(cells) else ""

    def _careful(self) -> Intake:
        """The rows that are not plain, through the reader that says what is wrong with a row."""
        reader = self.plain.reader
        lines = np.concatenate(self.again)
        if len(self.odd) + len(lines) > ODD_MAX:
            raise NotPlain("too many rows that are not plain")
        rows = dict(self.odd) | dict(self.plain.again(lines))
        for line in sorted(rows):
            reader.take(line, rows[line])
        self.content = reader.content()
        parsed = ParsedFile(
            self.plain.path.name, self.content.format, "", tuple(self.content.channels), (),
            tuple(self.content.parked),
        )  # fmt: skip
        careful = intake.sort(parsed, shift_s=self.shift_s)
        table = blocks.table_of(careful.series, self.mark)
        if table.num_rows:
            number = len(self.parts)
            self.parts.append(self.lake.part(table, transaction=self.transaction, number=number))
        return careful

    def _summary(self, kept: npt.NDArray[np.bool_]) -> dict[str, Any]:
        """As `summary.describe` tells a file; of very many channels only how many they are."""
        content, slots = self.content, self.plain.slots
        meter, register = self.told.all("meter")[kept], self.told.all("register")[kept]
        channel, first, of = np.unique(
            meter * (len(self.registers) + 1) + register, return_index=True, return_inverse=True
        )
        parked = len(content.parked)
        told: dict[str, Any] = {
            "file": str(self.plain.path),
            "format": self.plain.mapping.code,
            "reads": len(meter) * slots + sum(one.reads for one in content.channels),
            "missing": int(self.told.all("missing")[kept].sum())
            + sum(one.missing for one in content.channels),
            **({"parked": parked} if parked else {}),
        }
        if len(channel) + len(content.channels) > CHANNELS_TOLD_MAX:
            return told | {"channels": [], "channels_in_all": len(channel) + len(content.channels)}
        lines = [self._channel(np.flatnonzero(of == n), kept) for n in np.argsort(first)]
        return told | {"channels": lines + [summary.describe_channel(c) for c in content.channels]}

    def _channel(self, rows: Ints, kept: npt.NDArray[np.bool_]) -> dict[str, Any]:
        told = {name: self.told.all(name)[kept][rows] for name in ("meter", "register", "day")}
        serial = list(self.serials)[int(told["meter"][0])]
        register = list(self.registers)[int(told["register"][0])]
        starts = told["day"] * DAY_S - blocks.ZONE_S
        return {
            "id": f"{serial}/{register}",
            "unit": self.plain.unit.base,
            "reads": len(rows) * self.plain.slots,
            "total": int(self.told.all("total")[kept][rows].sum()),
            "first": summary.instant(int(starts.min())),
            "last": summary.instant(int(starts.max()) + DAY_S),
        }
