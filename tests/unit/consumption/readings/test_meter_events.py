"""What files say happened to a meter: reasons and works of NEM12, events of IEC 61968-9."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings import incidents
from tahseel.consumption.readings.formats import iec61968, nem12, refusals
from tahseel.consumption.readings.formats.plugin import Content, Source
from tahseel.consumption.readings.values import MeterEvent
from tahseel.countries.kuwait import country

SPACE = "http://iec.ch/TC57/2011/"
DAY_START = 1704031200  # 2024-01-01 in the market's zone, ten hours ahead of UTC
BOOK = incidents.load(country.content("meter_events"))


def market(*records: str, keep: bool = True) -> Content:
    head = ["100,NEM12,202401010000,MDP,RET", "200,NMI1,E1,1,E1,N1,METER1,kWh,60,"]
    data = "\n".join([*head, *records, "900"]).encode()
    return nem12.FORMAT.parse(Source(io.BytesIO(data), "f.csv", keep=keep))


def day(quality: str = "A", reason: str = "", text: str = "") -> str:
    return ",".join(["300", "20240101", *["1"] * 24, quality, reason, text, "", ""])


def message(*events: str) -> bytes:
    inside = "".join(f"<EndDeviceEvent>{one}</EndDeviceEvent>" for one in events)
    return f'<EndDeviceEvents xmlns="{SPACE}EndDeviceEvents#">{inside}</EndDeviceEvents>'.encode()


def event(code: str, at: str = "2026-05-03T10:00:00+03:00", *more: str, meter: str = "E1") -> str:
    named = f"<Assets><Names><name>{meter}</name></Names></Assets>" if meter else ""
    kind = f'<EndDeviceEventType ref="{code}"/>'
    return f"<createdDateTime>{at}</createdDateTime>{named}{''.join(more)}{kind}"


def device(data: bytes) -> Content:
    return iec61968.parse(io.BytesIO(data), "f.xml")


def test_a_reason_of_a_day_is_an_event_of_that_day() -> None:
    [told] = market(day(reason="61", text="Cover prised open")).events

    assert (told.code, told.serial, told.usage_point) == ("nem12:61", "METER1", "NMI1")
    assert (told.at, told.until, told.line) == (DAY_START, DAY_START + 86_400, 3)
    assert told.details == {"text": "Cover prised open"}


def test_a_reason_of_a_range_holds_for_the_range() -> None:
    content = market(day("V"), "400,1,20,A,,", "400,21,24,F14,79,")

    [told] = content.events

    assert (told.code, told.at, told.until) == (
        "nem12:79", DAY_START + 20 * 3600, DAY_START + 24 * 3600,
    )  # fmt: skip
    assert content.channels[0].total() == 24_000


def test_works_on_the_meter_are_events_and_reads_are_none() -> None:
    found = market(day(), "500,D,S01,20240101101500,123.4", "500,N,S02,20240101101500,", "500,G,,,")

    [told] = found.events
    assert (told.code, told.at, told.details) == (
        "nem12:D", DAY_START + 10 * 3600 + 900, {"order": "S01", "index": "123.4"},
    )  # fmt: skip
    assert found.warnings == {"nmi_form": 1}


@pytest.mark.parametrize(
    ("record", "warning"),
    [
        ("500,X,,20240101101500,", "b2b_details"),
        ("500,D,,2024-01-01,", "b2b_details"),
        ("500", "b2b_details"),
        ("400,1,24,A,abc,", "reason_code"),
        ("400,1,24,A,1234,", "reason_code"),
    ],
)
def test_an_event_that_is_not_well_formed_is_a_warning_and_changes_no_value(
    record: str, warning: str
) -> None:
    content = market(day("V") if record.startswith("400") else day(), record)

    assert content.warnings[warning] == 1
    assert content.events == []
    assert content.channels[0].total() == 24_000


def test_a_day_without_a_reason_tells_nothing_and_a_survey_keeps_nothing() -> None:
    assert market(day(), "500,O,,,").events == []
    assert market(day(reason="0")).events == []
    assert market(day(reason="61"), keep=False).events == []


def test_a_message_of_events_is_read_without_any_value() -> None:
    detail = (
        "<EndDeviceEventDetails><name>clockOffset</name><value>-240</value></EndDeviceEventDetails>"
    )
    content = device(message(event("3.12.141.212"), event("3.36.116.14", "2026-05-04", detail)))

    opened, read = content.events

    assert (opened.serial, opened.code) == ("E1", "cim:12.141.212")
    assert opened.at == int(datetime(2026, 5, 3, 7, tzinfo=UTC).timestamp())
    assert (read.code, read.details) == ("cim:36.116.14", {"clockOffset": "-240"})
    assert (content.channels, content.register_reads, content.parked) == ([], [], [])


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (event("3.12"), "event_type_unknown"),
        (event("a.b.c.d"), "event_type_unknown"),
        (event("3.12.141.212", "yesterday"), "time_not_valid"),
        (event("3.12.141.212", "0001-01-01"), "time_not_valid"),
        (event("3.12.141.212", meter=""), "column_empty"),
    ],
)
def test_an_event_that_is_not_well_formed_is_parked_with_its_reason(told: str, reason: str) -> None:
    content = device(message(told, event("3.12.141.212")))

    assert [one.code for one in content.parked] == [reason]
    assert len(content.events) == 1


def test_events_inside_a_reading_belong_to_its_meter() -> None:
    inside = f"<EndDeviceEvents>{event('3.26.38.85', meter='')}</EndDeviceEvents>"
    data = (
        f'<MeterReadings xmlns="{SPACE}MeterReadings#"><MeterReading>{inside}'
        "<Meter><Names><name>E7</name></Names></Meter></MeterReading></MeterReadings>"
    )

    [told] = device(data.encode()).events

    assert (told.serial, told.code) == ("E7", "cim:26.38.85")


def test_a_value_delivered_before_its_own_instant_says_that_the_clock_runs_ahead() -> None:
    def reading(at: str, reported: str) -> str:
        return (
            f"<Readings><timeStamp>{at}</timeStamp><value>5</value><reportedDateTime>{reported}"
            '</reportedDateTime><ReadingType ref="0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"/>'
            "</Readings>"
        )

    late = reading("2026-05-01T00:00:00Z", "2026-05-01T00:09:00Z")
    early = reading("2026-05-02T00:10:00Z", "2026-05-02T00:00:00Z")
    data = (
        f'<MeterReadings xmlns="{SPACE}MeterReadings#"><MeterReading><Meter><mRID>E7</mRID></Meter>'
        f"{late}{early}</MeterReading></MeterReadings>"
    )

    [told] = device(data.encode()).events

    assert (told.code, BOOK.drift_of(told.details)) == ("cim:ahead", 600)


def test_a_file_of_events_that_declares_an_entity_is_refused() -> None:
    data = b'<!DOCTYPE a [<!ENTITY x "y">]>' + message(event("3.12.141.212"))

    with pytest.raises(refusals.DoctypeForbidden):
        device(data)


def test_every_kind_has_names_in_both_languages_a_source_and_codes_of_its_own() -> None:
    assert set(BOOK.about("tamper")) > {"seal_missing", "tampered", "cover_opened"}
    for one in BOOK.kinds.values():
        assert re.search("[؀-ۿ]", one.name_ar)
        assert one.name_en.isascii()
        assert one.source
        assert all(BOOK.kind_of(code) == one.code for code in one.codes)
    assert BOOK.kind_of("nem12:18") == "other"


def test_a_code_that_means_two_kinds_is_no_book() -> None:
    content = country.content("meter_events").replace(b'"nem12:60"', b'"nem12:61"')

    with pytest.raises(ValueError, match="one kind"):
        incidents.load(content)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("-240", -240), ("+90", 90), ("PT4M", 240), ("-PT1H0.5S", -3600), ("P1D", 86_400),
     ("P", None), ("soon", None), ("9" * 12, None), ("", None)],
)  # fmt: skip
def test_a_drift_is_seconds_or_a_duration(text: str, seconds: int | None) -> None:
    assert BOOK.drift_of({"ClockOffset": text}) == seconds


@given(st.text(max_size=12), st.text(max_size=12))
def test_whatever_stands_in_the_fields_is_an_event_or_a_warning(code: str, text: str) -> None:
    clean = re.sub(r'[,"\r\n\0\x1a]', "", code), re.sub(r'[,"\r\n\0]', "", text)

    content = market(day("V"), f"400,1,24,A,{clean[0]},{clean[1]}", f"500,{clean[1]},,{clean[0]},")

    assert content.channels[0].total() == 24_000
    assert all(isinstance(one, MeterEvent) for one in content.events)
    assert len(content.events) + content.warnings.get("reason_code", 0) <= 2
