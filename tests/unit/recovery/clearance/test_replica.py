"""The gateway's own copy: whole batches, in order, never behind its own word."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tahseel.kernel.errors import Fault
from tahseel.kernel.ids import CivilIdScheme
from tahseel.recovery.clearance.replica import (
    Change,
    Meta,
    Reader,
    Record,
    ReplicaBroken,
    Writer,
    record_key,
)
from tahseel.recovery.clearance.values import Gate

SCHEME = CivilIdScheme((2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), 11, (("2", 1900), ("3", 2000)), "test")
META = Meta(10, 1_700_000_000_000, "abcdef01", ("electricity", "water"), SCHEME)
ALI, MONA = b"a" * 32, b"m" * 32
DEBT = Record(15_750, "H-2026-AB12CD34")


def test_a_record_is_found_at_its_gate_only(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.rebuild([Change(ALI, Gate.EXIT, DEBT)], META)

    reader = writer.reader()

    assert reader.record(ALI, Gate.EXIT) == DEBT
    assert reader.record(ALI, Gate.VEHICLE) is None
    assert reader.record(MONA, Gate.EXIT) is None
    assert reader.meta() == META


def test_a_release_removes_the_record_and_moves_the_number(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.rebuild([Change(ALI, Gate.EXIT, DEBT)], META)

    writer.apply([Change(ALI, Gate.EXIT, None)], replace(META, sequence=11))
    writer.apply([Change(ALI, Gate.EXIT, None)], replace(META, sequence=11))

    assert writer.reader().record(ALI, Gate.EXIT) is None
    assert writer.meta() == replace(META, sequence=11)


def test_a_batch_that_does_not_continue_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    with pytest.raises(ReplicaBroken):
        writer.apply([Change(ALI, Gate.EXIT, DEBT)], META)
    writer.rebuild([], META)

    for wrong in (replace(META, sequence=9), replace(META, sequence=11, key_id="other")):
        with pytest.raises(ReplicaBroken):
            writer.apply([Change(ALI, Gate.EXIT, DEBT)], wrong)

    assert writer.reader().record(ALI, Gate.EXIT) is None
    assert writer.meta() == META


def test_a_rebuild_forgets_everything_that_is_not_in_it(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.rebuild([Change(ALI, Gate.EXIT, DEBT), Change(ALI, Gate.OTHER, DEBT)], META)

    writer.rebuild([Change(MONA, Gate.EXIT, DEBT)], replace(META, sequence=3))

    assert writer.reader().record(ALI, Gate.EXIT) is None
    assert writer.reader().record(MONA, Gate.EXIT) == DEBT
    assert writer.meta() == replace(META, sequence=3)


def test_a_folder_without_a_replica_is_a_fault_to_retry(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        Reader.open(tmp_path / "nothing")

    assert caught.value.retry


@pytest.mark.parametrize("wrong", [Record(0, "H-1"), Record(5, ""), Record(5, "H" * 17)])
def test_a_record_without_amount_or_reference_is_not_written(wrong: Record) -> None:
    with pytest.raises(ValueError, match="amount"):
        wrong.pack()


def test_a_key_is_made_of_a_whole_blind_index() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        record_key(b"short", Gate.EXIT)


def test_the_gateway_and_its_replica_load_without_django() -> None:
    code = (
        "import sys, tahseel.recovery.clearance.jobs, tahseel.recovery.clearance.client;"
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'psycopg')])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(__file__).parents[4] / "src")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert loaded.stdout.strip() == "[]"
