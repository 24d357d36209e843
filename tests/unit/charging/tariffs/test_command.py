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


def test_a_row_tells_bands_demand_zone_and_what_else_a_book_asks_for(tmp_path: Path) -> None:
    head = (
        'service = "electricity"\nsector = "home"\nfrom = 2020-01-01\n'
        'source = "t"\nconfidence = "H"\n'
    )
    book = tmp_path / "book.toml"
    book.write_text(
        'code = "b"\nversion = 1\nname_ar = "ك"\nname_en = "b"\nfrom = 2020-01-01\n'
        'sectors = ["home"]\nsource = "t"\n'
        f'[[rate]]\nid = "peak"\n{head}unit = "kWh"\nprice = "9"\nband = "peak"\n'
        f'[[rate]]\nid = "rest"\n{head}unit = "kWh"\nprice = "3"\nband = "rest"\n'
        f'[[rate]]\nid = "kw"\n{head}kind = "demand"\nunit = "kW"\nprice = "1000"\n'
        f'[[rate]]\nid = "rent"\n{head}kind = "fixed"\nunit = "month"\nprice = "250"\n',
        encoding="utf-8",
    )
    row = "A,2026-04-01,2026-05-01,100,sector=home;band.peak=40;band.rest=60;demand=7.5"
    usage = usage_file(tmp_path, HEADER + row + "\n" + row.replace("rest=60", "rest=61") + "\n")

    report = command.rate_files(book=book, usage=usage)

    told = [
        (line["rate"], line["band"], line["quantity"], line["quantity_unit"], line["amount_fils"])
        for line in report["bills"][0]["lines"]
    ]
    assert told == [
        ("peak", "peak", 40_000, "Wh", 360),
        ("rest", "rest", 60_000, "Wh", 180),
        ("kw", "", 7_500, "W", 7_500),
        ("rent", "", 30, "days", 250),
    ]
    assert [(one["line"], one["code"]) for one in report["refused"]] == [(3, "usage_wrong")]
