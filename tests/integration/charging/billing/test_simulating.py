"""A price book is tried on months that are over, and nothing is written."""

from __future__ import annotations

from typing import Any

from django.db import connection
from tests.integration.charging.billing.test_rebilling import BOOKS, street, used
from tests.integration.charging.billing.test_run import JULY, Street

from tahseel.charging.billing import rules as billing
from tahseel.charging.billing import simulating
from tahseel.charging.tariffs import rules
from tahseel.charging.tariffs.values import PriceBook
from tahseel.countries.kuwait import country

__all__ = ["street"]


def changed(old: str, new: str) -> PriceBook:
    text = country.price_book("applied-2017").decode()
    assert old in text
    return rules.load_book(text.replace(old, new).encode())


def written() -> list[Any]:
    with connection.cursor() as cursor:
        counts = []
        for table in BOOKS:
            cursor.execute(f"select count(*) from {table}")
            counts.append(cursor.fetchone())
        return counts


def told(book: PriceBook) -> dict[str, Any]:
    return simulating.simulate(book=book, months=[JULY.previous(), JULY]).as_dict()


def test_the_book_in_force_brings_what_was_billed_and_nobody_pays_more(street: Street) -> None:
    before = written()

    found = told(billing.policy().book)

    assert found["total"]["before_fils"] == found["total"]["after_fils"]
    assert found["total"]["accounts"] >= 1
    assert (found["total"]["pay_more"], found["total"]["pay_less"]) == (0, 0)
    assert sum(row["before_fils"] for row in found["effects"]) == found["total"]["before_fils"]
    assert written() == before


def test_a_dearer_price_is_told_by_sector_with_those_who_pay_more(street: Street) -> None:
    same = told(billing.policy().book)["total"]["before_fils"]
    dearer = changed(
        'sector = "investment"\nfrom = 2017-08-22\nunit = "kWh"\nprice = "5"',
        'sector = "investment"\nfrom = 2017-08-22\nunit = "kWh"\nprice = "7"',
    )

    found = told(dearer)

    assert found["total"]["before_fils"] == same
    assert found["total"]["difference_fils"] == 3_000 * 2
    [row] = [row for row in found["effects"] if row["difference_fils"]]
    assert (row["sector"], row["pay_more"], row["pay_less"]) == ("investment", 1, 0)


def test_what_a_book_cannot_price_is_counted_with_its_reason_and_left_out_of_both_sums(
    street: Street,
) -> None:
    late = changed("from = 2017-08-22", "from = 2030-01-01")

    found = told(late)

    assert {"book": "applied-2017", "reason": "no_rate", "usages": 2} in found["unpriced"]
    assert found["total"]["before_fils"] == found["total"]["after_fils"] == 0


def test_a_corrected_quantity_is_what_is_simulated(street: Street) -> None:
    used(street, 2, wh=1_000_000, litres=0)

    assert told(billing.policy().book)["total"]["after_fils"] == 5_000


def test_no_month_brings_nothing(street: Street) -> None:
    found = simulating.simulate(book=billing.policy().book, months=[])

    assert (found.effects, found.unpriced) == ({}, {})
