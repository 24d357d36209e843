"""IEC 61968-9 MeterReadings: intervals and dials of head-ends, and what is refused or parked."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings import summary
from tahseel.consumption.readings.formats import iec61968, reading_type, refusals, xml_stream
from tahseel.consumption.readings.formats.plugin import Content
from tahseel.consumption.readings.values import Flag, Kind

USED = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"  # energy used in fifteen minutes, kWh
GIVEN = "0.0.7.4.19.1.12.0.0.0.0.0.0.0.0.0.72.0"  # energy given back in an hour, Wh
SHOWN = "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"  # what the dial shows, kWh
WATER = "0.0.7.4.1.9.58.0.0.0.0.0.0.0.0.0.42.0"  # water in an hour, cubic metres
DEMAND = "0.0.7.6.1.1.8.0.0.0.0.0.0.0.0.3.38.0"  # power
NIGHT = "0.0.0.1.1.1.12.0.0.0.2.0.0.0.0.3.72.0"  # the dial of the second tier
SPACE = "http://iec.ch/TC57/2011/MeterReadings#"
METER = "<Meter><mRID>no-1</mRID><Names><name>E1</name></Names></Meter>"


def value(number: str, at: str, *more: str) -> str:
    return f"<timeStamp>{at}</timeStamp><value>{number}</value>{''.join(more)}"


def quality(code: str) -> str:
    return f'<ReadingQualities><ReadingQualityType ref="{code}"/></ReadingQualities>'


def block(code: str, *values: str) -> str:
    inside = "".join(f"<IntervalReadings>{one}</IntervalReadings>" for one in values)
    return f'<IntervalBlocks>{inside}<ReadingType ref="{code}"/></IntervalBlocks>'


def dial(code: str, one: str) -> str:
    return f'<Readings>{one}<ReadingType ref="{code}"/></Readings>'


def reading(*parts: str, meter: str = METER) -> str:
    return f"<MeterReading>{''.join(parts)}{meter}</MeterReading>"


def document(*readings: str) -> bytes:
    return f'<MeterReadings xmlns="{SPACE}">{"".join(readings)}</MeterReadings>'.encode()


def parse(*readings: str, keep: bool = True) -> Content:
    return iec61968.parse(io.BytesIO(document(*readings)), "f.xml", keep=keep)


def epoch(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[misc]


def test_a_time_stamp_is_the_end_of_its_interval() -> None:
    content = parse(
        reading(
            block(
                USED,
                value("0.25", "2026-01-01T00:15:00Z"),
                value("1.5", "2026-01-01T03:30:00+03:00", quality("2.8.0")),
            )
        )
    )

    (channel,) = content.channels
    assert (channel.id, channel.serial, channel.register) == (f"E1/{USED}", "E1", "1.8.0")
    assert (channel.total(), channel.unit, channel.interval_s) == (1_750, "Wh", 900)
    assert list(channel.starts) == [epoch(2026, 1, 1), epoch(2026, 1, 1, 0, 15)]
    assert list(channel.flags) == [Flag.ACTUAL, Flag.ESTIMATED]
    assert (channel.service, channel.kind) == ("electricity", Kind.IMPORT)


def test_a_time_period_says_both_ends_and_a_known_gap_is_missing() -> None:
    ends = "<end>2026-01-01T02:00:00</end><start>2026-01-01T00:00:00</start>"
    content = parse(
        reading(
            block(
                WATER,
                value("2", "2026-01-05T00:00:00", f"<timePeriod>{ends}</timePeriod>"),
                value("", "2026-01-01T03:00:00", quality("5.5.259")),
            )
        )
    )

    (channel,) = content.channels
    assert (channel.service, channel.unit, channel.total()) == ("water", "L", 2_000)
    assert list(channel.durations) == [7_200, 3_600]
    assert list(channel.flags) == [Flag.ACTUAL, Flag.MISSING]
    assert channel.first == epoch(2025, 12, 31, 21)


def test_what_accumulates_is_a_dial_wherever_it_stands() -> None:
    content = parse(
        reading(
            dial(SHOWN, value("100.5", "2026-01-01T00:00:00Z")),
            dial(NIGHT, value("7", "2026-01-01T00:00:00Z", quality("2.8.1"))),
            block(SHOWN.replace(".1.1.1.12", ".9.1.1.12"), value("101", "2026-01-02T00:00:00Z")),
        )
    )

    assert [(r.serial, r.register, r.value, r.quality) for r in content.register_reads] == [
        ("E1", "1.8.0", 100_500, "actual"),
        ("E1", "1.8.2", 7_000, "estimated"),
        ("E1", "1.8.0", 101_000, "actual"),
    ]
    assert content.channels == []


def test_meter_and_usage_point_may_stand_before_and_be_known_by_an_mrid() -> None:
    point = "<UsagePoint><mRID>UP-7</mRID></UsagePoint>"
    one = "<MeterReading>{}{}</MeterReading>"
    content = parse(
        one.format("<Meter><mRID>E9</mRID></Meter>", block(GIVEN, value("5", "2026-01-01T01:00Z"))),
        one.format(point, block(GIVEN, value("6", "2026-01-01T01:00Z"))),
    )

    assert [(c.usage_point, c.serial, c.kind, c.register) for c in content.channels] == [
        ("E9", "E9", Kind.EXPORT, "2.8.0"),
        ("UP-7", "", Kind.EXPORT, "2.8.0"),
    ]


AT = "2026-01-01T01:00:00Z"
UNUSABLE = [
    (reading(block(USED, value("x", AT))), "value_not_numeric"),
    (reading(block(USED, value("", AT))), "value_not_numeric"),
    (reading(block(USED, value("1", "yesterday"))), "time_not_valid"),
    (reading(block(USED, value("1", "0001-01-01T00:00:00"))), "time_not_valid"),
    (reading(block("1.2.3", value("1", AT))), "unit_unknown"),
    (reading(block(USED.replace(".3.72", ".99.72"), value("1", AT))), "unit_unknown"),
    (reading(block(USED.replace("0.0.2", "0.0.0"), value("1", AT))), "interval_without_length"),
    (reading(dial(DEMAND, value("1", AT))), "interval_without_length"),
    (reading(dial(SHOWN, value("-1", AT))), "value_negative"),
    (reading(dial(SHOWN, value("", AT, quality("1.5.259")))), "value_missing"),
    (reading(dial(SHOWN.replace("72.0", "29.0"), value("1", AT))), "not_a_quantity"),
    (reading(block(USED, value("1", AT)), meter=""), "column_empty"),
]


@pytest.mark.parametrize(("bad", "code"), UNUSABLE)
def test_what_cannot_be_used_is_parked_and_the_rest_stands(bad: str, code: str) -> None:
    content = parse(bad, reading(block(USED, value("2", AT))))

    assert [p.code for p in content.parked] == [code]
    assert [c.total() for c in content.channels] == [2_000]


BROKEN = [
    (b"<MeterReadings xmlns='" + SPACE.encode() + b"'><MeterReading>", refusals.BadXml),
    (document(), refusals.NotMeterReadings),
    (document(reading()), refusals.NoInterval),
    (document(reading(block(USED, value("x", AT)))), refusals.NoInterval),
    (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + document(reading()), refusals.DoctypeForbidden),
]


@pytest.mark.parametrize(("data", "kind"), BROKEN)
def test_broken_files_are_refused_whole(data: bytes, kind: type[refusals.FileRefused]) -> None:
    with pytest.raises(kind):
        iec61968.parse(io.BytesIO(data), "f.xml")


def test_a_message_around_it_and_prefixes_change_nothing(tmp_path: Path) -> None:
    text = document(reading(block(USED, value("2", AT)))).decode()
    for word in ("MeterReadings", "MeterReading", "IntervalBlocks", "IntervalReadings", "Meter"):
        for mark in ("<", "</"):
            text = text.replace(f"{mark}{word}>", f"{mark}m:{word}>")
            text = text.replace(f"{mark}{word} xmlns=", f"{mark}m:{word} xmlns:m=")
    path = tmp_path / "message.xml"
    path.write_text(
        '<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Noun>MeterReadings'
        f"</Noun></Header><Payload>{text}</Payload></EventMessage>",
        "utf-8",
    )

    told = summary.parse_line(path)

    assert (told["format"], told["reads"]) == ("iec61968", 1), told
    assert told["channels"][0]["total"] == 2_000


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.decimals(0, 10_000, places=3)), min_size=1, max_size=30
    )
)
def test_totals_are_exact_kept_or_only_counted(values: list[tuple[str, object]]) -> None:
    wanted: dict[str, Fraction] = {}
    readings = []
    for number, (meter, one) in enumerate(values):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * number)
        name = f"<Meter><mRID>{meter}</mRID></Meter>"
        readings.append(reading(block(USED, value(str(one), at.isoformat())), meter=name))
        wanted[meter] = wanted.get(meter, Fraction(0)) + Fraction(str(one)) * 1000

    for keep in (True, False):
        found = {c.serial: c.total() for c in parse(*readings, keep=keep).channels}
        assert found == {meter: int(exact) for meter, exact in wanted.items()}


@given(st.text("<>/=\"' MeterReadingsIntvalBock.Typf0123", max_size=200))
def test_whatever_the_xml_holds_it_is_read_or_refused(text: str) -> None:
    data = document(reading(block(USED, value("1", AT))), text)

    try:
        content = iec61968.parse(io.BytesIO(data), "f.xml")
    except refusals.FileRefused:
        content = None

    assert content is None or content.channels


def test_a_document_in_which_nothing_of_ours_appears_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(iec61968, "UNNAMED_BYTES_MAX", 100_000)
    endless = b"<a>" + b"<b>0</b>" * 100_000 + b"</a>"

    with pytest.raises(refusals.NotMeterReadings):
        iec61968.parse(io.BytesIO(endless), "f.xml")


def test_a_day_may_stand_in_the_first_number_of_a_type() -> None:
    daily = reading_type.parse("11.0.0.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0")

    assert daily is not None
    assert (daily.period_s, daily.dial) == (86_400, False)


def test_elements_are_let_go_as_they_are_read() -> None:
    data = document(*[reading(block(USED, value("1", AT)))] * 500)
    tags = ["{*}MeterReading"]
    held, before = 0, []
    for element in xml_stream.elements(
        io.BytesIO(data), "f", tags=tags, strange=refusals.NotMeterReadings, unnamed_max=1 << 20
    ):
        xml_stream.let_go(element)
        held += len(element)
        before.append(element.getprevious())

    assert (len(before), held) == (500, 0)
    assert set(before) == {None}


@pytest.mark.parametrize(
    ("bound", "parts"),
    [
        ("WAITING_MAX", [block(USED, value("1", AT)), block(USED, value("2", AT))]),
        ("WAITING_MAX", [dial(SHOWN, value("1", AT))] * 2),
        ("PARKED_MAX", [block(USED, value("x", AT), value("y", AT))]),
    ],
)
@pytest.mark.parametrize("keep", [True, False])
def test_a_reading_without_end_is_given_up(
    monkeypatch: pytest.MonkeyPatch, bound: str, parts: list[str], keep: bool
) -> None:
    monkeypatch.setattr(iec61968, bound, 1)

    with pytest.raises(refusals.TooManyReads):
        parse(reading(*parts), keep=keep)


def test_what_waits_is_counted_anew_with_every_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iec61968, "WAITING_MAX", 1)

    content = parse(*[reading(block(USED, value("1", AT)))] * 3, keep=False)

    assert content.channels[0].reads == 3
