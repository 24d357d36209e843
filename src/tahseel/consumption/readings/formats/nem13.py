"""NEM13: Australian accumulation files, one line for each register and what it advanced.

A 250 record tells what a register showed before and shows now, and the quantity between the two.
Both become register reads; a previous read that the file gave already as a current one is not told
twice. A file is refused whole when its structure is broken: 100 first, 900 last, 550 behind its
250, fields that are what the specification says, one quantity at least that can be used. A register
that goes back without rolling over, or a quantity that is not the difference, is counted as a
warning: meters have multipliers.
Source: AEMO Meter Data File Format Specification NEM12 & NEM13.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple

from tahseel.consumption.readings.formats import mdff, refusals, units
from tahseel.consumption.readings.formats.numbers import decimal
from tahseel.consumption.readings.formats.plugin import Content, Head, Source
from tahseel.consumption.readings.values import ParkedRecord, RegisterRead
from tahseel.kernel.money import round_half_up

READS_MAX = 5_000_000
FIELDS = 20
_HEADER = re.compile(r'"?100"?\s*,\s*"?NEM13"?\s*(,|$)', re.IGNORECASE)
_DIAL = re.compile(r"\d{1,15}(\.\d{0,9})?", re.ASCII)
_QUALITIES = {"A": "actual", "E": "estimated", "F": "estimated", "S": "estimated"}
_UNITS = {"Wh", "VArh", "L"}
_DIRECTIONS = {"E", "I", "B", ""}


class _Nem13:
    """The format, for the registry."""

    code = "nem13"

    def detect(self, head: Head) -> bool:
        return _HEADER.match(head.first_line) is not None

    def parse(self, source: Source) -> Content:
        with source.lines() as lines:
            return parse(lines, source.name)


FORMAT = _Nem13()


class _Side(NamedTuple):
    """The dial at one end: text, instant in epoch seconds, quality letter."""

    dial: Fraction
    at: int
    quality: str


def parse(lines: Iterable[str], file: str) -> Content:
    """Read the whole file. Raises FileRefused with the line on which the structure breaks."""
    reader = _Reader(file)
    for number, row in mdff.rows(lines, file):
        reader.take(number, row)
    return reader.finish()


class _Reader:
    """Takes one record after the other and knows which may follow."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.line = 0
        self.started = False
        self.ended = False
        self.told = False
        self.records = 0
        self.content = Content(FORMAT.code)
        self.known: set[tuple[str, str, int, Fraction]] = set()

    def take(self, line: int, row: list[str]) -> None:
        self.line = line
        record = row[0]
        if self.ended:
            raise refusals.RecordAfterEnd(file=self.file, line=line)
        if not self.started:
            self._take_header(row)
        elif record == "100":
            raise refusals.HeaderRepeated(file=self.file, line=line)
        elif record == "250":
            self._take_register(row)
        elif record == "550":
            if not self.told:
                raise refusals.RecordOutOfOrder(
                    file=self.file, line=line, record="550", needs="250"
                )
        elif record == "900":
            self.ended = True
        else:
            raise refusals.UnknownRecord(file=self.file, line=line, record=record[:20])

    def finish(self) -> Content:
        if not self.line:
            raise refusals.EmptyFile(file=self.file)
        if not self.ended:
            raise refusals.EndMissing(file=self.file, line=self.line)
        if not self.content.register_reads:
            raise refusals.NoInterval(file=self.file, line=self.line)
        return self.content

    def _take_header(self, row: list[str]) -> None:
        if row[0] != "100":
            raise refusals.HeaderMissing(file=self.file, line=self.line)
        if len(row) < 2 or row[1].upper() != "NEM13":
            raise self._bad("VersionHeader", row[1] if len(row) > 1 else "")
        if len(row) > 2 and row[2] and mdff.instant(row[2]) is None:
            self._warn("header_time")
        self.started = True

    def _take_register(self, row: list[str]) -> None:
        self.told = True
        if len(row) < FIELDS:
            raise refusals.WrongFieldCount(
                file=self.file, line=self.line, record="250", found=len(row), expected=FIELDS
            )
        if not row[1]:
            raise self._bad("NMI", row[1])
        if row[7].upper() not in _DIRECTIONS:
            raise self._bad("DirectionIndicator", row[7])
        before, after = self._side(row, 8, "Previous"), self._side(row, 13, "Current")
        if after.at <= before.at:
            raise self._bad("CurrentRegisterReadDateTime", row[14])
        odd = mdff.odd_point(row[1])
        if odd is not None:
            self._warn(odd)
        self._store(row, before, after)

    def _side(self, row: list[str], first: int, which: str) -> _Side:
        dial, at, quality = row[first], mdff.instant(row[first + 1]), row[first + 2].upper()
        if not _DIAL.fullmatch(dial):
            raise self._bad(f"{which}RegisterRead", dial)
        if at is None:
            raise self._bad(f"{which}RegisterReadDateTime", row[first + 1])
        if not mdff.QUALITY.fullmatch(quality) or quality[0] == "V":
            raise self._bad(f"{which}QualityMethod", quality)
        return _Side(Fraction(dial), at, quality[0])

    def _store(self, row: list[str], before: _Side, after: _Side) -> None:
        quantity = decimal(row[18])
        if quantity is None:
            raise self._bad("Quantity", row[18])
        unit = units.named(row[19])
        self.records += 1
        channel = f"{row[1]}/{row[4] or row[3]}"
        missing = "N" in (before.quality, after.quality)
        if unit.base not in _UNITS or missing:
            code = "value_missing" if missing else "unit_unknown"
            facts: dict[str, str | int | None] = {"unit": row[19][:40], "value": row[13]}
            self.content.parked.append(ParkedRecord(self.line, channel, code, facts))
            self._bound()
            return
        exact = Fraction(quantity[0], 10 ** quantity[1])
        self._compare(exact, before, after, row)
        key = (channel, row[6])
        if (*key, before.at, before.dial) not in self.known:
            self.content.register_reads.append(self._read(row, before, unit, opening=True))
        self.known.add((*key, after.at, after.dial))
        self.content.register_reads.append(
            self._read(row, after, unit, advance=exact * unit.factor, since=before.at)
        )
        self._bound()

    def _bound(self) -> None:
        if self.records > READS_MAX:
            raise refusals.TooManyReads(file=self.file, line=self.line, reads_max=READS_MAX)

    def _compare(self, quantity: Fraction, before: _Side, after: _Side, row: list[str]) -> None:
        turn = 10 ** max(len(row[n].partition(".")[0]) for n in (8, 13))
        moved = after.dial - before.dial
        if moved < 0:
            self._warn("register_rolled_over")
            moved += turn
        if moved != quantity:
            self._warn("quantity_differs")

    def _read(
        self,
        row: list[str],
        side: _Side,
        unit: units.Unit,
        *,
        opening: bool = False,
        advance: Fraction | None = None,
        since: int | None = None,
    ) -> RegisterRead:
        exact = side.dial * unit.factor
        return RegisterRead(
            serial=row[6],
            register=row[3],
            at=datetime.fromtimestamp(side.at, UTC),
            value=round_half_up(exact.numerator, exact.denominator),
            unit=unit.base,
            quality=_QUALITIES[side.quality],
            line=self.line,
            usage_point=row[1],
            channel=f"{row[1]}/{row[4] or row[3]}",
            opening=opening,
            advance=advance,
            since=None if since is None else datetime.fromtimestamp(since, UTC),
        )

    def _warn(self, code: str) -> None:
        self.content.warnings[code] = self.content.warnings.get(code, 0) + 1

    def _bad(self, name: str, value: str) -> refusals.BadField:
        return refusals.BadField(file=self.file, line=self.line, field=name, value=value[:40])
