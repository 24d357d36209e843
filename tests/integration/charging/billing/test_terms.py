"""A book that asks for zone, meter size, export and last year's use is billed by the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.charging.billing.test_run import JULY, Street, bill, street, use
from tests.integration.registry.town import AT, HOUSE

from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.charging.billing import queries, rules, terms
from tahseel.charging.tariffs import rules as tariffs
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, start_of

__all__ = ["street"]
LAST_YEAR = BillingMonth(2025, 7)
KWH = 1_000
HEAD = """code = "asks-much"
version = 3
name_ar = "كتاب"
name_en = "Book"
from = 2020-01-01
sectors = ["investment"]
rounding = "charge"
source = "test"
"""
RATE = """
[[rate]]
id = "{id}"
service = "{service}"
sector = "investment"
from = 2020-01-01
source = "test"
confidence = "GK"
{more}
"""
POWER = ("power", "electricity", 'unit = "kWh"\nprice = 5')
WATER = ("water", "water", 'unit = "1000 IG"\nprice = 2000')
EXPORT = ("back", "electricity", 'kind = "export"\nunit = "kWh"\nprice = 3')
SAVING = (
    "saving", "electricity",
    'kind = "credit"\n[[rate.tier]]\nup_to = "20"\npercent = "200"\n[[rate.tier]]\npercent = "40"',
)  # fmt: skip
COAST = ("coast", "electricity", 'zone = "{zone}"\nunit = "kWh"\nprice = 7')
RENT = ("rent", "water", 'kind = "fixed"\nunit = "month"\nprice = 500')
WIDE = ("wide", "water", 'kind = "fixed"\nmeter_size = "dn25"\nunit = "month"\nprice = 1500')


@pytest.fixture
def booked(street: Street) -> Iterator[Any]:
    """Installs a book of some rates in the place of the country's."""
    before = rules.policy()

    def install(*records: tuple[str, str, str], zone: str = "salmiya") -> None:
        text = HEAD + "".join(
            RATE.format(id=name, service=service, more=more.replace("{zone}", zone))
            for name, service, more in records
        )
        rules.install_policy(replace(before, book=tariffs.load_book(text.encode())))

    yield install
    rules.install_policy(before)


def lines(account: UUID) -> list[tuple[str, str, int]]:
    [issued] = [one for one in queries.bills(account) if one.month == JULY]
    view = queries.bill_view(account, issued.id)
    assert view is not None
    return [(line.kind, line.rate, line.amount.fils) for line in view.lines]


def given_back(street: Street, account: UUID, kwh: int, *, until: int | None = None) -> None:
    """An export register on the account's meter, read on both ends of July."""
    meter = street.meters[account][0]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into meters_register (id, meter_id, code, kind, unit, digits, decimals,"
            " multiplier) values (gen_random_uuid(), %s, '2.8.0', 'export', 'kWh', 8, 0, 1)",
            [meter],
        )
    ends = [(JULY.period.start, 1_000), (JULY.period.end, 1_000 + kwh)]
    readings.store_register_reads(
        actor=HOUSE, at=AT, source="export",
        rows=[DialRead(meter, "2.8.0", start_of(day), dial * KWH) for day, dial in ends[:until]],
    )  # fmt: skip


def sound() -> None:
    assert ledger.recompute().balanced
    assert claims.recompute().sound


def test_what_is_given_back_and_what_was_saved_are_lines_below_nothing(
    street: Street, booked: Any
) -> None:
    booked(POWER, WATER, EXPORT, SAVING)
    first, second, _ = street.accounts
    use(street, street.accounts, LAST_YEAR, wh=4_000 * KWH, litres=0)
    bill(LAST_YEAR)
    given_back(street, first, 400)
    use(street, [first], JULY, wh=3_000 * KWH, litres=0)
    use(street, [second], JULY, wh=3_600 * KWH, litres=0)

    bill(account_ids=[first, second])
    bill(account_ids=[first, second])

    # 3 000 x 5; 400 x 3; a quarter saved: 40 percent of 1 000 x 5.
    # A tenth saved: double of 400 x 5.
    assert lines(first)[:3] == [
        ("consumption", "power", 15_000), ("export", "back", -1_200), ("credit", "saving", -2_000),
    ]  # fmt: skip
    assert lines(second)[:2] == [("consumption", "power", 18_000), ("credit", "saving", -4_000)]
    assert [one.total for one in queries.bills(first) if one.month == JULY] == [Money(11_800)]
    sound()


def test_more_given_back_than_used_lowers_what_the_water_costs(street: Street, booked: Any) -> None:
    booked(POWER, WATER, EXPORT)
    account = street.accounts[0]
    given_back(street, account, 1_000)
    use(street, [account], JULY, wh=100 * KWH, litres=454_609)

    bill(account_ids=[account])

    assert lines(account) == [
        ("consumption", "power", 500), ("export", "back", -3_000),
        ("consumption", "water", 200_000),
    ]  # fmt: skip
    [claim] = claims.open_claims(account)
    assert claim.amount == Money(197_500)
    told = [(e.entry.debit, e.entry.credit, e.entry.amount.fils) for e in ledger.entries(account)]
    assert ("revenue.electricity", "receivable", 2_500) in told
    sound()


def test_a_bill_that_is_below_nothing_is_held_and_not_issued(street: Street, booked: Any) -> None:
    booked(POWER, WATER, EXPORT)
    account = street.accounts[0]
    given_back(street, account, 1_000)
    use(street, [account], JULY, wh=100 * KWH, litres=0)

    report = bill(account_ids=[account])

    assert (report.bills, dict(report.held)) == (0, {"negative": 1})


def test_an_export_dial_that_does_not_tell_parks_the_account_by_name(
    street: Street, booked: Any
) -> None:
    booked(POWER, WATER, EXPORT)
    account = street.accounts[0]
    given_back(street, account, 400, until=1)
    use(street, [account], JULY, wh=3_000 * KWH, litres=0)

    report = bill(account_ids=[account])

    assert dict(report.parked) == {"export_unknown": 1}


@pytest.mark.parametrize(
    ("zone", "fils"), [("salmiya", 21_000), ("hawalli", 21_000), ("x", 15_000)]
)
def test_a_zone_is_the_area_or_the_governorate_as_the_book_names_it(
    street: Street, booked: Any, zone: str, fils: int
) -> None:
    booked(POWER, WATER, COAST, zone=zone)
    use(street, street.accounts, JULY, wh=3_000 * KWH, litres=0)

    bill()

    assert lines(street.accounts[0])[0][2] == fils


def test_the_meters_own_size_decides_its_rent(street: Street, booked: Any) -> None:
    booked(POWER, WATER, RENT, WIDE)
    first, second, _ = street.accounts
    with connection.cursor() as cursor:
        cursor.execute(
            "update meters_meter set size = 'dn25' where id = %s", [street.meters[first][1]]
        )
    use(street, street.accounts, JULY, wh=0, litres=0)

    bill()

    assert lines(first)[-1] == ("fixed", "wide", 1_500)
    assert lines(second)[-1] == ("fixed", "rent", 500)


def test_a_book_that_asks_for_nothing_costs_no_question(street: Street) -> None:
    assert not terms.needs(rules.policy().book)
    assert terms.of_each(month=JULY, account_ids=[], book=rules.policy().book) is None
