"""CSV of intervals, long and wide: counted exactly, parked by row, refused for broken columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings import formats, summary
from tahseel.consumption.readings.formats import csv_mapping, interval_csv, refusals, registry
from tahseel.consumption.readings.formats.csv_mapping import OWN_LONG, OWN_WIDE
from tahseel.consumption.readings.formats.plugin import Content
from tahseel.consumption.readings.values import Flag, Kind
from tahseel.kernel.errors import Broken

LONG = "meter,start,minutes,value,unit,quality"
HOURS = ",".join(f"{hour:02d}:00" for hour in range(24))
WIDE = f"meter,register,day,unit,{HOURS}"
UNITS = {"Wh": 1, "kWh": 1000, "m3": 1000, "L": 1, "imperial_gallons": Fraction(454_609, 100_000)}


def long(*rows: str, head: str = LONG, keep: bool = True) -> Content:
    return interval_csv.parse([f"{r}\n" for r in (head, *rows)], "f.csv", OWN_LONG, keep=keep)


def wide(*rows: str, head: str = WIDE) -> Content:
    return interval_csv.parse([f"{r}\n" for r in (head, *rows)], "f.csv", OWN_WIDE)


def test_a_line_an_interval_becomes_a_channel_a_register() -> None:
    content = long(
        "E1,2026-01-01T00:00:00,15,0.250,kWh,",
        "W1,2026-01-01T00:00:00Z,60,2,imperial_gallons,estimated",
        "E1,2026-01-01T00:15:00,15,1.5,kWh,substituted",
        "E1,2026-01-01T00:30:00,15,,kWh,actual",
    )

    energy, water = content.channels
    assert (energy.id, energy.unit, energy.total(), energy.missing) == ("E1/1.8.0", "Wh", 1750, 1)
    assert list(energy.flags) == [Flag.ACTUAL, Flag.SUBSTITUTED, Flag.MISSING]
    assert (energy.interval_s, energy.kind, energy.service) == (900, Kind.IMPORT, "electricity")
    assert energy.first == int(datetime(2025, 12, 31, 21, tzinfo=UTC).timestamp())
    assert (water.unit, water.total(), water.service) == ("L", 9, "water")
    assert list(energy.lines) == [2, 4, 5]


def test_a_line_a_day_holds_every_interval_of_the_day() -> None:
    day = ",".join(str(n) for n in range(24))

    content = wide(f"E1,2.8.0,2026-01-01,kWh,{day}", f"E1,2.8.0,2026-01-02,kWh,{day}")

    (channel,) = content.channels
    assert (channel.reads, channel.total(), channel.kind) == (48, 2 * 276_000, Kind.EXPORT)
    assert (channel.last - channel.first, channel.interval_s) == (2 * 86_400, 3600)


def test_value_columns_may_stand_anywhere_and_nothing_else_is_taken_for_a_value() -> None:
    head = f"unit,{HOURS},day,remark,meter"
    content = wide(f"Wh,{','.join(['1'] * 24)},2026-01-01,99,E1", head=head)

    assert content.channels[0].total() == 24


BAD_ROWS = [
    ("E1,2026-01-01,15,1,kWh", "cell_count_wrong"),
    (",2026-01-01,15,1,kWh,", "column_empty"),
    ("E1,2026-01-01,15,1,,", "column_empty"),
    ("E1,31/01/2026,15,1,kWh,", "time_not_valid"),
    ("E1,0001-01-01,15,1,kWh,", "time_not_valid"),
    ("E1,9999-12-31,15,1,kWh,", "time_not_valid"),
    ("E1,2026-01-01,0,1,kWh,", "interval_without_length"),
    ("E1,2026-01-01,,1,kWh,", "interval_without_length"),
    ("E1,2026-01-01,٥,1,kWh,", "interval_without_length"),
    ("E1,2026-01-01,15,nan,kWh,", "value_not_numeric"),
    ('E1,2026-01-01,15,"1,5",kWh,', "value_not_numeric"),
    ("E1,2026-01-01,15,1,kWh,guess", "quality_unknown"),
]


@pytest.mark.parametrize(("row", "code"), BAD_ROWS)
def test_a_bad_row_is_parked_with_its_line_and_the_good_ones_stand(row: str, code: str) -> None:
    content = long("E1,2026-01-01T00:00,15,1,kWh,", row, "E1,2026-01-01T00:30,15,2,kWh,")

    assert [(p.line, p.code) for p in content.parked] == [(3, code)]
    assert content.channels[0].total() == 3_000


BROKEN = [
    (OWN_LONG, "meter,start,value,unit", refusals.ColumnsMissing),
    (OWN_LONG, LONG, refusals.NoInterval),
    (OWN_WIDE, "meter,day,unit", refusals.WrongValueCount),
    (OWN_WIDE, f"meter,day,unit,{HOURS.replace('13:00', '13:30')}", refusals.BadField),
    (OWN_WIDE, "meter,day,unit," + ",".join(f"{n:02d}:00" for n in range(23)), None),
    (OWN_WIDE, f"meter,day,unit,{','.join(reversed(HOURS.split(',')))}", refusals.BadField),
]


@pytest.mark.parametrize(("mapping", "head", "kind"), BROKEN)
def test_broken_columns_refuse_the_file_whole(
    mapping: csv_mapping.CsvMapping, head: str, kind: type[refusals.FileRefused] | None
) -> None:
    with pytest.raises(kind or refusals.WrongValueCount):
        interval_csv.parse([head + "\n"], "f.csv", mapping)


rows = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]),
        st.integers(0, 200),
        st.decimals(-10_000, 10_000, places=4),
        st.sampled_from(sorted(UNITS)),
    ),
    min_size=1,
    max_size=40,
)


@given(rows=rows)
def test_totals_are_exact_whatever_the_decimals_and_units(rows: list[tuple[Any, ...]]) -> None:
    wanted: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    lines = []
    for meter, step, value, unit in rows:
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * step)
        lines.append(f"{meter},{at.isoformat()},15,{value},{unit},")
        base = "Wh" if unit.endswith("Wh") else "L"
        wanted[meter, base] += Fraction(value) * UNITS[unit]

    kept, counted = long(*lines), long(*lines, keep=False)

    for content in (kept, counted):
        found = {(c.usage_point, c.unit): c.total() for c in content.channels}
        assert found == {key: round_away(exact) for key, exact in wanted.items()}
        assert sum(c.reads for c in content.channels) == len(rows)


def round_away(exact: Fraction) -> int:
    whole = (abs(exact) * 2 + 1) // 2
    return int(whole if exact >= 0 else -whole)


@given(text=st.text('meter,start0123456789\n";:.T-kWh\x00', max_size=300))
def test_whatever_stands_in_a_file_it_is_read_or_refused(text: str) -> None:
    for mapping, head in ((OWN_LONG, LONG), (OWN_WIDE, WIDE)):
        lines = [f"{head}\n", *text.splitlines(keepends=True)]
        content = None
        with suppress(refusals.FileRefused):
            content = interval_csv.parse(lines, "f.csv", mapping)
        assert content is None or sum(c.reads for c in content.channels) > 0


MAPPING = """
code = "head_end"
shape = "wide"
delimiter = ";"
point = ","
times = "%d/%m/%Y"
values = "V01"
[columns]
meter = "MTR"
day = "DATE"
quality = "ST"
[constants]
unit = "kWh"
register = "1.8.0"
[qualities]
G = "actual"
E = "estimated"
"""
FOREIGN = (
    "DATE;MTR;ST;V01;V02;V03\n"
    "01/02/2026;E7;G;1,5;2;2,25\n"
    "02/02/2026;E7;E;1;1;1\n"
    "03/02/2026;E7;X;1;1;1\n"
)


@pytest.fixture
def mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with one mapping, as an installation has it."""
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "head-end.toml").write_text(MAPPING, "utf-8")
    monkeypatch.setenv(registry.MAPPINGS, str(folder))
    registry.installed.cache_clear()
    yield folder
    monkeypatch.undo()
    registry.installed.cache_clear()


def test_somebody_elses_columns_are_read_by_a_mapping(mapped: Path, tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text(FOREIGN, "utf-8")

    parsed = formats.parse(path)

    (channel,) = parsed.channels
    assert (parsed.format, channel.total(), channel.interval_s) == ("head_end", 8_750, 28_800)
    assert list(channel.flags) == [Flag.ACTUAL] * 3 + [Flag.ESTIMATED] * 3
    assert [(p.line, p.code) for p in parsed.parked] == [(4, "quality_unknown")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('shape = "wide"', 'shape = "tall"'),
        ('code = "head_end"', 'code = "Head End"'),
        ('delimiter = ";"', 'delimiter = ","'),
        ('delimiter = ";"', 'delimiter = "7"'),
        ('delimiter = ";"', 'delimiter = "\\n"'),
        ('day = "DATE"', 'date = "DATE"'),
        ('day = "DATE"\n', ""),
        ('E = "estimated"', 'E = "guessed"'),
        ('code = "head_end"', 'code = "head_end"\nzone = "Asia/Nowhere"'),
        ("[columns]", "columns"),
    ],
)
def test_a_mapping_that_is_none_is_told_by_its_name(mapped: Path, old: str, new: str) -> None:
    assert old in MAPPING
    (mapped / "head-end.toml").write_text(MAPPING.replace(old, new), "utf-8")

    with pytest.raises(Broken, match=r"head-end\.toml"):
        registry.installed()


def test_what_a_file_is_follows_from_its_columns(tmp_path: Path) -> None:
    texts = {
        "interval_csv": f"{LONG.upper()}\nE1,2026-01-01,15,1,kWh,\n",
        "interval_csv_wide": f"{WIDE}\nE1,,2026-01-01,kWh,{','.join('1' * 24)}\n",
        "register_csv": "meter,register,at,value,unit\nE1,1.8.0,2026-01-01,1,kWh\n",
    }
    for code, text in texts.items():
        path = tmp_path / f"{code}.csv"
        path.write_text(text, "utf-8")

        told = summary.parse_line(path)

        assert told.get("format") == code, told
        assert told["reads"] in (1, 24)


def test_a_month_of_many_meters_is_counted_in_the_memory_of_a_few_values(tmp_path: Path) -> None:
    path = tmp_path / "month.csv"
    ones = ",".join(["0.5"] * 24)
    with path.open("w") as file:
        file.write(WIDE + "\n")
        for number in range(28):
            day = date(2026, 2, 1 + number)
            file.writelines(f"E{meter},1.8.0,{day},kWh,{ones}\n" for meter in range(50))

    parsed = formats.survey(path)

    assert parsed.reads == 28 * 24 * 50
    assert {c.total() for c in parsed.channels} == {28 * 24 * 500}
    assert max(len(c.mantissas) for c in parsed.channels) <= interval_csv.HELD_MAX + 24


def test_bad_rows_beyond_counting_refuse_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interval_csv, "PARKED_MAX", 2)
    bad = ["E1,never,15,1,kWh,"] * 3

    with pytest.raises(refusals.TooManyReads) as caught:
        long("E1,2026-01-01,15,1,kWh,", *bad)

    assert caught.value.line == 5
