"""What identifies an entry, what it does to a balance, and the country's chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from tahseel.books.ledger import rules
from tahseel.books.ledger.values import Entry
from tahseel.kernel.money import Money

CHART = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/chart.toml"
ENTRY = Entry(
    id=UUID(int=1),
    account_id=UUID(int=2),
    debit="receivable",
    credit="revenue.water",
    amount=Money(750),
    business_date=date(2026, 4, 1),
    source="bill",
    source_id=UUID(int=3),
)


@pytest.mark.parametrize(
    "change",
    [
        {"id": UUID(int=9)},
        {"account_id": UUID(int=9)},
        {"debit": "cash"},
        {"credit": "revenue.other"},
        {"amount": Money(751)},
        {"business_date": date(2026, 4, 2)},
        {"source": "payment"},
        {"source_id": UUID(int=9)},
        {"reverses": UUID(int=9)},
    ],
)
def test_every_part_of_an_entry_is_in_its_input_hash(change: dict[str, object]) -> None:
    assert rules.input_hash(replace(ENTRY, **change)) != rules.input_hash(ENTRY)
    assert rules.input_hash(replace(ENTRY)) == rules.input_hash(ENTRY)


@pytest.mark.parametrize(
    ("debit", "credit", "effect"),
    [
        ("receivable", "revenue.water", (750, 0)),
        ("knet", "receivable", (-750, 0)),
        ("knet", "credit", (0, 750)),
        ("credit", "receivable", (-750, -750)),
        ("cash", "suspense", (0, 0)),
    ],
)
def test_an_entry_moves_what_is_owed_and_what_is_not_applied(
    debit: str, credit: str, effect: tuple[int, int]
) -> None:
    assert rules.effect(replace(ENTRY, debit=debit, credit=credit)) == effect


@pytest.mark.parametrize("fils", [0, -1])
def test_an_entry_of_nothing_cannot_be_made(fils: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        replace(ENTRY, amount=Money(fils))


def test_an_entry_between_an_account_and_itself_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="two accounts"):
        replace(ENTRY, credit="receivable")


def test_the_country_chart_has_what_the_books_need_in_both_languages() -> None:
    chart = rules.load_chart(CHART.read_bytes())

    codes = {account.code for account in chart}
    assert {"receivable", "credit", "knet", "cash", "bank", "revenue.electricity"} <= codes
    assert all(account.name_ar and account.name_en and account.number for account in chart)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "source = 'x'\naccount = []",
        "source = 'x'\n[[account]]\ncode = 'receivable'\n",
        "source = 'x'\n" + "[[account]]\ncode='credit'\nnumber='1'\nkind='asset'\n"
        "name_ar='ا'\nname_en='a'\n" * 2,
    ],
)
def test_a_wrong_chart_is_refused(text: str) -> None:
    with pytest.raises(rules.ChartWrong):
        rules.load_chart(text.encode())
