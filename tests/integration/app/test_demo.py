"""The demonstration from outside: one command, one JSON object, books anybody recomputes."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs" / "examples"
FILES = (EXAMPLES / "green-button-day.xml", EXAMPLES / "broken.nem12.csv")
# Measured, fresh every time, or told by processes that ran meanwhile.
LATE = 12  # bills of the days of a factory's certificate that came late
SUPPLIED = 8  # a new house, two building sites, five flats, beside those that were asked for
CHANCE = {"release_ms", "seconds", "sign_ins", "audit_leaves"}


# Takes the mark off a demonstration's database, or puts it back.
MARK = """
import sys
from tahseel.app import runtime
with runtime.running():
    from django.db import connections
    from tahseel.app.demo import mark
    if sys.argv[1] == "off":
        connections["owner"].cursor().execute("drop table demo_mark")
    else:
        mark.make()
"""


def run(var: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return python(var, "-m", "tahseel.app.cli", *words, **more)


def environment(var: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TAHSEEL_")}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "TAHSEEL_ROOT": str(ROOT),
        "TAHSEEL_VAR": str(var),
        **more,
    }


def python(var: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        env=environment(var, **more),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def build(var: Path, *, seed: int) -> dict[str, Any]:
    done = run(
        var, "demo", "--once", "--json", "--accounts", "60", "--seed", str(seed),
        "--as-of", "2026-11-22", "--reads", *map(str, FILES),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("\n") == 1
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def country(var: Path) -> dict[str, Any]:
    return build(var, seed=5)


def test_the_whole_cycle_runs_and_releases_real_payers(country: dict[str, Any]) -> None:
    assert country["accounts"] == 60 + SUPPLIED
    assert country["meters"] >= 60
    assert country["bills"] + country["bills_held"] == 60 * 19
    assert country["bills_held"] >= 2
    assert 0 < country["bills_parked"] <= 2 * SUPPLIED  # supplied of late, and not read yet
    assert country["bills_corrected"] == 1
    assert country["bills_misdirected"] == 1 + LATE - country["bills_corrected"]
    assert country["deposits_left_behind"] == 0
    assert country["billed_fils"] > country["collected_fils"] > 0
    assert country["holds_open"] > 0
    assert country["ledger_balanced"] is True
    assert min(country["release_ms"]) > 0


@pytest.mark.parametrize("month", ["2026-06", "2026-09", "2026-10"])
def test_no_service_point_of_a_month_was_forgotten(
    country: dict[str, Any], var: Path, month: str
) -> None:
    done = run(var, "bill", "proof", "--month", month, "--json")

    told = json.loads(done.stdout)
    assert (done.returncode, told["left"]) == (0, 0)
    assert told["active"] == told["parked"] + told["held"] + told["billed"] + told["excused"]
    assert told["billed"] + told["held"] >= country["accounts"] - SUPPLIED


def test_people_of_the_country_die_leave_are_corrected_protected_and_merged(
    country: dict[str, Any],
) -> None:
    assert country["life_events"] >= 6
    assert country["protections"] == 3
    assert (country["merges"], country["merges_taken_back"]) == (3, 1)
    assert country["rows_merged"] >= 11  # liability, two roles, deposit, contact, paper; twice
    assert country["agreements_annulled"] == 1
    assert country["accounts_under_a_main"] >= 3
    assert country["documents"] >= 4


def test_the_country_uses_what_supply_and_deposits_can_do(country: dict[str, Any]) -> None:
    for what in (
        "refunds_paid", "guarantees_that_end", "estates", "landlords_in_between", "vacancies",
        "accounts_closed", "proxies", "stops", "without_civil_id",
    ):  # fmt: skip
        assert country[what] > 0, what
    assert country["applications"] >= 15
    assert (country["loads_increased"], country["debts_moved"]) == (1, 1)
    assert country["meters_exchanged"] == 2  # by the increase, and one that had served its time


def test_two_rounds_of_readers_went_out_on_the_last_morning(country: dict[str, Any]) -> None:
    assert country["reading_rounds"] == 2
    assert country["meters_read_on_rounds"] > 0


def test_the_lines_of_meter_files_are_those_of_readings_parse(
    country: dict[str, Any], var: Path
) -> None:
    done = run(var, "readings", "parse", *map(str, FILES))

    assert [json.loads(line) for line in done.stdout.splitlines()] == country["files"]
    assert done.returncode == 1
    assert country["files"][1]["refusal"]["text_ar"]


BILLED = frozenset({"bill", "correction"})
"""Where the entries of bills come from; charges, sales and a month's end are told beside them."""


def test_an_outsider_recomputes_the_books_from_the_export(
    country: dict[str, Any], var: Path
) -> None:
    done = run(var, "ledger", "export")
    assert done.returncode == 0, done.stderr
    receivable: dict[str, int] = defaultdict(int)
    owed: dict[str, int] = defaultdict(int)
    billed = 0
    for row in csv.DictReader(io.StringIO(done.stdout)):
        amount = int(row["amount_fils"])
        if row["record"] == "claim":
            owed[row["account_id"]] += int(row["open_fils"])
            continue
        assert amount > 0
        receivable[row["account_id"]] += amount * (row["debit"] == "receivable")
        receivable[row["account_id"]] -= amount * (row["credit"] == "receivable")
        if row["source"] in BILLED:
            billed += amount * row["credit"].startswith("revenue.")
            billed -= amount * row["debit"].startswith("revenue.")

    assert billed == country["billed_fils"]
    assert {k: v for k, v in receivable.items() if v} == {k: v for k, v in owed.items() if v}


def papers(var: Path, folder: Path) -> list[str]:
    return ["bill", "print", "--month", "2026-10", "--out", str(folder), "--json"]


def killed_after(var: Path, folder: Path, files: int) -> None:
    """Start printing, and kill it once some files stand there; its helpers end with it."""
    printing = subprocess.Popen(
        [sys.executable, "-m", "tahseel.app.cli", *papers(var, folder)],
        env=environment(var), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    children: set[int] = set()
    until = time.monotonic() + 120
    while len(list(folder.rglob("*.pdf"))) < files and printing.poll() is None:
        assert time.monotonic() < until
        children |= children_of(printing.pid)
        time.sleep(0.005)
    children |= children_of(printing.pid)
    printing.kill()
    printing.wait()
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < until, "a helper outlived the process that gave it work"
        time.sleep(0.05)


def children_of(process: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found |= {int(child) for child in task.read_text().split()}
    return {child for child in found if b"spawn_main" in command_of(child)}


def command_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def test_printing_that_is_killed_leaves_no_half_bill_and_goes_on(
    country: dict[str, Any], var: Path, tmp_path: Path
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    undisturbed = json.loads(run(var, *papers(var, whole)).stdout)

    for files in (1, 15, 40):
        killed_after(var, broken, files)
        assert not (broken / "list.csv").exists()
        for paper in broken.rglob("*.pdf"):
            assert paper.read_bytes() == (whole / paper.relative_to(broken)).read_bytes()
    done = run(var, *papers(var, broken))

    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert (told["bills"], told["bytes"]) == (undisturbed["bills"], undisturbed["bytes"])
    assert 0 < told["fresh"] < told["bills"]
    assert told["bills"] + country["bills_held"] == country["accounts"] - SUPPLIED
    assert (broken / "list.csv").read_bytes() == (whole / "list.csv").read_bytes()
    assert list(broken.rglob("*.partial")) == []


def test_the_audit_log_of_the_country_is_sound(country: dict[str, Any], var: Path) -> None:
    found = json.loads(run(var, "audit", "verify", "--json").stdout)

    assert found["sound"] is True
    assert found["leaves"] >= country["audit_leaves"] > 0


def test_reads_of_an_unknown_meter_wait_until_it_is_linked_and_are_then_replayed(
    country: dict[str, Any], var: Path
) -> None:
    assert country["accounts"]
    file = str(EXAMPLES / "interval-week.nem12.csv")

    taken = json.loads(run(var, "readings", "import", "--json", file).stdout)
    again = json.loads(run(var, "readings", "import", "--json", file).stdout)
    point = taken["channels"][0]["id"].split("/")[0]
    linked = run(var, "readings", "link", point, "KE00000001")
    replayed = json.loads(run(var, "readings", "replay", "--json").stdout)
    nobody = run(var, "readings", "link", point, "KE99999999")

    assert (taken["stored"], taken["parked"]) == (0, taken["reads"])
    assert again["state"] == "known"
    assert linked.returncode == 0, linked.stderr
    assert replayed["stored"] == taken["reads"]
    assert "unknown_meter" not in replayed["parked"]
    assert nobody.returncode == 1
    assert "العداد" in nobody.stderr


def test_the_same_seed_and_day_make_the_same_country_and_another_seed_another(
    country: dict[str, Any], var: Path
) -> None:
    again, other = build(var, seed=5), build(var, seed=6)

    def plain(told: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in told.items() if k not in CHANCE}

    assert plain(again) == plain(country)
    assert other["billed_fils"] != country["billed_fils"]


def test_a_database_that_no_demonstration_made_is_left_alone(
    country: dict[str, Any], var: Path
) -> None:
    before = run(var, "ledger", "export").stdout
    taken_off = python(var, "-c", MARK, "off")

    refused = run(var, "demo", "--once", "--accounts", "60")

    put_back = python(var, "-c", MARK, "on")
    assert (taken_off.returncode, put_back.returncode) == (0, 0), taken_off.stderr
    assert refused.returncode == 1
    assert "no demonstration made" in refused.stderr
    assert run(var, "ledger", "export").stdout == before != ""


@pytest.mark.parametrize("place", ["{}", "file://{}", "s3://bucket/lake"])
def test_a_lake_that_lies_elsewhere_is_not_emptied(tmp_path: Path, place: str) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / "reads.parquet").write_text("a nation's")

    refused = run(
        tmp_path / "var", "demo", "--once", "--accounts", "60", TAHSEEL_LAKE=place.format(lake)
    )

    assert refused.returncode == 1
    assert "unset TAHSEEL_LAKE" in refused.stderr
    assert (lake / "reads.parquet").read_text() == "a nation's"
