"""A large wide CSV on its way into the lake: plain rows as blocks, the others through `intake`.

What a plain row says is stored as it stands. A row whose meter, service or unit does not fit, that
tells a meter's day twice, or whose meter has another row that is not plain, goes the careful way.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahseel.consumption.readings import (
    blocks,
    bulk_blocks,
    formats,
    intake,
    rules,
    summary,
)
from tahseel.consumption.readings.block_files import NOTHING, Part
from tahseel.consumption.readings.blocks import DAY_S, Mark
from tahseel.consumption.readings.bulk_blocks import WholeDays
from tahseel.consumption.readings.bulk_names import Names
from tahseel.consumption.readings.formats import interval_csv
from tahseel.consumption.readings.formats.plain_wide import NotPlain, Odd, PlainWide, Rows
from tahseel.consumption.readings.formats.plugin import Content
from tahseel.consumption.readings.formats.refusals import FileRefused
from tahseel.consumption.readings.intake import Intake
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Kind, ParsedFile
from tahseel.kernel.quantity import Service

WORTH_BYTES = 8 << 20
THREADS = 2
ROWS_PER_PART = 65_536
ODD_MAX = 50_000
CHANNELS_TOLD_MAX = 1_000
Ints = npt.NDArray[np.int64]


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
        lake.forget(taking.written())
        return None


class _Taking:
    def __init__(self, plain: PlainWide, lake: Lake, mark: Mark, shift_s: int) -> None:
        self.plain, self.lake, self.mark, self.shift_s = plain, lake, mark, shift_s
        self.transaction = f"{mark.source}@{mark.version}"
        self.told = _Told()
        self.names = Names(interval_csv.SERVICES.get(plain.unit.base))
        self.registers: dict[str, int] = {}
        self.odd: list[Odd] = []
        self.again: list[Ints] = []
        self.held: list[Rows] = []
        self.writing: list[Future[Part]] = []
        self.parts: list[Part] = []
        self.content = Content(plain.mapping.code)

    def run(self) -> BulkIntake:
        with ThreadPoolExecutor(1) as writer:
            for rows, odd in self.plain.chunks(THREADS):
                self.odd += [(line, cells) for line, cells in odd if any(cells)]
                if len(self.odd) > ODD_MAX:
                    raise NotPlain("too many rows that are not plain")
                self.held.append(rows)
                if sum(map(len, self.held)) >= ROWS_PER_PART:
                    self._write(writer)
            self._write(writer)
        self.parts = self.written()
        kept = ~self._drop()
        careful = self._careful()
        if not kept.any() and not self.plain.reader.reads:
            raise NotPlain("no row is good: the careful reader refuses the file")
        stored = int(kept.sum()) * self.plain.slots + careful.stored
        parts = [part for part in self.parts if part.stats.rows]
        return BulkIntake(parts, careful, stored, self._summary(kept), self._named(kept, careful))

    def written(self) -> list[Part]:
        """The parts that were written, once all are; raises what writing them raised."""
        return [part.result() for part in self.writing]

    def _named(self, kept: npt.NDArray[np.bool_], careful: Intake) -> str:
        ids = self.names.ids_of(self.told.all("meter")[kept])
        others = intake.names(careful)
        return intake.named({*ids, *others} if others else ids, self.shift_s)

    def _write(self, writer: ThreadPoolExecutor) -> None:
        """Write the rows held so far that fit, beside whatever else goes on."""
        self.names.look_up(chain.from_iterable(rows.meters for rows in self.held))
        some = [days for rows in self.held if (days := self._fitting(rows)) is not None]
        self.held.clear()
        if some:
            self.writing.append(
                writer.submit(self._part, some, list(self.registers), len(self.writing))
            )

    def _part(self, some: list[WholeDays], registers: list[str], number: int) -> Part:
        whole = bulk_blocks.table_of(
            some, ids=self.names.ids, registers=registers, unit=self.plain.unit.base,
            mark=self.mark,
        )  # fmt: skip
        return self.lake.part(whole, transaction=self.transaction, number=number)

    def _fitting(self, rows: Rows) -> WholeDays | None:
        """Days of rows that fit; the lines of the others are read again later."""
        codes: Ints = np.array([self.names.codes[name] for name in rows.meters], np.int64)
        sold = self.names.sold[codes]
        fits = sold[rows.meter] & self._sellable(rows.registers)[rows.register]
        self.again.append(rows.lines[~fits])
        return self._told(rows, _chosen(fits), codes) if fits.any() else None

    def _told(self, rows: Rows, chosen: Ints | slice, codes: Ints) -> WholeDays:
        registers = [self.registers.setdefault(n, len(self.registers)) for n in rows.registers]
        meter = codes[rows.meter[chosen]]
        register = np.array(registers, np.int64)[rows.register[chosen]]
        days = rows.days[chosen]
        told = self.told
        told.meter.append(meter)
        told.part.append(np.full(len(meter), len(self.writing), np.int64))
        told.register.append(register)
        told.day.append(days)
        told.line.append(rows.lines[chosen])
        told.total.append(rows.sums[chosen])
        told.missing.append(rows.missing[chosen])
        moved = days + self.shift_s // DAY_S
        return WholeDays(meter, register, moved, rows.values[chosen], rows.flags[chosen])

    def _sellable(self, registers: list[str]) -> npt.NDArray[np.bool_]:
        """Which registers can be one of a meter of the file's service."""
        base = self.plain.unit.base
        service = interval_csv.SERVICES.get(base)
        sold = service is not None and base in rules.BASE_UNITS.get(Service(service), ())
        kinds = [interval_csv.kind_of(name, base) for name in registers]
        return np.array([sold and kind is not Kind.OTHER for kind in kinds], bool)

    def _drop(self) -> npt.NDArray[np.bool_]:
        """Which rows go the careful way after all: they are out of the parts when this returns."""
        meter, register, day = (self.told.all(name) for name in ("meter", "register", "day"))
        order = np.lexsort((day, register, meter))
        same = np.ones(max(len(order) - 1, 0), bool)
        for column in (meter, register, day):
            same &= np.diff(column[order]) == 0
        touched = {self.names.codes.get(self._serial(cells), -1) for _, cells in self.odd}
        touched |= set(meter[order[1:][same]].tolist())
        dropped: npt.NDArray[np.bool_] = np.isin(meter, sorted(touched))
        self.again.append(self.told.all("line")[dropped])
        gone = self.names.ids_of(np.array(sorted(touched - {-1}), np.int64))
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
        serial = list(self.names.codes)[int(told["meter"][0])]
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


def _chosen(fits: npt.NDArray[np.bool_]) -> Ints | slice:
    """Rows to take, without a copy where all are taken."""
    return slice(None) if fits.all() else np.flatnonzero(fits)
