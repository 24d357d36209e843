"""A dry run finds every kind of dirt, tells it in both languages, and writes nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.app.take_on.dirt import DIRT, Found

ARABIC = re.compile("[\u0621-\u064a]")
TOGETHER = (
    "a civil id with a wrong check digit",
    "a negative open item",
    "a day that has not come",
    "a dial value beyond the dial",
    "a second tenant on the same days",
    "two accounts on one unit",
    "a dispute larger than its item",
    "a plan whose parts do not add up",
    "a hold without debt",
    "a line that is too short",
    "an area that is not there",
    "a control total that is missing",
)


def faults_of(folder: Path) -> list[dict[str, Any]]:
    from tahseel.app.take_on import running

    found: list[dict[str, Any]] = []
    running.check(
        mapping_path=folder / "mapping.toml",
        progress=lambda step, lines: None,
        tell=lambda fault: found.append(fault.as_dict()),
    )
    return found


def places(found: list[dict[str, Any]]) -> list[Found]:
    return sorted((f["file"], f["line"], f["field"], f["code"]) for f in found)


def test_a_clean_export_has_no_fault_and_a_dry_run_writes_nothing(
    folder: Path, raw_files: Path, counts: Callable[[], dict[str, int]]
) -> None:
    before = counts()

    found = faults_of(folder)

    assert found == []
    assert counts() == before
    assert not raw_files.exists()


@pytest.mark.parametrize("kind", DIRT)
def test_every_kind_of_dirt_is_found_by_line_field_and_reason_and_nothing_else_is(
    kind: str, folder: Path, counts: Callable[[], dict[str, int]]
) -> None:
    expected = DIRT[kind](folder)
    before = counts()

    found = faults_of(folder)

    differing = [f for f in found if f["code"] == "control_total_differs"]
    told = found if kind.startswith("control total") else [f for f in found if f not in differing]
    assert places(told) == sorted(expected)
    assert all(ARABIC.search(f["text_ar"]) and not ARABIC.search(f["text_en"]) for f in found)
    assert not any("{" in f["text_ar"] + f["text_en"] for f in found)
    assert counts() == before


def test_dirt_of_many_kinds_is_found_together(folder: Path, database: object) -> None:
    expected = [place for kind in TOGETHER for place in DIRT[kind](folder)]

    found = [f for f in faults_of(folder) if f["code"] != "control_total_differs"]

    assert places(found) == sorted(expected)


def test_a_fault_never_repeats_what_identifies_a_person(folder: Path, database: object) -> None:
    DIRT["a civil id with a wrong check digit"](folder)
    DIRT["a mobile number of nowhere"](folder)

    text = str(faults_of(folder))

    assert "292091998297" not in text


def test_a_file_that_is_not_there_is_refused(folder: Path, database: object) -> None:
    from tahseel.app.take_on.mapping import MappingWrong

    (folder / "meters.csv").unlink()

    with pytest.raises(MappingWrong, match="meters"):
        faults_of(folder)


def test_what_is_on_record_is_not_taken_on_again(
    folder: Path, raw_files: Path, tmp_path: Path, database: object
) -> None:
    from tahseel.app import clock
    from tahseel.app.commands.takeon import ACTOR
    from tahseel.app.take_on import running

    running.run(
        actor=ACTOR,
        at=clock.now(),
        mapping_path=folder / "mapping.toml",
        progress=lambda step, lines: None,
    )
    again = shutil.copytree(folder, tmp_path / "again")
    text = (again / "mapping.toml").read_text("utf-8")
    (again / "mapping.toml").write_text(text.replace("old-billing", "another"), encoding="utf-8")

    codes = {(f["entity"], f["field"], f["code"]) for f in faults_of(again)}
    same_system = {(f["entity"], f["field"], f["code"]) for f in faults_of(folder)}

    assert codes == {
        ("persons", "civil_id", "civil_id_on_record"),
        ("persons", "document_number", "document_on_record"),
        ("persons", "registration_number", "on_record"),
        ("units", "paci_number", "on_record"),
        ("units", "number", "on_record"),
        ("meters", "serial", "on_record"),
        ("meters", "seal", "on_record"),
    }
    assert same_system == codes | {
        (e, "key", "on_record") for e in ("persons", "units", "accounts")
    }
