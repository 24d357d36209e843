"""Formats of others are found by an entry point or by a setting, and asked after ours."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from tahseel.consumption.readings import formats, summary
from tahseel.consumption.readings.formats import registry
from tahseel.consumption.readings.formats.plugin import Content, Head, Source
from tahseel.consumption.readings.values import RegisterRead
from tahseel.kernel.errors import Broken

HERE = "tests.unit.consumption.readings.test_registry"


class Marks:
    """A format of nobody: a first line of '%marks', then one read a line."""

    code = "marks"

    def detect(self, head: Head) -> bool:
        return head.first_line == "%marks"

    def parse(self, source: Source) -> Content:
        from datetime import UTC, datetime

        with source.lines() as lines:
            values = [int(line) for line in lines if line.strip().isdigit()]
        at = datetime(2026, 1, 1, tzinfo=UTC)
        reads = [
            RegisterRead("M", "1.8.0", at.replace(day=n + 1), value, "Wh", "actual", n + 2)
            for n, value in enumerate(values)
        ]
        return Content(self.code, register_reads=reads)


class Everything(Marks):
    """A careless format that thinks every file its own."""

    code = "everything"

    def detect(self, head: Head) -> bool:
        return True


MARKS, EVERYTHING = Marks(), Everything()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    registry.installed.cache_clear()
    yield
    registry.installed.cache_clear()


def test_a_format_named_in_the_settings_reads_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f").write_text("%marks\n5\n8\n")
    before = summary.parse_line(tmp_path / "f")
    monkeypatch.setenv(registry.VARIABLE, f"{HERE}:MARKS")
    registry.installed.cache_clear()

    line = summary.parse_line(tmp_path / "f")

    assert before["refusal"]["code"] == "unknown_format"
    assert (line["format"], line["reads"], line["channels"][0]["total"]) == ("marks", 2, 3)


def test_a_format_of_an_entry_point_reads_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = EntryPoints([EntryPoint("marks", f"{HERE}:MARKS", registry.GROUP)])
    monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))
    (tmp_path / "f").write_text("%marks\n5\n")

    assert formats.parse(tmp_path / "f").format == "marks"


def test_a_careless_format_of_others_takes_no_file_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(registry.VARIABLE, f"{HERE}:EVERYTHING")
    (tmp_path / "r.csv").write_text("meter,register,at,value,unit\nM,1.8.0,2026-01-01,5,kWh\n")

    assert formats.parse(tmp_path / "r.csv").format == "register_csv"


@pytest.mark.parametrize("name", ["nowhere.at.all:X", f"{HERE}:NOTHING", f"{HERE}:HERE"])
def test_a_format_that_cannot_be_loaded_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(registry.VARIABLE, name)

    with pytest.raises(Broken, match=name):
        registry.installed()
