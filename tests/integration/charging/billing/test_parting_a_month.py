"""A payer who changes inside a month without a final bill: each is billed for his own days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from tests.integration.charging.billing.test_moving_out import (
    AUGUST,
    CUBIC,
    JULY,
    KWH,
    NOW,
    bill_month,
    final_reads,
    leave,
    lived_until_june,
    read,
    used,
)
from tests.integration.charging.billing.test_run import Street, build
from tests.integration.registry.town import CLERK, found

from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.charging.billing import queries
from tahseel.charging.billing.values import Bill
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Capacity, Vacancy

CHANGES = date(2026, 7, 16)


@pytest.fixture
def street(database: Any) -> Street:
    made = build(found(), 1)
    lived_until_june(made)
    return made


def handed(street: Street, day: date = CHANGES, who: Any = None) -> Any:
    newcomer = who or street.town.person()
    supply.transfer(
        actor=CLERK, at=NOW, account_id=street.accounts[0], to_customer_id=newcomer, on_day=day,
        capacity=Capacity.TENANT,
    )  # fmt: skip
    return newcomer


def july(street: Street) -> list[Bill]:
    return sorted(
        (one for one in queries.bills(street.accounts[0]) if one.month == JULY),
        key=lambda one: one.period.start,
    )


def agree(street: Street) -> None:
    """Every billed day names whoever was liable on it, and no day is billed twice."""
    chain = supply_queries.liabilities(account_ids=street.accounts[:1])[street.accounts[0]]
    seen: set[date] = set()
    for bill in july(street):
        for day in bill.period:
            assert day not in seen
            seen.add(day)
            assert [one.customer_id for one in chain if day in one] == [bill.customer_id]


def test_each_pays_for_what_the_dial_says_of_his_days(street: Street) -> None:
    newcomer = handed(street)
    read(street, CHANGES, 5_500, 145)
    read(street, date(2026, 8, 1), 6_200, 151)

    report = bill_month(JULY, AUGUST)
    again = bill_month(JULY, AUGUST)

    first, second = july(street)
    assert (report.accounts, report.bills, again.bills) == (1, 2, 0)
    assert (first.customer_id, first.sequence) == (street.payers[0], 1)
    assert (second.customer_id, second.sequence) == (newcomer, 0)
    assert used(street) == {
        (1, "electricity"): 1_500 * KWH, (1, "water"): 15 * CUBIC,
        (0, "electricity"): 700 * KWH, (0, "water"): 6 * CUBIC,
    }  # fmt: skip
    agree(street)
    assert ledger.recompute().balanced
    assert claims.recompute().faults == ()
    owed = {claim.customer_id for claim in claims.open_claims(street.accounts[0])}
    assert owed == {street.payers[0], newcomer}


def test_without_a_read_the_month_is_parted_as_an_estimate_that_loses_nothing(
    street: Street,
) -> None:
    handed(street)
    read(street, date(2026, 8, 1), 7_100, 161)

    bill_month(JULY, AUGUST)

    quantities = used(street)
    assert quantities[1, "electricity"] + quantities[0, "electricity"] == 3_100 * KWH
    assert quantities[1, "electricity"] == 1_500 * KWH
    agree(street)
    with connection.cursor() as cursor:
        cursor.execute("select distinct method from billing_line where from_day >= '2026-07-01'")
        assert cursor.fetchall() == [("estimated",)]


def test_what_is_used_while_nobody_is_liable_is_parked_and_stays_so(street: Street) -> None:
    supply.move_out(
        actor=CLERK, at=NOW, account_id=street.accounts[0], on_day=date(2026, 7, 6),
        vacancy=Vacancy.NOT_OCCUPIED,
    )  # fmt: skip
    supply.move_in(
        actor=CLERK, at=NOW, account_id=street.accounts[0], customer_id=street.town.person(),
        from_day=CHANGES,
    )  # fmt: skip
    read(street, date(2026, 8, 1), 7_100, 161)

    report = bill_month(JULY, AUGUST)
    bill_month(JULY, AUGUST)

    assert (report.bills, dict(report.parked)) == (2, {"nobody_liable": 1})
    assert [one.reason for one in queries.parked(JULY)] == ["nobody_liable"]
    agree(street)


def test_who_moves_out_after_a_change_pays_for_his_own_days_alone(street: Street) -> None:
    newcomer = handed(street, date(2026, 7, 6))

    done = leave(street, reads=final_reads(street))

    first, second = july(street)
    assert done.customer_id == newcomer
    assert (first.customer_id, second.customer_id) == (street.payers[0], newcomer)
    assert (first.period.end, second.period.end) == (date(2026, 7, 6), CHANGES)
    assert done.total == second.total
    agree(street)


def test_an_account_that_lacks_a_read_is_parked_whole(street: Street) -> None:
    handed(street)

    report = bill_month(JULY, datetime(2026, 8, 3, 6, tzinfo=UTC))

    assert (report.bills, report.parked) == (0, {"no_determinant": 1})
    assert july(street) == []
