"""Whatever bytes come as a meter file, the answer is a parse or a typed refusal, and it ends."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tahseel.consumption.readings import summary

NEM12 = (
    "100,NEM12,202401010000,MDP,RET\n200,NMI1,E1,1,E1,N1,M1,kWh,60,\n"
    "300,20240101," + "1.5," * 24 + "V,,,,\n400,1,20,A,,\n400,21,24,N,,\n900\n"
).encode()
NEM13 = (
    b"100,NEM13,202401010000,MDP,RET\n250,NEM0000001,11,1,11,11,M1,E,0100.5,20240101100000,A,,,"
    b"0150.5,20240401100000,A,,,50,kWh,20240701,20240402000000,\n550,N,,N,\n900\n"
)
ESPI = (
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="self" href="/UsagePoint/1/Meter'
    b'Reading/1/IntervalBlock/1"/><content><IntervalBlock xmlns="http://naesb.org/espi"><interval>'
    b"<start>0</start><duration>7200</duration></interval><IntervalReading><timePeriod><duration>"
    b"3600</duration><start>0</start></timePeriod><value>5</value></IntervalReading>"
    b"</IntervalBlock></content></entry><entry><link rel='self' href='/ReadingType/1'/><content>"
    b"<ReadingType xmlns='http://naesb.org/espi'><uom>72</uom></ReadingType></content></entry>"
    b"</feed>"
)
CSV = b"meter,register,at,value,unit\nM1,1.8.0,2026-01-01,5,kWh\n"

LONG = (
    b"meter,start,minutes,value,unit,quality\nM1,2026-01-01T00:00,15,0.5,kWh,\n"
    b"M1,2026-01-02,60,1,m3,missing\n"
)
WIDE = b"meter,register,day,unit,00:00,06:00,12:00,18:00\nM1,2.8.0,2026-01-01,kWh,1,2.5,,4\n"
IEC = (
    b'<m:MeterReadings xmlns:m="http://iec.ch/TC57/2011/MeterReadings#"><m:MeterReading>'
    b"<m:IntervalBlocks><m:IntervalReadings><m:timeStamp>2026-01-01T00:15:00Z</m:timeStamp>"
    b"<m:value>0.25</m:value><m:timePeriod><m:end>2026-01-01T00:15:00Z</m:end><m:start>2026-01-01T"
    b"00:00:00Z</m:start></m:timePeriod><m:ReadingQualities><m:ReadingQualityType ref='2.8.0'/>"
    b"</m:ReadingQualities></m:IntervalReadings><m:ReadingType ref='0.0.2.4.1.1.12.0.0.0.0.0.0.0.0."
    b"3.72.0'/></m:IntervalBlocks><m:Meter><m:mRID>M1</m:mRID></m:Meter><m:Readings><m:timeStamp>"
    b"2026-01-01T00:00:00Z</m:timeStamp><m:value>100</m:value><m:ReadingType ref='0.0.0.1.1.1.12.0."
    b"0.0.0.0.0.0.0.3.72.0'/></m:Readings></m:MeterReading></m:MeterReadings>"
)
REASONS = NEM12.replace(b"400,1,20,A,,", b"500,D,S1,20240101101500,9\n400,1,20,A,61,cover")
EVENTS = (
    b'<EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#"><EndDeviceEvent>'
    b"<createdDateTime>2026-01-01T00:15:00Z</createdDateTime><Assets><Names><name>M1</name></Names>"
    b"</Assets><EndDeviceEventDetails><name>clockOffset</name><value>PT4M</value>"
    b'</EndDeviceEventDetails><EndDeviceEventType ref="3.36.116.14"/></EndDeviceEvent>'
    b"</EndDeviceEvents>"
)
SEEDS = [
    (REASONS, ".csv"), (EVENTS, ".xml"),
    (NEM12, ".csv"), (NEM13, ".csv"), (ESPI, ".xml"), (CSV, ".csv"), (LONG, ".csv"),
    (WIDE, ".csv"), (IEC, ".xml"),
]  # fmt: skip

changes = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 30), st.binary(max_size=12)), max_size=6
)


def answer(data: bytes, suffix: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"f{suffix}"
        path.write_bytes(data)
        return summary.parse_line(path)


def told(line: dict[str, Any]) -> bool:
    """A refusal in two languages with its line; or reads that its channels add up to, or events."""
    refusal = line.get("refusal")
    if refusal is not None:
        return {"code", "line", "text_ar", "text_en"} <= set(refusal) and refusal["line"] >= 0
    channels: int = sum(channel["reads"] for channel in line["channels"])
    only_events = line["format"] == "iec61968" and not line["channels"]
    return line["reads"] == channels and (channels > 0 or only_events)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".xml", ".zip"]))
def test_any_bytes_get_an_answer(data: bytes, suffix: str) -> None:
    assert told(answer(data, suffix))


@settings(max_examples=700, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    edits=changes,
)
def test_a_damaged_file_gets_an_answer(
    seed: tuple[bytes, str], edits: list[tuple[int, int, bytes]]
) -> None:
    data, suffix = seed
    for at, length, new in edits:
        data = data[:at] + new + data[at + length :]

    assert told(answer(data, suffix))


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="0123459,.-AVNE \n\r\"'", max_size=300))
def test_any_text_of_the_format_s_letters_gets_an_answer(text: str) -> None:
    assert told(answer(NEM12[:64] + text.encode() + b"\n900\n", ".csv"))


def test_the_seeds_are_sound() -> None:
    for data, _ in SEEDS:
        assert io.BytesIO(data).read(3)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "f"
            path.write_bytes(data)
            assert "refusal" not in summary.parse_line(path)
