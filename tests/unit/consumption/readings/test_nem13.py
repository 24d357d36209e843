"""NEM13: what registers showed before and show now, and why a broken file is refused whole."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings import formats, summary
from tahseel.consumption.readings.formats import mdff, nem13, refusals
from tahseel.consumption.readings.formats.plugin import Content

HEAD = "100,NEM13,202401010000,MDP,RET"


def record(
    before: str = "0100.5",
    after: str = "0150.5",
    quantity: str = "50",
    *,
    at: tuple[str, str] = ("20240101100000", "20240401100000"),
    quality: tuple[str, str] = ("A", "A"),
    serial: str = "M1",
    unit: str = "kWh",
) -> str:
    return (
        f"250,NEM0000001,11,1,11,11,{serial},E,{before},{at[0]},{quality[0]},,,{after},{at[1]},"
        f"{quality[1]},,,{quantity},{unit},20240701,20240402000000,"
    )


def parse(*records: str, head: str = HEAD, end: str = "900") -> Content:
    return nem13.parse([f"{r}\n" for r in (head, *records, end) if r], "f.csv")


def test_a_record_tells_two_reads_and_counts_as_one() -> None:
    content = parse(record(), "550,N,,N,")

    before, after = content.register_reads
    assert (before.value, after.value, before.unit) == (100_500, 150_500, "Wh")
    assert (before.opening, after.opening) == (True, False)
    assert after.at == datetime(2024, 4, 1, 0, 0, tzinfo=UTC)
    assert (after.since, after.advance) == (before.at, 50_000)
    assert (before.serial, before.register, before.usage_point) == ("M1", "1", "NEM0000001")


def test_a_read_that_ended_one_record_and_begins_the_next_is_told_once() -> None:
    content = parse(
        record(),
        record("0150.5", "0170", "19.5", at=("20240401100000", "20240701100000")),
    )

    assert [r.value for r in content.register_reads] == [100_500, 150_500, 170_000]


@pytest.mark.parametrize("one", [record(quality=("A", "N")), record(unit="furlong")])
def test_a_file_of_which_no_record_can_be_used_is_refused(one: str) -> None:
    with pytest.raises(refusals.NoInterval):
        parse(one)


def test_qualities_become_ours_and_a_null_read_is_parked() -> None:
    content = parse(record(quality=("A", "E64")), record(quality=("A", "N"), serial="M2"))

    assert [r.quality for r in content.register_reads] == ["actual", "estimated"]
    assert [(p.code, p.line) for p in content.parked] == [("value_missing", 3)]


def test_a_dial_that_rolls_over_and_a_quantity_with_a_multiplier_are_counted_as_warnings() -> None:
    rolled = parse(record("9990", "0010", "20"))
    multiplied = parse(record("0100", "0150", "500"))

    assert rolled.warnings == {"register_rolled_over": 1}
    assert multiplied.warnings == {"quantity_differs": 1}
    assert multiplied.register_reads[1].advance == 500_000


BROKEN = [
    ([record()], {"head": ""}, refusals.HeaderMissing, 1),
    ([record()], {"end": ""}, refusals.EndMissing, 2),
    ([record(), HEAD], {}, refusals.HeaderRepeated, 3),
    ([record(), "900", record()], {}, refusals.RecordAfterEnd, 4),
    ([], {}, refusals.NoInterval, 2),
    (["550,N,,N,"], {}, refusals.RecordOutOfOrder, 2),
    (["200,NMI,E1,1,E1,N1,M,kWh,30,"], {}, refusals.UnknownRecord, 2),
    (["250,NMI,11,1,11"], {}, refusals.WrongFieldCount, 2),
    ([record(before="12a")], {}, refusals.BadField, 2),
    ([record(after="-1")], {}, refusals.BadField, 2),
    ([record(after="nan")], {}, refusals.BadField, 2),
    ([record(quantity="")], {}, refusals.BadField, 2),
    ([record(at=("20240101100000", "20240230100000"))], {}, refusals.BadField, 2),
    ([record(at=("20240101100000", "20240101100000"))], {}, refusals.BadField, 2),
    ([record(quality=("A", "V"))], {}, refusals.BadField, 2),
    ([record(quality=("A", "Z"))], {}, refusals.BadField, 2),
]


@pytest.mark.parametrize(("records", "ends", "kind", "line"), BROKEN)
def test_a_broken_structure_is_refused_with_its_line(
    records: list[str], ends: dict[str, str], kind: type[refusals.FileRefused], line: int
) -> None:
    with pytest.raises(refusals.FileRefused) as caught:
        parse(*records, **ends)

    assert type(caught.value) is kind
    assert caught.value.line == line
    assert caught.value.in_language("ar") != caught.value.in_language("en")


dials = st.decimals(min_value=0, max_value=10**6, places=3)


@given(
    registers=st.lists(
        st.tuples(st.sampled_from(["N1", "N2"]), st.lists(dials, min_size=2, max_size=5)),
        min_size=1,
        max_size=5,
    ),
    unit=st.sampled_from([("kWh", 1000), ("Wh", 1), ("MWh", 1_000_000)]),
)
def test_the_summary_equals_a_plain_count_of_the_records(
    tmp_path_factory: pytest.TempPathFactory,
    registers: list[tuple[str, list[Decimal]]],
    unit: tuple[str, int],
) -> None:
    first = datetime(2024, 1, 1)  # noqa: DTZ001 - market time, as the file writes it
    records = []
    for number, (serial, values) in enumerate(registers):
        for place, (before, after) in enumerate(pairwise(values)):
            days = [first + timedelta(days=90 * (10 * number + place + n)) for n in (0, 1)]
            at = (f"{days[0]:%Y%m%d%H%M%S}", f"{days[1]:%Y%m%d%H%M%S}")
            quantity = f"{abs(after - before):f}"
            records.append(
                record(f"{before:f}", f"{after:f}", quantity, at=at, serial=serial, unit=unit[0])
            )
    path = tmp_path_factory.mktemp("nem13") / "f.csv"
    path.write_text("\n".join([HEAD, *records, "900", ""]))

    line = summary.parse_line(path)

    plain = [row for row in csv.reader(io.StringIO(path.read_text())) if row[0] == "250"]
    total = sum((Decimal(row[18]) for row in plain), Decimal(0)) * unit[1]
    assert line["format"] == "nem13"
    assert line["reads"] == len(plain)
    assert line["channels"][0]["total"] == int(total.quantize(Decimal(1), "ROUND_HALF_UP"))
    begins = datetime.strptime(min(row[9] for row in plain), "%Y%m%d%H%M%S")  # noqa: DTZ007
    assert line["channels"][0]["first"] == f"{begins - timedelta(hours=10):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("point", ["2001985732", "QAAAVZZZZZ", "NAAAMYS582"])
def test_a_check_digit_is_one_digit_and_notices_a_changed_one(point: str) -> None:
    digit = mdff.check_digit(point)

    assert digit.isdigit()
    assert mdff.odd_point(point + digit) is None
    assert mdff.odd_point(point + str((int(digit) + 1) % 10)) == "nmi_check_digit"
    assert mdff.odd_point("NMI1") == "nmi_form"


def test_the_published_check_digits_are_found() -> None:
    assert mdff.check_digit("QAAAVZZZZZ") == "3"
    assert mdff.check_digit("2001985732") == "8"
    assert mdff.check_digit("NAAAMYS582") == "6"


def test_the_command_tells_warnings_apart_from_its_answer(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("\n".join([HEAD, record(quantity="7"), "900"]))
    told: list[str] = []

    line = summary.parse_line(path, told.append)

    assert "warnings" not in line
    assert told == [f"{path}: warning quantity_differs, 1 times"]
    assert formats.parse(path).warnings == {"quantity_differs": 1}
