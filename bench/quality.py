"""Promise `quality`: rules find labelled faults in real reads, and estimates keep a month's sum.

Reads that people really sent, cut into months, are taken for sound as they are: whatever a rule
says of them counts as false. Then one fault of a known place is put into each month, one kind after
the other, and reads are taken away and estimated. The limits are the country's, of every class of
customers that has a home; nothing here is fitted to the files.

The folder is named by TAHSEEL_REAL_READS, else `../shared/data` beside the project: any file that
`readings parse` takes, and gzipped CSV of two columns, `start` and `value` in kWh.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from bench import machine
from tahseel.consumption.readings import formats, judging, vee
from tahseel.consumption.readings.blocks import DAY_S, ZONE_S, Ints
from tahseel.consumption.readings.formats.refusals import FileRefused
from tahseel.consumption.readings.values import Channel, Flag, Kind
from tahseel.consumption.readings.vee.batch import Int32
from tahseel.countries.kuwait import country
from tahseel.kernel.quantity import Service

FOLDER = "TAHSEEL_REAL_READS"
SEED, SECTOR = 20_261_127, "private"
DAYS, DAYS_MIN = 30, 10
ROUNDS_FULL, ROUNDS_SHORT = 20, 2
RECALL_MIN, FALSE_MAX, BIAS_MAX = 0.98, 0.005, 0.02
TARGET = "recall >= 0.98 and false positives <= 0.5 % a rule; estimation bias <= 2 % over a month"
SUFFIXES = (".xml", ".csv", ".zip", ".csv.gz")
SERVICES = {"Wh": Service.ELECTRICITY, "L": Service.WATER}


@dataclass(frozen=True, slots=True)
class Month:
    """Whole days of one register, all of which came. usual: base units a day in the days before."""

    service: Service
    interval_s: int
    values: Int32
    usual: int

    @property
    def slots(self) -> int:
        return DAY_S // self.interval_s

    @property
    def days(self) -> int:
        return len(self.values) // self.slots

    def judged(self, values: Int32, dial: Ints | None = None) -> tuple[vee.Judged, Int32]:
        """By all rules of the class; the values as they stand afterwards."""
        known = np.full(self.days + 1, vee.UNKNOWN, np.int64) if dial is None else dial
        batch = vee.Batch(
            values.reshape(1, -1).copy(),
            known.reshape(1, -1),
            np.array([self.usual], np.int64),
            np.zeros(self.slots, np.int8),
        )
        limits = judging.rules().limits(self.service, SECTOR, self.interval_s)
        return vee.judge(batch, limits), batch.values[0]

    def dial(self) -> Ints:
        """A dial read at both ends, and nowhere else."""
        known = np.full(self.days + 1, vee.UNKNOWN, np.int64)
        known[0], known[-1] = 0, int(self.values.astype(np.int64).sum())
        return known


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    judging.install_rules(judging.load_rules(country.content("validation")))
    folder = Path(os.environ.get(FOLDER) or Path(__file__).parents[1].parent / "shared" / "data")
    months, used = real_months(folder)
    if not months:
        raise ValueError(f"no whole months of real intervals; name a folder of them by {FOLDER}")
    say(f"quality: {len(months)} months of {len(used)} registers")
    chance = np.random.default_rng(SEED)
    rounds = ROUNDS_FULL if full else ROUNDS_SHORT
    false, reads_false = false_positives(months)
    found = {name: recall(name, months, rounds, chance) for name in FAULTS}
    biases = {name: bias(share, months, rounds, chance) for name, share in MASKS.items()}
    result = told(found, false, biases)
    return result | {
        "months": len(months),
        "reads": int(sum(len(month.values) for month in months)),
        "registers": used,
        "reads_set_aside_wrongly": reads_false,
        "rounds": rounds,
        "machine": machine.beside(machine.scratch()),
    }


def told(
    found: dict[str, float], false: dict[str, float], biases: dict[str, dict[str, float]]
) -> dict[str, Any]:
    """The promise from the three measurements."""
    least, most = min(found.values()), max(false.values())
    bias_most = max(abs(one["bias"]) for one in biases.values())
    return {
        "name": "quality",
        "figure": round(least, 4),
        "unit": "least recall of a rule",
        "target": TARGET,
        "held": least >= RECALL_MIN and most <= FALSE_MAX and bias_most <= BIAS_MAX,
        "floor": None,
        "peer": None,
        "ratio": None,
        "recall": {name: round(value, 4) for name, value in found.items()},
        "false_share_of_days": {name: round(value, 5) for name, value in false.items()},
        "bias": {n: {k: round(v, 5) for k, v in one.items()} for n, one in biases.items()},
    }


def real_months(folder: Path) -> tuple[list[Month], list[str]]:
    """Months of every register below a folder that has whole days, and what each is called."""
    months: list[Month] = []
    used: list[str] = []
    paths = sorted(p for p in folder.rglob("*") if p.name.lower().endswith(SUFFIXES))
    for path in paths:
        for service, length, known in _registers(path):
            mine = list(_cut(service, length, known))
            months += mine
            if mine:
                used.append(f"{path.name}, {service}, {length} s: {len(mine)} months")
    return months, used


def _registers(path: Path) -> Iterator[tuple[Service, int, dict[int, int]]]:
    """Service, the length of most intervals, and their base units by number since 1970."""
    if path.name.lower().endswith(".gz"):
        yield from _plain(path)
        return
    try:
        channels = formats.parse(path).channels
    except FileRefused:
        return
    for channel in channels:
        if channel.kind == Kind.IMPORT and channel.unit in SERVICES and channel.starts:
            length, known = _numbered(channel)
            if DAY_S % length == 0:
                yield SERVICES[channel.unit], length, known


def _numbered(channel: Channel) -> tuple[int, dict[int, int]]:
    sizes = np.asarray(channel.durations, np.int64)
    length = int(np.bincount(sizes).argmax()) or 1
    at = np.asarray(channel.starts, np.int64) + ZONE_S
    actual = np.frombuffer(bytes(channel.flags), np.uint8) == Flag.ACTUAL
    good = actual & (sizes == length) & (at % length == 0)
    values = np.array(channel.rounded(), np.int64)[good]
    return length, dict(zip((at[good] // length).tolist(), values.tolist(), strict=True))


def _plain(path: Path) -> Iterator[tuple[Service, int, dict[int, int]]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != ["start", "value"]:
            return
        told = [
            (datetime.fromisoformat(row["start"]), Decimal(row["value"]) * 1_000)
            for row in rows
            if row["value"]
        ]
    at = [int(start.timestamp()) + ZONE_S for start, _ in told]
    length = int(np.median(np.diff(at))) if len(at) > 1 else 0
    if length and DAY_S % length == 0:
        numbered = zip(at, told, strict=True)
        yield Service.ELECTRICITY, length, {n // length: round(kwh) for n, (_, kwh) in numbered}


def _cut(service: Service, length: int, known: dict[int, int]) -> Iterator[Month]:
    """Whole days in Kuwait, a month of them at a time, each knowing the usual day of the last."""
    slots = DAY_S // length
    days = sorted({slot // slots for slot in known})
    whole = [d for d in days if all(n in known for n in range(d * slots, (d + 1) * slots))]
    usual = 0
    for run in _runs(whole):
        for first in range(0, len(run), DAYS):
            some = run[first : first + DAYS]
            if len(some) < DAYS_MIN:
                continue
            row = [known[n] for n in range(some[0] * slots, (some[-1] + 1) * slots)]
            if min(row) >= 0 and max(row) <= 2**31 - 1 and sum(row) > 0:
                found = np.array(row, np.int32)
                yield Month(service, length, found, usual)
                usual = sum(row) // len(some)


def _runs(days: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for day in days:
        if run and day != run[-1] + 1:
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def false_positives(months: Sequence[Month]) -> tuple[dict[str, float], int]:
    """By rule the share of sound days that it names; how many sound reads were set aside."""
    named = dict.fromkeys(judging.CODES, 0)
    days = aside = 0
    for month in months:
        found, _ = month.judged(month.values, month.dial())
        days += month.days
        aside += int((found.flags[0] != Flag.ACTUAL).sum())
        for code, rule in judging.CODES.items():
            named[code] += int((found.marks[0] >> rule & 1).sum())
    return {code: count / days for code, count in named.items()}, aside


Put = Callable[[Month, Int32, np.random.Generator], "tuple[Ints | None, range] | None"]


def recall(name: str, months: Sequence[Month], rounds: int, chance: np.random.Generator) -> float:
    """Faults of a kind that its rule names on their days, of those that were put in."""
    rule, put = judging.CODES[name], FAULTS[name]
    done = hit = 0
    for month in months:
        for _ in range(rounds):
            values = month.values.copy()
            fault = put(month, values, chance)
            if fault is None:
                continue
            dial, days = fault
            marks = month.judged(values, dial)[0].marks[0]
            done += 1
            hit += bool((marks[days.start : days.stop] >> rule & 1).any())
    if not done:
        raise ValueError(f"no month into which a fault of the rule {name} could be put")
    return hit / done


def _missing(month: Month, values: Int32, chance: np.random.Generator) -> Any:
    at = int(chance.integers(len(values)))
    values[at : at + int(chance.integers(1, 9))] = vee.MISSING
    return None, range(at // month.slots, at // month.slots + 1)


def _negative(month: Month, values: Int32, chance: np.random.Generator) -> Any:
    at = int(chance.integers(len(values)))
    values[at] = -max(1, int(values[at]))
    return None, range(at // month.slots, at // month.slots + 1)


def _spike(month: Month, values: Int32, chance: np.random.Generator) -> Any:
    """Ten to a hundred times the month's highest value: a digit too many, a counter that jumped."""
    at = int(chance.integers(len(values)))
    values[at] = min(int(month.values.max()) * int(chance.integers(10, 101)), 2**31 - 1)
    return None, range(at // month.slots, at // month.slots + 1)


def _stuck(month: Month, values: Int32, chance: np.random.Generator) -> Any:
    """Nine to twenty-four hours of the same value, near the meter's mean."""
    length = int(chance.integers(9, 25)) * 3_600 // month.interval_s
    at = int(chance.integers(len(values) - length))
    mean = int(month.values.mean())
    if length < 2 or mean < 1:
        return None
    values[at : at + length] = max(1, int(mean * chance.uniform(0.5, 1.5)))
    return None, range(at // month.slots, (at + length - 1) // month.slots + 1)


def _zero(month: Month, values: Int32, chance: np.random.Generator) -> Any:
    """Three to six days without use."""
    days = int(chance.integers(3, 7))
    first = int(chance.integers(month.days - days))
    values[first * month.slots : (first + days) * month.slots] = 0
    return None, range(first, first + days)


def _day(month: Month, values: Int32, chance: np.random.Generator, low: float, high: float) -> Any:
    if not month.usual:
        return None
    day = int(chance.integers(month.days))
    at = slice(day * month.slots, (day + 1) * month.slots)
    wanted = month.usual * chance.uniform(low, high)
    whole = int(month.values[at].astype(np.int64).sum())
    if not whole or month.values[at].max() * wanted / whole > 2**31 - 1:
        return None
    values[at] = np.floor(month.values[at] * (wanted / whole)).astype(np.int32)
    return None, range(day, day + 1)


def _high(month: Month, values: Int32, chance: np.random.Generator) -> Any:
    """A day of four to ten times the usual, in its own shape."""
    return _day(month, values, chance, 4, 10)


def _low(month: Month, values: Int32, chance: np.random.Generator) -> Any:
    """A day of a tenth of the usual or less, in its own shape."""
    return _day(month, values, chance, 0.0, 0.1)


def _sum(month: Month, values: Int32, chance: np.random.Generator) -> Any:
    """The dial moved by five to fifty per cent more or less than the intervals say."""
    dial = month.dial()
    share = chance.uniform(0.05, 0.5) * (1 if chance.random() < 0.5 else -1)
    dial[-1] = int(dial[-1] * (1 + share))
    return dial, range(month.days)


FAULTS: dict[str, Put] = {
    "missing": _missing,
    "negative": _negative,
    "spike": _spike,
    "stuck": _stuck,
    "zero": _zero,
    "high": _high,
    "low": _low,
    "sum": _sum,
}
# How much of a month is taken away, and in stretches of how many hours.
MASKS = {
    "5 % in hours": (0.05, 2),
    "10 % in half days": (0.10, 12),
    "20 % in days": (0.20, 48),
    "a week": (0.23, 168),
}


def bias(
    mask: tuple[float, int], months: Sequence[Month], rounds: int, chance: np.random.Generator
) -> dict[str, float]:
    """What estimating makes of the sum of all months, and how far off nine months of ten stay."""
    share, hours = mask
    estimated = true = 0
    apart: list[float] = []
    for month in months:
        length = max(1, hours * 3_600 // month.interval_s)
        for _ in range(rounds):
            values = month.values.copy()
            for _ in range(max(1, round(len(values) * share / length))):
                at = int(chance.integers(max(1, len(values) - length)))
                values[at : at + length] = vee.MISSING
            limits = judging.rules().estimation.limits(month.interval_s)
            batch = vee.Batch(
                values.reshape(1, -1),
                np.full((1, month.days + 1), vee.UNKNOWN, np.int64),
                np.zeros(1, np.int64),
                np.zeros(month.slots, np.int8),
            )
            made = int(vee.judge(batch, limits).totals.sum())
            whole = int(month.values.astype(np.int64).sum())
            estimated, true = estimated + made, true + whole
            apart.append(abs(made - whole) / whole)
    return {"bias": estimated / true - 1, "p90_a_month": machine.percentile(apart, 0.9)}
