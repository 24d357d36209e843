"""The catalogue of charges: what the country gives, and what is refused by the record's name."""

from __future__ import annotations

import re

import pytest

from tahseel.books.ledger import rules as ledger
from tahseel.charging.charges import rules
from tahseel.charging.charges.values import Beyond, Sign, When
from tahseel.countries.kuwait import country
from tahseel.kernel.money import Money

DATA = country.content("charges")


def changed(before: str, after: str) -> bytes:
    text = DATA.decode()
    assert before in text
    return text.replace(before, after, 1).encode()


def test_every_kind_is_booked_to_an_account_of_the_chart() -> None:
    known = {account.code for account in ledger.load_chart(country.content("chart"))}

    assert {one.ledger for one in rules.load(DATA).kinds.values()} <= known


def test_every_kind_has_a_source_and_a_confidence() -> None:
    assert all(
        one.source and one.confidence in ("H", "M", "L", "GK")
        for one in rules.load(DATA).kinds.values()
    )


def test_a_credit_that_may_be_refused_is_given_at_once() -> None:
    kinds = rules.load(DATA).kinds.values()
    refused = [k for k in kinds if k.sign is Sign.CREDIT and k.beyond is Beyond.REFUSE]

    assert refused
    assert all(kind.when is When.AT_ONCE for kind in refused)


@pytest.mark.parametrize(
    ("before", "after", "record"),
    [
        ("amount_fils = 10_000", "amount_fils = -1", "meter_test"),
        ("amount_fils = 10_000", "amount_fils = 10.5", "meter_test"),
        ('code = "damage"', 'code = "meter_test"', "meter_test"),
        ("least_fils = 1_000\nmost_fils = 50_000_000", "least_fils = 5\nmost_fils = 4",
         "theft_assessment"),
        ('when = "at_once"\nbeyond = "refuse"', 'when = "next_bill"\nbeyond = "refuse"',
         "goodwill"),
        ('sign = "charge"', 'sign = "gift"', "meter_test"),
        ("tier = 1", "tier = 2", "theft_assessment"),
        ('asks = ["office_head", "revenue_manager"]\ntier', "asks = []\ntier", "theft_assessment"),
        ('confidence = "L"', 'confidence = "sure"', "reconnection"),
        ("from_fils = 100_000", "from_fils = 0\n[[kind]]", "charges"),
    ],
)  # fmt: skip
def test_a_wrong_record_is_refused_by_its_name(before: str, after: str, record: str) -> None:
    with pytest.raises(rules.CatalogueWrong, match=re.escape(f"Record {record} ")):
        rules.load(changed(before, after))


def test_the_tier_follows_the_value_and_is_at_least_the_kinds() -> None:
    rules.install(rules.load(DATA))

    assert rules.tier("damage", Money(99_999)) == 0
    assert rules.tier("damage", Money(100_000)) == 1
    assert rules.tier("theft_assessment", Money(1_000)) == 1


def test_a_cause_typed_otherwise_is_the_same_cause() -> None:
    assert rules.same_cause("  d-17   b ") == rules.same_cause("D-17 B") == "D-17 B"
