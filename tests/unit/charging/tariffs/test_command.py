"""Pricing a file of usage: bills by account, bad rows named, the others priced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tahseel.charging.tariffs import command

BOOKS = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/tariffs"
HEADER = "account,from,to,quantity,attributes\n"


def usage_file(folder: Path, text: str) -> Path:
    path = folder / "usage.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_of_one_account_make_one_bill(tmp_path: Path) -> None:
    usage = usage_file(
        tmp_path,
        HEADER
        + "A1,2026-04-01,2026-05-01,3000,sector=investment;service=electricity;units=1\n"
        + "A1,2026-04-01,2026-05-01,1000,sector=investment;service=water\n"
        + "A2,2026-04-01,2026-05-01,3000,sector=private\n",
    )

    report = command.rate_files(book=BOOKS / "statute-2016.toml", usage=usage)

    assert [(b["account"], b["total_fils"]) for b in report["bills"]] == [
        ("A1", 34_000),
        ("A2", 6_000),
    ]
    assert [line["amount_fils"] for line in report["bills"][0]["lines"]] == [
        5_000,
        10_000,
        15_000,
        4_000,
    ]
    assert report["total_fils"] == 40_000
    assert report["refused"] == []


def test_a_bad_row_is_named_and_the_others_are_priced(tmp_path: Path) -> None:
    good = "A,2026-04-01,2026-05-01,1,sector=private\n"
    bad = [
        "B,2026-04-01,2026-04-01,1,sector=private",
        "B,2026-04-01,2026-05-01,-1,sector=private",
        "B,2026-04-01,2026-05-01,1,sector=moon",
        "B,2026-04-01,2026-05-01,1,service=gas;sector=private",
        "B,2026-04-01,2026-05-01,1,sector=private;unit=m3",
        "B,2026-04-01,2026-05-01,1,sector=private;units=x",
        "B,2026-04-01,2026-05-01,1,colour=red",
        "B,2026-04-01,2026-05-01,1",
    ]
    usage = usage_file(tmp_path, HEADER + good + "\n".join(bad) + "\n" + good)

    report = command.rate_files(book=BOOKS / "applied-2017.toml", usage=usage)

    assert report["total_fils"] == 4
    assert [row["line"] for row in report["refused"]] == list(range(3, 11))
    assert all(row["text_ar"] and row["text_en"] for row in report["refused"])


def test_another_header_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(command.UsageFileRefused):
        command.rate_files(
            book=BOOKS / "applied-2017.toml", usage=usage_file(tmp_path, "a,b\n1,2\n")
        )
