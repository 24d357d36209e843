"""A price book is checked when it is loaded; a refusal names the record at fault."""

from __future__ import annotations

import pytest

from tahseel.charging.tariffs import rules
from tahseel.kernel.errors import Refusal

HEAD = (
    'code = "b"\nversion = 1\nname_ar = "ك"\nname_en = "b"\nfrom = 2020-01-01\n'
    'sectors = ["home"]\nsource = "test"\n'
)
RATE = (
    '[[rate]]\nid = "first"\nservice = "electricity"\nsector = "home"\nunit = "kWh"\n'
    'from = 2020-01-01\nprice = "2"\nsource = "test"\nconfidence = "H"\n'
)
SECOND = RATE.replace("first", "second")
TIERS = RATE.replace('price = "2"\n', "") + '[[rate.tier]]\nup_to = "1000"\nprice = "5"\n'


def refusal_of(text: str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        rules.load_book(text.encode())
    return refused.value


def test_a_sound_book_loads_and_a_float_price_is_read_digit_by_digit() -> None:
    book = rules.load_book((HEAD + RATE.replace('"2"', "2.35")).encode())

    [(rate,)] = book.rates.values()
    assert str(rate.tiers[0].price) == "47/20"


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("code = ", "price_book_unreadable", ""),
        (HEAD, "price_book_field_wrong", "book"),
        (HEAD.replace("version = 1", "version = 0") + RATE, "price_book_field_wrong", "book"),
        (HEAD + RATE.replace("unit", "unti"), "price_book_field_wrong", "first"),
        (HEAD + RATE + RATE, "price_book_field_wrong", "first"),
        (HEAD + RATE.replace('"home"', '"moon"'), "price_book_sector_unknown", "first"),
        (HEAD + RATE.replace("kWh", "1000 IG"), "price_book_field_wrong", "first"),
        (HEAD + RATE.replace('"2"', '"-2"'), "price_book_field_wrong", "first"),
        (HEAD + RATE.replace("electricity", "gas"), "price_book_field_wrong", "first"),
        (HEAD + RATE.replace('"H"', '"sure"'), "price_book_field_wrong", "first"),
        (HEAD + RATE + "until = 2019-01-01\n", "price_book_field_wrong", "first"),
        (HEAD + TIERS, "price_book_tiers_wrong", "first"),
        (HEAD + TIERS + '[[rate.tier]]\nup_to = "1000"\nprice = "6"\n[[rate.tier]]\nprice = "7"\n',
         "price_book_tiers_wrong", "first"),
        (HEAD + RATE + SECOND, "price_book_rates_overlap", "first"),
        (HEAD + RATE + "until = 2021-01-01\n", "price_book_rates_gap", "first"),
        (HEAD + RATE + "until = 2021-01-01\n" + SECOND.replace("from = 2020", "from = 2022"),
         "price_book_rates_gap", "first"),
        (HEAD + RATE + "until = 2021-01-02\n" + SECOND.replace("from = 2020", "from = 2021"),
         "price_book_rates_overlap", "first"),
    ],
)  # fmt: skip
def test_a_contradictory_book_is_refused_and_the_record_named(
    text: str, code: str, named: str
) -> None:
    refused = refusal_of(text)

    assert refused.code == code
    assert named in str(refused)
    assert named in refused.in_language("ar")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b"x = " + b"[" * 50_000,
        b"x = " + b"{a=" * 3_000 + b"1" + b"}" * 3_000,
        b"code = " + b"9" * 10_000,
    ],
)
def test_a_book_that_is_not_text_or_is_made_to_break_its_reader_is_refused(data: bytes) -> None:
    with pytest.raises(rules.BookUnreadable):
        rules.load_book(data)


@pytest.mark.parametrize(
    ("of", "to"),
    [
        ('code = "', 'code = "\\u0000'),
        ('name_en = "', 'name_en = "\\u0000'),
        ('name_ar = "', 'name_ar = "' + "x" * 3_000),
        ('code = "', 'code = "' + "9" * 100_000),
        ("version = 1", "version = 2147483648"),
        ("version = 1", "version = " + "9" * 200),
    ],
)
def test_what_no_table_holds_is_no_name_or_version_of_a_book(of: str, to: str) -> None:
    assert of in HEAD

    assert refusal_of((HEAD + RATE).replace(of, to, 1)).code == "price_book_field_wrong"
