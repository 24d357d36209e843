"""A bill on paper: read back from the PDF as a person or a machine would."""

from __future__ import annotations

import os
import shutil
import subprocess
import unicodedata
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.channels.printing import papers
from tests.unit.channels.printing.papers import line, paper, use

from tahseel.channels.printing import press, sheets, woff
from tahseel.channels.printing.values import Addressed
from tahseel.consumption.readings.values import Method
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service

WATER = {
    "service": Service.WATER, "unit": "1000 IG", "price": "2000", "quantity": 1_347_688,
    "from_value": None, "to_value": None,
}  # fmt: skip
reads_pdf = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not there")


@pytest.fixture(autouse=True)
def _installed() -> None:
    papers.install()


def printed(about: Addressed, language: str, folder: Path) -> bytes:
    sheet = sheets.sheet(about, language=language)
    issued_on = about.told.view.bill.issued_on
    return press.pdf(sheet, issued_on=issued_on, fonts=papers.fonts(folder))


def strings(about: Addressed, language: str) -> list[str]:
    """Every text of the sheet, numbers as they stand."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    sheet = sheets.sheet(about, language=language)
    walk({name: one for name, one in sheet.items() if name != "qr"})
    return found


def read(pdf: bytes, folder: Path) -> str:
    path = folder / "bill.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, timeout=60
    )
    return unicodedata.normalize("NFKC", told.stdout.decode())


def test_a_font_is_unpacked_as_its_makers_built_it() -> None:
    for packed in press.FONTS.glob("*.woff"):
        font = woff.unpacked(packed.read_bytes())
        count = int.from_bytes(font[4:6], "big")
        for entry in range(count):
            at = 12 + 16 * entry
            tag, (said, place, length) = (
                font[at : at + 4],
                (int.from_bytes(font[at + 4 + 4 * n : at + 8 + 4 * n], "big") for n in range(3)),
            )
            table = font[place : place + length] + bytes(-length % 4)
            if tag == b"head":
                table = table[:8] + bytes(4) + table[12:]
            words = range(0, len(table), 4)
            summed = sum(int.from_bytes(table[n : n + 4], "big") for n in words) % 2**32
            assert summed == said, tag


@pytest.mark.parametrize("broken", [b"", b"wOF2", b"wOFF" + bytes(40), b"wOFF" + bytes(100)])
def test_what_is_no_font_is_refused(broken: bytes) -> None:
    with pytest.raises((ValueError, zlib.error)):
        woff.unpacked(broken)


def test_the_same_bill_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    once, again = (printed(paper(line(1, 32_569)), "ar", tmp_path) for _ in range(2))

    assert once == again
    assert printed(paper(line(1, 32_570)), "ar", tmp_path) != once


@reads_pdf
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Previous balance", "Payments since", "Total due", "forty-seven")),
        ("ar", ("الرصيد السابق", "مدفوعات منذ ذلك", "إجمالي المستحق")),
    ],
)
def test_what_stood_before_is_brought_forward_to_the_total(
    language: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    about = paper(line(1, 32_569))
    told = replace(
        about.told, standing=papers.standing(32_569, before=25_000, paid=10_069, used=2_500)
    )
    about = replace(about, told=told)

    text = read(printed(about, language, tmp_path), tmp_path)
    said = "\n".join(strings(about, language))

    for amount in ("25.000", "-10.069", "2.500", "32.569", "47.500"):
        assert amount in text
    for word in words:
        assert word in said or word in text


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_bill_that_stands_alone_brings_nothing_forward(language: str) -> None:
    said = strings(paper(line(1, 32_569)), language)

    assert not {"Previous balance", "الرصيد السابق"} & set(said)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_it_says_of_itself_that_it_is_to_be_kept_and_can_be_heard(
    language: str, tmp_path: Path
) -> None:
    pdf = printed(paper(line(1, 32_569)), language, tmp_path)

    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


@reads_pdf
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(
    ("fils", "shown"),
    [(1, "0.001"), (32_569, "32.569"), (965_230, "965.230"), (999_999_999, "999,999.999")],
)
def test_three_decimals_stand_in_their_order_in_both_languages(
    fils: int, shown: str, language: str, tmp_path: Path
) -> None:
    text = read(printed(paper(line(1, fils)), language, tmp_path), tmp_path)

    assert text.count(shown) >= 3, "in the sum, in the line, and in the total"
    assert shown[::-1] not in text


@reads_pdf
def test_a_bill_is_read_back_whole_in_english(tmp_path: Path) -> None:
    text = read(printed(paper(line(1, 29_415)), "en", tmp_path), tmp_path)

    for told in (
        "Electricity and water bill", "October 2026", "1000001200-202610-J7KA",
        "Fatima A. Al-Enezi", "Salmiya, block 4", "1–31 October 2026", "18 November 2026",
        "twenty-nine Kuwaiti dinars and four hundred fifteen fils only", "5,883 kWh", "114,502",
        "120,385", "01/10/2026", "01/11/2026", "KE00000170", "Meter reading", "7,768", "1,513",
        "238.614", "KD 209.199", "Applied tariff 2017 (version 1)", "Investment housing",
    ):  # fmt: skip
        assert told in text, told


def test_a_bill_says_the_same_in_arabic() -> None:
    told = strings(paper(line(1, 29_415)), "ar")

    for text in (
        "فاتورة الكهرباء والماء", "فاطمة عبدالله العنزي", "أكتوبر 2026", "18 نوفمبر 2026",
        "فقط تسعة وعشرون دينارًا كويتيًا وأربعمائة وخمسة عشر فلسًا لا غير", "29.415", " د.ك",
        "قراءة العداد", "سكن استثماري", "238.614", "209.199",
    ):  # fmt: skip
        assert text in told, text


def test_estimates_other_kinds_and_no_lines_at_all_have_their_words() -> None:
    guessed = paper(line(1, 29_415), meters=(use(method=Method.ESTIMATED),))
    assert "Estimated" in strings(guessed, "en")
    assert any("put right by itself" in one for one in strings(guessed, "en"))
    other = strings(
        paper(
            line(1, 8_000),
            line(2, 250, kind="fixed", unit="month", price="250", quantity=31),
            line(3, 400, kind="tax", unit="%", price="5", quantity=8_000),
            line(4, 770, kind="demand", unit="kW", price="100", quantity=7_700),
            line(5, 3_000, **WATER),
        ),
        "en",
    )
    for told in (
        "Fixed charge",
        "days",
        "Tax",
        "8.000",
        "5%",
        "Highest demand",
        "7.7 kW",
        "296,450",
    ):
        assert told in other, told
    assert strings(paper(meters=()), "ar").count("0.000") == 2


@pytest.mark.parametrize(
    ("language", "before", "now", "taken"),
    [
        ("en", "estimated", "own reading", "less what its sub-meters measured:"),
        ("ar", "تقديرية", "ذاتية", "بعد طرح ما قاسته العدادات الفرعية:"),
    ],
)
def test_each_reading_says_how_it_is_known_and_sub_meters_are_named(
    language: str, before: str, now: str, taken: str
) -> None:
    plain = papers.use(from_quality="actual", to_quality="actual")
    known = papers.use(
        from_quality="estimated", to_quality="self_read", sub_meters=("KE00000171", "KE00000172")
    )
    as_read = " ".join(strings(paper(line(1, 29_415), meters=(plain,)), language))
    told = " ".join(strings(paper(line(1, 29_415), meters=(known,)), language))

    for word in (before, now, taken, "KE00000171, KE00000172"):
        assert word in told, word
        assert word not in as_read, word


def test_a_sheet_that_cannot_be_set_stops_no_other_and_leaves_no_file(
    tmp_path: Path,
) -> None:
    issued_on = papers.bill(1).issued_on
    whole = sheets.sheet(paper(line(1, 29_415)), language="en")
    bad = press.write((tmp_path / "bad.pdf", {}, issued_on, papers.fonts(tmp_path)))
    good = press.write((tmp_path / "good.pdf", whole, issued_on, papers.fonts(tmp_path)))

    assert bad.fault
    assert (bad.size, bad.fresh) == (0, False)
    assert (good.fault, good.fresh) == ("", True)
    assert sorted(path.name for path in tmp_path.glob("*.p*")) == ["good.pdf"]


def test_only_what_dead_processes_left_half_written_is_swept(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    kept = [tmp_path / f"a.{os.getpid()}.partial", tmp_path / "note.partial", tmp_path / "a.pdf"]
    gone = [tmp_path / f"b.{dead.pid}.partial", tmp_path / "deep" / f"c.{dead.pid}.partial"]
    gone[1].parent.mkdir()
    for path in (*kept, *gone):
        path.write_bytes(b"%PDF")

    press.sweep(tmp_path)

    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)


def test_a_corrected_bill_says_so_on_its_face_with_old_new_and_difference() -> None:
    before = papers.bill(575_326, number="1000000039-202605-GN53")
    about = paper(line(1, 563_995))
    newer = replace(about, told=replace(about.told, before=before))
    older = replace(about, told=replace(about.told, after=before))

    told = strings(newer, "en")
    assert newer.asked == Money(-11_331)
    for text in ("In the place of bill", "575.326", "563.995", "-11.331", "11.331"):
        assert text in told, text
    assert "To the account's credit" in told
    assert "Another bill stands in the place of this one:" in strings(older, "en")


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_a_name_is_never_read_as_markup(tmp_path: Path, name: str) -> None:
    about = replace(paper(line(1, 1_000)), name=(name, name))

    assert printed(about, "ar", tmp_path).startswith(b"%PDF-")


@reads_pdf
@pytest.mark.parametrize(
    "name", ['#strong[x] $y$ "z" @w', "*bold* _it_ `raw` <label>", "= head\\ // gone", '#eval("1")']
)
def test_a_hostile_name_stands_as_it_is_written(name: str, tmp_path: Path) -> None:
    about = replace(paper(line(1, 1_000)), name=(name, name))

    assert name in " ".join(read(printed(about, "en", tmp_path), tmp_path).split())


@pytest.mark.parametrize("name", ["م" * 300, "W" * 300, "\u202e\u2066abc", "\x00\x07"])
def test_a_name_that_is_too_long_or_turns_the_text_around_still_prints(
    name: str, tmp_path: Path
) -> None:
    about = replace(paper(line(1, 1_000)), name=(name, name))

    assert printed(about, "ar", tmp_path).startswith(b"%PDF-")


@reads_pdf
def test_a_letter_that_the_font_has_not_is_marked_and_never_lost_unseen(tmp_path: Path) -> None:
    about = replace(paper(line(1, 1_000)), name=("王芳 Wang", "王芳 Wang"))

    assert press._letters() >= set(map(ord, f"{press.UNKNOWN}AZaz09٠٩ءي،؛—–·"))
    assert f"{press.UNKNOWN * 2} Wang" in read(printed(about, "en", tmp_path), tmp_path)
