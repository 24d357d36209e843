"""Result files of handhelds: what is taken, and twenty ways to be broken."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tahseel.consumption.field import rules
from tahseel.consumption.field.rules import results
from tahseel.consumption.field.values import Fault, ResultRow, Spot

ROUND = UUID(int=77)
CODES = {"nobody_home": object()}
HEAD = "round,meter,at,register,value,no_access,note,latitude,longitude,confirmed"
READ = f"{ROUND},E1,2026-06-10T09:30:00+03:00,1.8.0,00123,,,29.3375,48.0758,"
NOBODY = f"{ROUND},W1,2026-06-10T09:31,,,nobody_home,dog,,,"


def parse(body: bytes) -> tuple[list[ResultRow], list[Fault]]:
    return rules.parse(body, round_id=ROUND, no_access=CODES)


def told(*lines: str) -> tuple[list[ResultRow], list[Fault]]:
    return parse("\n".join(lines).encode())


def test_a_sound_file_tells_reads_and_why_there_is_none() -> None:
    rows, faults = told(HEAD, READ, "", NOBODY)

    assert faults == []
    assert rows == [
        ResultRow(
            2, "E1", "1.8.0", "00123", "", datetime(2026, 6, 10, 6, 30, tzinfo=UTC), "",
            Spot(29_337_500, 48_075_800), confirmed=False,
        ),
        ResultRow(
            4, "W1", "", "", "nobody_home", datetime(2026, 6, 10, 6, 31, tzinfo=UTC), "dog", None,
            confirmed=False,
        ),
    ]  # fmt: skip


def test_columns_come_in_any_order_and_case_and_with_a_mark_of_bytes() -> None:
    body = f"AT,Meter,ROUND,value,register\n2026-06-10,E1,{ROUND},7,1.8.0\n".encode("utf-8-sig")

    rows, faults = parse(body)

    assert faults == []
    assert (rows[0].value, rows[0].at) == ("7", datetime(2026, 6, 9, 21, tzinfo=UTC))


def read(old: str, new: str) -> bytes:
    """A file of one read in which something stands instead of something."""
    assert old in READ
    return f"{HEAD}\n{READ.replace(old, new)}".encode()


def file(*lines: str) -> bytes:
    return "\n".join(lines).encode()


BROKEN = {
    "empty": (b" \n\n", Fault(0, "", "file_empty")),
    "not text": (file(HEAD, "") + b"\xff\xfe\x00", Fault(2, "", "not_text")),
    "zeros": (file(HEAD, READ + "\x00"), Fault(2, "", "not_text")),
    "only a header": (file(HEAD), Fault(0, "", "rows_none")),
    "no meter column": (
        file("round,at,register,value", READ), Fault(1, "meter", "column_missing"),
    ),
    "no value column": (file("round,meter,at", READ), Fault(1, "value", "column_missing")),
    "an unknown column": (file(HEAD + ",colour", READ), Fault(1, "colour", "column_unknown")),
    "a column twice": (file(HEAD + ",note", READ), Fault(1, "note", "column_repeated")),
    "cut short": (file(HEAD, READ[:60]), Fault(2, "", "cell_count_wrong")),
    "a quote that never ends": (file(HEAD, READ, '"' + NOBODY), Fault(3, "", "not_csv")),
    "another round": (read(str(ROUND), str(UUID(int=1))), Fault(2, "round", "other_round")),
    "no meter": (read("E1", ""), Fault(2, "meter", "cell_empty")),
    "no such time": (read("-10T", "-31T"), Fault(2, "at", "time_not_valid")),
    "letters for a value": (read("00123", "12O3"), Fault(2, "value", "value_not_numeric")),
    "a value below zero": (read("00123", "-3"), Fault(2, "value", "value_not_numeric")),
    "neither read nor reason": (
        read("00123", ""), Fault(2, "value", "neither_read_nor_no_access"),
    ),
    "read and reason": (
        read("00123,", "00123,nobody_home"), Fault(2, "no_access", "read_and_no_access"),
    ),
    "an unknown reason": (
        file(HEAD, NOBODY.replace("nobody_home", "bored")),
        Fault(2, "no_access", "no_access_unknown"),
    ),
    "no register": (read("1.8.0", ""), Fault(2, "register", "cell_empty")),
    "off the earth": (read("29.3375", "91"), Fault(2, "latitude", "not_a_place")),
    "half a place": (read("48.0758", ""), Fault(2, "longitude", "not_a_place")),
    "perhaps": (file(HEAD, READ + "perhaps"), Fault(2, "confirmed", "not_yes_or_no")),
    "a dial twice": (file(HEAD, READ, READ), Fault(3, "meter", "row_repeated")),
    "read and then not": (
        file(HEAD, NOBODY, READ.replace("E1", "W1")), Fault(3, "meter", "row_repeated"),
    ),
    "a novel": (
        file(HEAD, NOBODY.replace("dog", "d" * 401)), Fault(2, "note", "cell_too_long"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_whole_with_line_field_and_reason(name: str) -> None:
    body, fault = BROKEN[name]

    rows, faults = parse(body)

    assert rows == []
    assert faults[0] == fault


def test_every_fault_of_a_file_is_told_and_not_the_first_alone() -> None:
    rows, faults = told(HEAD, READ.replace("00123", "x"), NOBODY, READ.replace("T09", "T99"))

    assert rows == []
    assert faults == [Fault(2, "value", "value_not_numeric"), Fault(4, "at", "time_not_valid")]


def test_a_file_has_an_end() -> None:
    large = b"x" * (results.FILE_BYTES_MAX + 1)
    many = "\n".join([HEAD, *(READ.replace("E1", f"E{n}") for n in range(results.ROWS_MAX + 1))])

    assert parse(large)[1] == [Fault(0, "", "file_too_large")]
    assert parse(many.encode())[1] == [Fault(results.ROWS_MAX + 2, "", "rows_too_many")]


def test_no_more_faults_are_told_than_somebody_reads() -> None:
    rows, faults = told(HEAD, *[READ.replace("00123", "x")] * 999)

    assert rows == []
    assert len(faults) == results.FAULTS_MAX


CELLS = st.sampled_from(
    ["", str(ROUND), "E1", "W1", "2026-06-10T09:30", "1.8.0", "00123", "-1", "nobody_home", "x",
     "29.3", "999", "yes", "no", '"', "\u0661\u0662", "a\nb", "9" * 500]
)  # fmt: skip


@given(st.binary(max_size=400))
@example(b'"')
@example(b"\xef\xbb\xbf")
def test_any_bytes_end_in_rows_or_in_faults(body: bytes) -> None:
    rows, faults = parse(body)

    assert bool(rows) != bool(faults)


@given(st.lists(st.lists(CELLS, min_size=8, max_size=11), max_size=12), st.booleans())
def test_any_table_ends_in_rows_or_in_faults(table: list[list[str]], headed: bool) -> None:
    written = io.StringIO()
    out = csv.writer(written)
    if headed:
        out.writerow(HEAD.split(","))
    out.writerows(table)

    rows, faults = parse(written.getvalue().encode())

    assert bool(rows) != bool(faults)
    for row in rows:
        assert bool(row.no_access) != bool(row.value)
        assert row.at.tzinfo is not None


def test_a_file_may_tell_a_broken_seal_and_what_the_meters_clock_showed() -> None:
    head = "round,meter,at,register,value,seal,clock"
    line = f"{ROUND},E1,2026-06-10T09:30:00+03:00,1.8.0,00123,Broken,2026-06-10T09:37:30"

    [row], faults = told(head, line)

    assert faults == []
    assert (row.seal, row.clock) == ("broken", datetime(2026, 6, 10, 6, 37, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("seal", "clock", "fault"),
    [
        ("torn", "", Fault(2, "seal", "seal_unknown")),
        ("", "09:37", Fault(2, "clock", "time_not_valid")),
    ],
)
def test_a_seal_and_a_clock_that_say_nothing_refuse_the_file(
    seal: str, clock: str, fault: Fault
) -> None:
    rows, faults = told(
        "round,meter,at,register,value,seal,clock",
        f"{ROUND},E1,2026-06-10T09:30:00+03:00,1.8.0,00123,{seal},{clock}",
    )

    assert (rows, faults) == ([], [fault])
