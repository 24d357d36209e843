"""NEM12: what a sound file holds, and why a broken one is refused whole."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings import formats, summary
from tahseel.consumption.readings.formats import nem12, refusals
from tahseel.consumption.readings.formats.intervals import HELD_MAX
from tahseel.consumption.readings.values import Channel, Flag, Kind
from tahseel.kernel.money import round_half_up

HEAD = "100,NEM12,202401010000,MDP,RET"


def file_of(*records: str, head: str = HEAD, end: str = "900") -> list[str]:
    return [f"{line}\n" for line in (head, *records, end) if line]


def channel_record(
    nmi: str = "NMI1", suffix: str = "E1", unit: str = "kWh", minutes: int = 30
) -> str:
    return f"200,{nmi},E1,1,{suffix},N1,METER1,{unit},{minutes},"


def day(values: list[str], quality: str = "A", when: str = "20240101") -> str:
    return ",".join(["300", when, *values, quality, "", "", "20240102000000", ""])


def flat(value: str = "1", count: int = 48, quality: str = "A", when: str = "20240101") -> str:
    return day([value] * count, quality, when)


def parse(lines: list[str]) -> list[Channel]:
    return nem12.parse(lines, "f.csv")


def refusal(lines: list[str]) -> refusals.FileRefused:
    with pytest.raises(refusals.FileRefused) as caught:
        parse(lines)
    return caught.value


def test_a_day_starts_at_midnight_ten_hours_ahead_of_utc() -> None:
    (channel,) = parse(file_of(channel_record(), flat("0.5")))

    assert (channel.first, channel.last) == (1704031200, 1704117600)  # 2023-12-31T14:00Z, a day
    assert (channel.id, channel.unit, channel.kind) == ("NMI1/E1", "Wh", Kind.IMPORT)
    assert (channel.reads, channel.total(), channel.interval_s) == (48, 24_000, 1800)


@pytest.mark.parametrize(
    ("suffix", "unit", "kind", "base", "total"),
    [
        ("E1", "KWH", Kind.IMPORT, "Wh", 48_000),
        ("E2", "Wh", Kind.IMPORT, "Wh", 48),
        ("B1", "MWh", Kind.EXPORT, "Wh", 48_000_000),
        ("Q1", "kVArh", Kind.REACTIVE, "VArh", 48_000),
        ("K1", "MVARH", Kind.REACTIVE, "VArh", 48_000_000),
        ("V1", "volts", Kind.OTHER, "V", 48),
        ("V1", "", Kind.OTHER, "unknown", 48),
    ],
)
def test_units_are_read_in_any_case(
    suffix: str, unit: str, kind: Kind, base: str, total: int
) -> None:
    (channel,) = parse(file_of(channel_record(suffix=suffix, unit=unit), flat()))

    assert (channel.kind, channel.unit, channel.total()) == (kind, base, total)


@pytest.mark.parametrize("minutes", [1, 5, 10, 15, 30, 60])
def test_any_length_that_divides_a_day_is_taken(minutes: int) -> None:
    count = 1440 // minutes

    (channel,) = parse(file_of(channel_record(minutes=minutes), flat(count=count)))

    assert (channel.reads, channel.interval_s) == (count, minutes * 60)


def test_null_values_are_counted_as_reads_and_as_missing_and_never_as_consumption() -> None:
    records = [flat("2", quality="V"), "400,1,40,A,,", "400,41,48,N,,"]

    (channel,) = parse(file_of(channel_record(), *records, flat("3", quality="N", when="20240102")))

    assert (channel.reads, channel.missing, channel.total()) == (96, 56, 80_000)
    assert channel.flags[40] == Flag.MISSING


def test_event_ranges_say_how_each_value_came_to_be() -> None:
    records = [flat(quality="V"), "400,1,20,F14,76,", "400,21,24,A,,", "400,25,48,E52,1,"]

    (channel,) = parse(file_of(channel_record(), *records))

    assert list(channel.flags) == [Flag.SUBSTITUTED] * 20 + [0] * 4 + [Flag.ESTIMATED] * 24


def test_a_channel_that_comes_again_goes_on() -> None:
    lines = file_of(
        channel_record(),
        flat("1"),
        channel_record(suffix="B1"),
        flat("5"),
        "500,O,S01009,20050310121004,",
        channel_record(unit="Wh"),
        flat("250", when="20240102"),
    )

    channels = {c.id: c for c in parse(lines)}

    assert set(channels) == {"NMI1/E1", "NMI1/B1"}
    assert channels["NMI1/E1"].total() == 48_000 + 12_000


def test_fields_after_the_last_one_and_empty_lines_are_let_be() -> None:
    (channel,) = parse(file_of(channel_record() + ",,,", "", flat() + ",,more,", "\n", ",,,"))

    assert channel.reads == 48


BROKEN = [
    ([], refusals.EmptyFile, 0),
    (file_of(channel_record(), flat(), head=""), refusals.HeaderMissing, 1),
    (file_of(channel_record(), flat(), end=""), refusals.EndMissing, 3),
    (file_of(channel_record(), flat(), HEAD), refusals.HeaderRepeated, 4),
    (file_of(channel_record(), flat(), "900", flat()), refusals.RecordAfterEnd, 5),
    (file_of(), refusals.NoInterval, 2),
    (file_of(channel_record()), refusals.NoInterval, 3),
    (file_of(flat()), refusals.RecordOutOfOrder, 2),
    (file_of("500,O,,,"), refusals.RecordOutOfOrder, 2),
    (file_of(channel_record(), "400,1,48,A,,"), refusals.RecordOutOfOrder, 3),
    (file_of(channel_record(), flat(), "700,x"), refusals.UnknownRecord, 4),
    (file_of(channel_record(), flat(count=47)), refusals.WrongValueCount, 3),
    (file_of(channel_record(), flat(count=96)), refusals.WrongValueCount, 3),
    (file_of(channel_record(), "300,20240101,V,,,20040202,"), refusals.WrongValueCount, 3),
    (file_of(channel_record(), "300,20240101"), refusals.WrongValueCount, 3),
    (file_of(channel_record(), flat("1.2.3")), refusals.ValueNotNumeric, 3),
    (file_of(channel_record(), flat("nan")), refusals.ValueNotNumeric, 3),
    (file_of(channel_record(), flat('"1,5"')), refusals.ValueNotNumeric, 3),
    (file_of(channel_record(), flat("")), refusals.ValueNotNumeric, 3),
    (file_of(channel_record(), flat(quality="X")), refusals.BadField, 3),
    (file_of(channel_record(), flat(when="20240230")), refusals.BadField, 3),
    (file_of(channel_record(nmi=""), flat()), refusals.BadField, 2),
    (file_of(channel_record(suffix=""), flat()), refusals.BadField, 2),
    (file_of(channel_record(minutes=7), flat()), refusals.BadIntervalLength, 2),
    (file_of(channel_record(minutes=0), flat()), refusals.BadIntervalLength, 2),
    (file_of(channel_record(), flat(quality="V")), refusals.EventsMissing, 3),
    (file_of(head="100,NEM99,1,a,b"), refusals.BadField, 1),
    (file_of(head="100,NEM99,1,a,b"), refusals.BadField, 1),
]


@pytest.mark.parametrize(("lines", "kind", "line"), BROKEN)
def test_a_broken_structure_is_refused_with_its_line_in_both_languages(
    lines: list[str], kind: type[refusals.FileRefused], line: int
) -> None:
    caught = refusal(lines)

    assert type(caught) is kind
    assert caught.line == line
    assert caught.in_language("ar") != caught.in_language("en")


@pytest.mark.parametrize(
    "events",
    [
        ["400,1,47,A,,"],
        ["400,2,48,A,,"],
        ["400,1,24,A,,", "400,24,48,A,,"],
        ["400,1,20,A,,", "400,22,48,A,,"],
        ["400,1,48,A,,", "400,49,96,N,,"],
        ["400,48,1,A,,"],
        ["400,0,48,A,,"],
    ],
)
def test_ranges_that_do_not_cover_the_day_exactly_are_refused(events: list[str]) -> None:
    caught = refusal(file_of(channel_record(), flat(quality="V"), *events))

    assert type(caught) is refusals.EventsDoNotCoverDay
    assert 4 <= caught.line <= 5


@pytest.mark.parametrize("event", ["400,x,48,A,,", "400,1,,A,,", "400,1,48,V,,", "400,1,48,,,"])
def test_a_bad_field_of_an_event_is_refused(event: str) -> None:
    assert type(refusal(file_of(channel_record(), flat(quality="V"), event))) is refusals.BadField


def test_the_same_point_in_another_kind_of_unit_is_another_channel() -> None:
    lines = file_of(channel_record(), flat(), channel_record(unit="kVArh"), flat())

    assert [c.id for c in parse(lines)] == ["NMI1/E1", "NMI1/E1/VArh"]


decimals = st.decimals(min_value=-(10**6), max_value=10**9, places=5).map(lambda d: f"{d:f}")


@given(
    days=st.lists(st.lists(decimals, min_size=24, max_size=24), min_size=1, max_size=4),
    unit=st.sampled_from([("Wh", 1), ("kWh", 1000), ("MWh", 1_000_000)]),
)
def test_what_is_written_is_read_and_its_exact_sum_is_rounded_once(
    days: list[list[str]], unit: tuple[str, int]
) -> None:
    first = date(2024, 1, 1)
    records = [
        day(values, when=f"{first + timedelta(days=n):%Y%m%d}") for n, values in enumerate(days)
    ]

    (channel,) = parse(file_of(channel_record(unit=unit[0], minutes=60), *records))

    exact = sum((Fraction(Decimal(v)) * unit[1] for values in days for v in values), Fraction(0))
    assert channel.reads == 24 * len(days)
    assert channel.total() == round_half_up(exact.numerator, exact.denominator)
    assert sum(channel.rounded()) == channel.total()
    for value, text in zip(channel.rounded(), (v for d in days for v in d), strict=True):
        assert abs(value - Fraction(Decimal(text)) * unit[1]) <= 1


def test_the_summary_names_file_line_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("".join(file_of(channel_record(), flat(count=47))))

    line = summary.parse_line(path)

    assert line == {
        "file": str(path),
        "refusal": {
            "code": "wrong_value_count",
            "line": 3,
            "text_ar": "السطر 3: عدد القيم 47 والمطلوب 48 لكل يوم",
            "text_en": "Line 3: 47 interval values where a day has 48",
        },
    }


def test_windows_lines_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "windows.csv"
    text = "".join(file_of(channel_record(), flat())).replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())

    assert formats.parse(path).reads == 48


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end_is_read(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "f.csv"
    text = newline.join(line.strip() for line in file_of(channel_record(nmi="Né1"), flat()))
    path.write_bytes(text.encode(encoding))

    line = summary.parse_line(path)

    assert [c["id"] for c in line["channels"]] == ["Né1/E1"]
    assert line["reads"] == 48


def test_a_line_without_an_end_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"{HEAD}\n200," + "x" * (2 * formats.LINE_CHARS_MAX))

    refusal = summary.parse_line(path)["refusal"]

    assert (refusal["code"], refusal["line"]) == ("not_text", 2)


@pytest.mark.parametrize(
    ("value", "wh"), [("1e-3", 48), ("5E1", 2_400_000), ("0.30000000000000004", 14_400)]
)
def test_numbers_as_spreadsheets_write_them_are_read_exactly(value: str, wh: int) -> None:
    (channel,) = parse(file_of(channel_record(), flat(value)))

    assert channel.total() == wh


@given(
    days=st.lists(
        st.tuples(st.sampled_from(["E1", "B1"]), st.sampled_from("AN"), decimals), max_size=40
    ),
)
def test_a_survey_says_the_same_as_a_parse(days: list[tuple[str, str, str]]) -> None:
    records = []
    for number, (suffix, quality, value) in enumerate([("E1", "A", "1"), *days]):
        when = f"{date(2024, 1, 1) + timedelta(days=number):%Y%m%d}"
        records += [channel_record(suffix=suffix, minutes=5), flat(value, 288, quality, when)]

    kept = nem12.parse(file_of(*records), "f.csv")
    seen = nem12.parse(file_of(*records), "f.csv", keep=False)

    assert sum(len(c.mantissas) for c in seen) <= HELD_MAX
    for one, other in zip(kept, seen, strict=True):
        assert (one.id, one.reads, one.missing, one.total(), one.first, one.last) == (
            other.id,
            other.reads,
            other.missing,
            other.total(),
            other.first,
            other.last,
        )


def test_null_values_may_be_left_empty() -> None:
    cells = ["2"] * 40 + [""] * 8
    records = [day(cells, "V"), "400,1,40,A,,", "400,41,48,N,,"]

    (channel,) = parse(file_of(channel_record(), *records, flat("", quality="N", when="20240102")))

    assert (channel.reads, channel.missing, channel.total()) == (96, 56, 80_000)


def test_a_value_left_empty_outside_the_null_ranges_is_refused() -> None:
    cells = ["2"] * 39 + [""] * 9

    caught = refusal(file_of(channel_record(), day(cells, "V"), "400,1,40,A,,", "400,41,48,N,,"))

    assert (caught.code, caught.line, caught.facts["position"]) == ("value_not_numeric", 3, 40)


def warnings(*records: str, head: str = HEAD) -> dict[str, int]:
    path_like = io.BytesIO("".join(file_of(*records, head=head)).encode())
    return nem12.FORMAT.parse(formats.Source(path_like, "f.csv")).warnings


def test_what_is_odd_and_changes_no_value_is_counted_as_a_warning() -> None:
    point = channel_record(nmi="2001985732")

    assert warnings(point, flat()) == {}
    assert warnings(channel_record(nmi="20019857321"), flat()) == {"nmi_check_digit": 1}
    assert warnings(channel_record(nmi="short"), flat()) == {"nmi_form": 1}
    assert warnings(point, flat(), head="100,NEM12,noon,a,b") == {"header_time": 1}
    assert warnings(point, flat(when="20240102"), flat(), flat()) == {
        "days_out_of_order": 1,
        "day_repeated": 1,
    }


def test_the_end_mark_of_old_systems_is_let_be() -> None:
    (channel,) = parse([*file_of(channel_record(), flat()), "\x1a"])

    assert channel.reads == 48
