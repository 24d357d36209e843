"""Which format a file is, archives within bounds, register reads, and the command."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tahseel.consumption.readings import command, formats
from tahseel.consumption.readings.formats import archive, refusals

NEM12 = (
    "100,NEM12,202401010000,MDP,RET\n200,NMI1,E1,1,E1,N1,M1,kWh,60,\n300,{day},"
    "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,A,,,,\n900\n"
)
READS = """Meter, Register ,at,value,unit,quality
M1,1.8.0,2026-01-01,100.5,kWh,
M1,1.8.0,2026-02-01T00:00:00+03:00,150,kWh,estimated
W1,8.0.1,2026-01-01T00:00:00Z,1000,imperial_gallons,self_read
M1,1.8.0,yesterday,1,kWh,
M1,1.8.0,2026-03-01,-1,kWh,
M1,1.8.0,2026-03-01,1,volts,
M1,,2026-03-01,1,kWh,
M1,1.8.0,2026-03-01,1,kWh,guess
"""


def zipped(tmp_path: Path, members: dict[str, bytes]) -> Path:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(name, data)
    return path


def refused(path: Path) -> refusals.FileRefused:
    with pytest.raises(refusals.FileRefused) as caught:
        formats.parse(path)
    return caught.value


def test_every_member_of_an_archive_is_read_and_channels_are_joined(tmp_path: Path) -> None:
    days = ("20240101", "20240102")
    members = {f"{d}.csv": NEM12.format(day=d).encode() for d in days}

    parsed = formats.parse(zipped(tmp_path, {**members, "__MACOSX/._x": b"junk", "sub/": b""}))

    (channel,) = parsed.channels
    assert (parsed.format, parsed.reads, channel.total()) == ("nem12", 48, 48_000)


def test_one_broken_member_refuses_the_archive_and_is_named(tmp_path: Path) -> None:
    good = NEM12.format(day="20240101").encode()

    caught = refused(zipped(tmp_path, {"good.csv": good, "bad.csv": good[:-5]}))

    assert caught.code == "end_missing"
    assert caught.file.endswith("a.zip/bad.csv")


def test_an_archive_that_unpacks_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "UNPACKED_BYTES_MAX", 10_000)

    assert refused(zipped(tmp_path, {"big.csv": b"0" * 10_001})).code == "file_too_large"


def test_what_an_archive_claims_of_its_sizes_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "UNPACKED_BYTES_MAX", 10_000)
    path = zipped(tmp_path, {"big.csv": b"0" * 50_000})
    path.write_bytes(path.read_bytes().replace((50_000).to_bytes(4, "little"), b"\1\0\0\0"))

    assert refused(path).code in {"bad_archive", "file_too_large"}


def test_damaged_encrypted_nested_and_empty_archives_are_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as z:
        z.writestr("x.csv", "1")
    cases = [
        zipped(tmp_path, {"x.csv": NEM12.encode()}).read_bytes()[:40],
        zipped(tmp_path, {"inner.zip": inner.getvalue()}).read_bytes(),
        zipped(tmp_path, {"only/": b""}).read_bytes(),
    ]
    for data in cases:
        (tmp_path / "case.zip").write_bytes(data)
        assert refused(tmp_path / "case.zip").code == "bad_archive"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.csv", b"", "empty_file"),
        ("blank.xml", b" \n\n", "empty_file"),
        ("prose.csv", b"dear sir, here are my readings", "unknown_format"),
        ("prose.xml", b"dear sir", "bad_xml"),
        ("image.csv", bytes(range(256)) * 4, "unknown_format"),
        ("nohead.csv", b"200,N,E1,1,E1,N1,M,kWh,30,\n900\n", "header_missing"),
        ("nul.csv", b"100,NEM12,\0,a,b\n900\n", "not_text"),
        ("few.csv", b"meter,register,value\n1,2,3\n", "columns_missing"),
        ("none.csv", b"meter,register,at,value,unit\n", "no_interval"),
    ],
)
def test_the_content_decides_what_a_file_is(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(data)

    assert refused(tmp_path / name).code == code


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing.csv").code == "unreadable"


def test_register_reads_are_taken_and_bad_rows_parked(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(READS)

    parsed = formats.parse(tmp_path / "r.csv")

    assert [(r.serial, r.value, r.unit, r.quality) for r in parsed.register_reads] == [
        ("M1", 100_500, "Wh", "actual"),
        ("M1", 150_000, "Wh", "estimated"),
        ("W1", 4546, "L", "self_read"),
    ]
    assert parsed.register_reads[0].at == datetime(2025, 12, 31, 21, tzinfo=UTC)
    assert [(p.line, p.code) for p in parsed.parked] == [
        (5, "time_not_valid"),
        (6, "value_not_numeric"),
        (7, "unit_unknown"),
        (8, "column_empty"),
        (9, "quality_unknown"),
    ]


def test_the_command_writes_one_line_a_file_and_fails_if_any_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(NEM12.format(day="20240101"))
    bad.write_text("100,NEM12\n")
    lines: list[str] = []

    assert command.parse_files([good], lines.append) == 0
    assert command.parse_files([bad, good], lines.append) == 1

    first = json.loads(lines[0])
    assert first == {
        "file": str(good),
        "format": "nem12",
        "reads": 24,
        "missing": 0,
        "channels": [
            {
                "id": "NMI1/E1",
                "unit": "Wh",
                "reads": 24,
                "total": 24_000,
                "first": "2023-12-31T14:00:00Z",
                "last": "2024-01-01T14:00:00Z",
            }
        ],
    }
    assert json.loads(lines[1])["refusal"]["code"] == "end_missing"
    assert "\n" not in lines[0]
