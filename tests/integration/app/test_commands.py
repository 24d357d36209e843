"""The commands as scripts meet them: JSON only on stdout, refusals in both languages, exit 1."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tahseel.app.embedded import EmbeddedServer
from tahseel.consumption.readings import judging
from tahseel.kernel.period import local_day

ROOT = Path(__file__).resolve().parents[3]
BOOK = ROOT / "src/tahseel/countries/kuwait/data/tariffs/applied-2017.toml"
COMMANDS = (
    "demo", "test", "serve", "worker", "gateway",
    "readings parse", "readings import", "readings link", "readings replay",
    "readings validate",
    "meters lots", "meters lot",
    "feeds run", "feeds status", "feeds parked", "feeds replay", "feeds dismiss",
    "takeon check", "takeon run", "takeon status", "takeon report", "takeon faults",
    "takeon submit", "takeon find",
    "tariffs rate", "bill run", "collections notify", "clearance hold",
    "ledger export", "ledger check", "ledger checkpoint", "ledger trial",
    "ledger close", "ledger accrue", "audit verify", "bench",
)  # fmt: skip
USAGE = """account,from,to,quantity,attributes
A-1,2026-01-01,2026-02-01,1000,sector=private
A-2,2026-01-01,2026-02-01,not a number,sector=private
A-3,2026-01-01,2026-02-01,2500.5,sector=private;service=water
"""


def nem12(day: str = "20260110", *, last: str = "900") -> str:
    values = ",".join("0.5" for _ in range(48))
    return (
        "100,NEM12,202601110000,US,THEM\n"
        f"200,POINT-1,E1,E1,E1,N1,METER-1,kWh,30,\n300,{day},{values},A,,,20260111000000,\n{last}\n"
    )


@dataclass(frozen=True)
class Installation:
    """A data folder of this file's own, and the commands run over it."""

    var: Path

    def __call__(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TAHSEEL_")}
        ours = {
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
            "TAHSEEL_ROOT": str(ROOT),
            "TAHSEEL_VAR": str(self.var),
            "COLUMNS": "200",
        }
        return subprocess.run(
            [sys.executable, "-m", "tahseel.app.cli", *words],
            env={**kept, **ours, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The server stays up from the first command to the last."""
    var = tmp_path_factory.mktemp("installation")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAHSEEL_VAR", str(var))
        server = EmbeddedServer()
    with server:
        yield Installation(var)


def is_arabic(text: str) -> bool:
    return any("\u0621" <= letter <= "\u064a" for letter in text)


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "test"])
def test_every_command_tells_what_it_does(run: Installation, command: str) -> None:
    done = run(*command.split(), "--help")

    assert done.returncode == 0, done.stderr
    assert command in done.stdout
    assert len(done.stdout.split()) > 12


def test_the_list_of_commands_names_them_all(run: Installation) -> None:
    done = run("--help")

    assert all(name.split()[0] in done.stdout for name in COMMANDS)


def test_an_unknown_command_and_a_wrong_option_are_told_on_stderr(run: Installation) -> None:
    for words in (["no-such-command"], ["demo", "--acounts", "5"], ["demo", "--accounts", "2"]):
        done = run(*words)

        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr


def test_reads_without_a_file_is_told_before_anything_is_touched(run: Installation) -> None:
    done = run("demo", "--reads", "--once")

    assert done.returncode == 2
    assert "--reads" in done.stderr


def test_a_missing_file_of_reads_is_refused_in_both_languages(
    run: Installation, tmp_path: Path
) -> None:
    done = run("demo", "--once", "--json", "--reads", str(tmp_path / "none.xml"))

    assert done.returncode == 1
    assert done.stdout == ""
    assert "none.xml" in done.stderr
    assert is_arabic(done.stderr)
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_told_before_anything_is_touched(run: Installation, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        pages = taken if taken <= 65_530 else taken - 5

        done = run("demo", "--port", str(pages), "--json", TAHSEEL_VAR=str(tmp_path / "var"))

    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "port_taken" in done.stderr
    assert f"Port {taken} " in done.stderr
    assert is_arabic(done.stderr)
    assert not (tmp_path / "var").exists()


def test_parsing_goes_on_after_a_refused_file_and_says_so_in_both_languages(
    run: Installation, tmp_path: Path
) -> None:
    good, broken, missing = (tmp_path / name for name in ("good.csv", "broken.csv", "none.csv"))
    good.write_text(nem12())
    broken.write_text(nem12(last=""))

    done = run("readings", "parse", str(broken), str(missing), str(good), "--json")

    assert done.returncode == 1
    refused, absent, read = objects(done)
    assert is_arabic(refused["refusal"]["text_ar"])
    assert refused["refusal"]["code"]
    assert refused["refusal"]["text_en"].isascii()
    assert set(refused["refusal"]) >= {"code", "line", "text_ar", "text_en"}
    assert absent["refusal"]["code"]
    assert (read["reads"], read["missing"], read["format"]) == (48, 0, "nem12")
    (channel,) = read["channels"]
    assert {"id", "unit", "reads", "total", "first", "last"} <= set(channel)
    assert (channel["total"], channel["unit"]) == (24_000, "Wh")
    assert channel["first"] == "2026-01-09T14:00:00Z"


def test_all_files_good_is_exit_nought(run: Installation, tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(nem12().replace("POINT-1", "6305000001"))

    done = run("readings", "parse", str(good))

    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_parsing_needs_no_database(run: Installation, tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(nem12())

    done = run("readings", "parse", str(good), TAHSEEL_DATABASE_URL="postgresql://127.0.0.1:9/no")

    assert done.returncode == 0


def test_importing_twice_changes_nothing_and_a_refused_file_stops_nobody(
    run: Installation, tmp_path: Path
) -> None:
    broken, good = tmp_path / "a-broken.csv", tmp_path / "b-good.csv"
    broken.write_text(nem12("20260212", last=""))
    good.write_text(nem12("20260211"))

    first = run("readings", "import", "--json", str(broken), str(good))
    second = run("readings", "import", "--json", str(broken), str(good))

    assert (first.returncode, second.returncode) == (1, 1)
    refused, taken = objects(first)
    assert is_arabic(refused["refusal"]["text_ar"])
    assert (taken["stored"], taken["parked"]) == (0, 48)
    again, known = objects(second)
    assert again["refusal"] == refused["refusal"]
    assert known["state"] == "known"
    verified = objects(run("audit", "verify", "--json"))[0]
    assert verified["sound"] is True


def test_a_month_without_intervals_names_no_meter_and_a_month_that_is_none_is_refused(
    run: Installation,
) -> None:
    nothing = run("readings", "validate", "--month", "2026-02", "--json")
    wrong = run("readings", "validate", "--month", "2026-13", "--json")

    (told,) = objects(nothing)
    assert (nothing.returncode, told["month"]) == (0, "2026-02")
    rules = {*judging.CODES, *judging.COMPARING, judging.MULTIPLIER}
    assert set(told["meters"]) == rules
    assert set(told["meters"].values()) == {0}
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_the_raw_bytes_of_a_refused_file_are_kept(run: Installation, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text(nem12("20260213", last=""))
    mark = hashlib.sha256(broken.read_bytes()).hexdigest()

    done = run("readings", "import", "--json", str(broken))

    assert done.returncode == 1
    kept = [file for file in (run.var / "raw").rglob("*") if mark in str(file)]
    assert [file.read_bytes() for file in kept if file.is_file()] == [broken.read_bytes()]


def test_rating_prints_lines_and_totals_and_the_rows_it_refuses(
    run: Installation, tmp_path: Path
) -> None:
    usage = tmp_path / "usage.csv"
    usage.write_text(USAGE)

    done = run("tariffs", "rate", "--book", str(BOOK), "--usage", str(usage), "--json")

    assert done.returncode == 1
    (told,) = objects(done)
    assert [bill["account"] for bill in told["bills"]] == ["A-1", "A-3"]
    assert told["bills"][0]["total_fils"] == 2_000
    assert told["total_fils"] == sum(bill["total_fils"] for bill in told["bills"])
    (refused,) = told["refused"]
    assert (refused["line"], refused["account"]) == (3, "A-2")
    assert is_arabic(refused["text_ar"])


def test_rating_sound_usage_is_exit_nought_and_a_table_without_json(
    run: Installation, tmp_path: Path
) -> None:
    usage = tmp_path / "usage.csv"
    usage.write_text("\n".join(USAGE.splitlines()[:2]) + "\n")

    done = run("tariffs", "rate", "--book", str(BOOK), "--usage", str(usage))

    assert done.returncode == 0, done.stderr
    assert "2.000" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("book", "usage"),
    [
        ("not = a book", USAGE),
        (None, "account,quantity\nA-1,5\n"),
        (None, USAGE.replace("A-2", "\udce9")),
        (None, None),
    ],
    ids=["a broken book", "other columns", "no text", "no file"],
)
def test_what_cannot_be_rated_at_all_is_refused_in_both_languages(
    run: Installation, tmp_path: Path, book: str | None, usage: str | None
) -> None:
    book_file, usage_file = tmp_path / "book.toml", tmp_path / "usage.csv"
    book_file.write_text(BOOK.read_text() if book is None else book)
    if usage is not None:
        usage_file.write_bytes(usage.encode(errors="surrogateescape"))

    done = run("tariffs", "rate", "--book", str(book_file), "--usage", str(usage_file), "--json")

    assert done.returncode == 1
    assert done.stdout == ""
    assert is_arabic(done.stderr)
    assert "Traceback" not in done.stderr


def test_the_books_of_an_empty_installation_are_a_header_and_no_json_lines(
    run: Installation,
) -> None:
    table, lines = run("ledger", "export"), run("ledger", "export", "--json")

    assert table.returncode == lines.returncode == 0
    assert table.stdout.splitlines()[0].startswith("record,account_id,id,version,debit,credit")
    assert len(table.stdout.splitlines()) == 1
    assert lines.stdout == ""


def test_a_bill_run_over_nobody_prints_a_report(run: Installation) -> None:
    done = run("bill", "run", "--month", "2026-01", "--json")

    assert done.returncode == 0, done.stderr
    (told,) = objects(done)
    assert (told["month"], told["accounts"], told["bills"]) == ("2026-01", 0, 0)
    assert (told["total_fils"], told["parked"]) == (0, {})


@pytest.mark.parametrize("month", ["2026-13", "January"])
def test_a_month_that_is_none_is_told(run: Installation, month: str) -> None:
    done = run("bill", "run", "--month", month)

    assert done.returncode == 2
    assert "--month" in done.stderr
    assert done.stdout == ""


def test_a_database_that_is_away_is_a_fault_in_one_line_with_exit_two(run: Installation) -> None:
    for url in ("postgresql://u:secret@127.0.0.1:9/none", "no address at all"):
        done = run("audit", "verify", "--json", TAHSEEL_DATABASE_URL=url)

        assert done.returncode == 2
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert "fault:" in done.stderr
        assert "secret" not in done.stderr


TUESDAY, FRIDAY = date(2026, 3, 10), date(2026, 3, 13)


def on(day: date) -> dict[str, str]:
    """The environment in which today is a day."""
    return {"TAHSEEL_CLOCK_SHIFT_DAYS": str((day - local_day(datetime.now(UTC))).days)}


@pytest.mark.parametrize("command", ["collections notify", "clearance hold"])
def test_a_daily_job_by_hand_is_done_once_a_day(run: Installation, command: str) -> None:
    first = run(*command.split(), "--json", **on(TUESDAY))
    again = run(*command.split(), "--json", "--day", TUESDAY.isoformat(), **on(TUESDAY))

    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    (done,), (left_alone,) = objects(first), objects(again)
    assert (done["day"], done["already_done"]) == ("2026-03-10", False)
    assert left_alone == {**done, "already_done": True}


@pytest.mark.parametrize(
    ("words", "today", "code"),
    [(["--day", "2026-03-09"], TUESDAY, "another_day"), ([], FRIDAY, "no_working_day")],
)
def test_a_daily_job_is_refused_for_another_day_and_on_a_day_off(
    run: Installation, words: list[str], today: date, code: str
) -> None:
    done = run("clearance", "hold", "--json", *words, **on(today))

    assert done.returncode == 1
    assert done.stdout == ""
    assert code in done.stderr
    assert is_arabic(done.stderr)


def test_an_unknown_lot_is_refused_in_both_languages_and_no_lot_prints_nothing(
    run: Installation,
) -> None:
    unknown = run("meters", "lot", "01900000-0000-7000-8000-000000000000", "--json")
    none = run("meters", "lots", "--json")

    assert unknown.returncode == 1
    assert "lot_unknown" in unknown.stderr
    assert is_arabic(unknown.stderr)
    assert (none.returncode, none.stdout) == (0, "")
