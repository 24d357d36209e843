"""Real files nobody here wrote, against a second parse that shares nothing with the first."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tahseel.consumption.readings import formats, summary

DATA = Path(__file__).parents[4].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the folder ../shared/data with real meter files is not here"
)
US_GALLON = Fraction("3.785411784")
FEEDS = {
    "15minLP_15Days.xml": ("Wh", Fraction(1)),
    "1hrLP_32DaysFiveUsagePoints_M.xml": ("Wh", Fraction(1)),
    "Coastal_Single_Family_Jan_1_2011_to_Jan_1_2012.xml": ("Wh", Fraction(1)),
    "Electric.xml": ("Wh", Fraction(1)),
    "Gas.xml": ("therm", Fraction(1, 1000)),
    "Water.xml": ("L", 1000 * US_GALLON),
}


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_equals_a_count_of_its_text(name: str) -> None:
    unit, scale = FEEDS[name]
    text = (DATA / "green_button" / name).read_text()
    readings = re.findall(r"<IntervalReading>.*?</IntervalReading>", text, flags=re.DOTALL)
    values = [int(re.findall(r"<value>\s*(-?\d+)\s*</value>", r)[0]) for r in readings]

    parsed = formats.parse(DATA / "green_button" / name)

    assert parsed.reads == len(values)
    assert {c.unit for c in parsed.channels} == {unit}
    exact = sum((sum(c.mantissas) * c.scale for c in parsed.channels), Fraction(0))
    assert exact == sum(values) * scale
    assert len(parsed.channels) == (5 if "Five" in name else 1)


def archives() -> list[str]:
    return sorted(p.name for p in (DATA / "nem12").glob("*.zip"))


@pytest.mark.parametrize("name", archives())
def test_an_archive_equals_a_count_of_its_rows(name: str) -> None:
    want: dict[str, Decimal] = {}
    reads = 0
    with zipfile.ZipFile(DATA / "nem12" / name) as z:
        text = z.read(z.namelist()[0]).decode()
    for row in csv.reader(io.StringIO(text)):
        if row[0] == "200":
            key, times = f"{row[1]}/{row[4]}", 1000 if row[7].lower() == "kwh" else 1
            count = 1440 // int(row[8])
        if row[0] == "300":
            total = sum((Decimal(v) for v in row[2 : 2 + count]), Decimal(0)) * times
            want[key] = want.get(key, Decimal(0)) + total
            reads += count

    line = summary.parse_line(DATA / "nem12" / name)

    assert line["reads"] == reads
    assert {c["id"]: c["total"] for c in line["channels"]} == {
        k: int(v.quantize(Decimal(1), "ROUND_HALF_UP")) for k, v in want.items()
    }


@pytest.mark.parametrize(
    ("name", "line", "text_en"),
    [
        ("Example_NEM12_30min_200_15min_300.csv", 3, "96 interval values where a day has 48"),
        ("Example_NEM12_incomplete_interval.csv", 3, "0 interval values where a day has 48"),
    ],
)
def test_a_malformed_file_is_refused_for_the_right_reason(
    name: str, line: int, text_en: str
) -> None:
    refusal = summary.parse_line(DATA / "nem12" / name)["refusal"]

    assert (refusal["code"], refusal["line"]) == ("wrong_value_count", line)
    assert text_en in refusal["text_en"]
    assert f"السطر {line}" in refusal["text_ar"]
