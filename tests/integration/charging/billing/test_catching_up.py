"""Who could not be billed by the month's run is billed in the night in which he can be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.charging.billing.test_holding import measured, odd
from tests.integration.charging.billing.test_holding import street as three
from tests.integration.charging.billing.test_run import JULY, JUNE, Street, bill, street, use
from tests.integration.registry.town import AT, CLERK

from tahseel.books.claims import queries as claims
from tahseel.charging.billing import jobs, operations, queries
from tahseel.charging.billing.values import HeldState, RunReport
from tahseel.kernel.period import BillingMonth
from tahseel.registry.supply import operations as supply

__all__ = ["street", "three"]

NIGHT = AT + timedelta(days=40)
TODAY = date(2026, 9, 10)
TABLES = (
    "billing_bill",
    "billing_line",
    "billing_run",
    "billing_held",
    "ledger_entry",
    "claims_claim",
)


def night(month: BillingMonth = JULY) -> RunReport | None:
    return operations.bill_waiting(actor=CLERK, at=NIGHT, month=month, issued_on=TODAY)


def rows() -> list[Any]:
    found: list[Any] = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"select count(*) from {table}")
            found.append(cursor.fetchone())
        cursor.execute(
            "select account_id, parked_at, reason, resolved_at from billing_parked order by 1"
        )
        found.append(cursor.fetchall())
    return found


def julys(account: UUID) -> list[int]:
    return [one.total.fils for one in queries.bills(account) if one.month == JULY]


def test_a_meter_that_was_read_late_is_billed_in_the_night_after_and_only_once(
    street: Street,
) -> None:
    late, *others = street.accounts
    use(street, others, JULY, wh=4_000_000, litres=0)
    assert dict(bill().parked) == {"no_determinant": 1}
    assert night() is None
    use(street, [late], JULY, wh=1_000_000, litres=0)

    report = night()

    assert report is not None
    assert (report.accounts, report.bills) == (1, 1)
    assert julys(late) == [5_000]
    assert [one.open.fils for one in claims.open_claims(late)] == [5_000]
    assert queries.parked(JULY) == []
    before = rows()
    assert night() is None
    assert rows() == before


def test_who_stays_parked_is_left_as_he_is(street: Street) -> None:
    use(street, street.accounts[1:], JULY, wh=4_000_000, litres=0)
    bill()
    before = rows()

    assert night() is None

    assert rows() == before


def test_whom_no_run_has_seen_is_parked_with_his_reason_once(street: Street) -> None:
    use(street, street.accounts[1:], JULY, wh=4_000_000, litres=0)
    bill(account_ids=street.accounts[1:])
    assert queries.parked(JULY) == []

    report = night()

    assert report is not None
    assert (report.bills, dict(report.parked)) == (0, {"no_determinant": 1})
    [parked] = queries.parked(JULY)
    assert parked.account_id == street.accounts[0]
    assert night() is None


def test_a_month_that_no_run_has_been_over_is_left_to_its_run(street: Street) -> None:
    use(street, street.accounts, JULY, wh=4_000_000, litres=0)

    assert night() is None

    assert queries.bills(street.accounts[0]) == []


def test_what_is_held_stays_held_for_the_same_and_goes_out_once_it_is_put_right(
    three: Street,
) -> None:
    first, held = odd(three)
    before = rows()
    assert night() is None
    assert rows() == before
    measured(three, first, 2, wh=4_100_000)

    report = night()

    assert report is not None
    assert (report.bills, dict(report.held)) == (1, {})
    assert julys(first) == [20_500]
    after = queries.held(account_id=first, held_id=held.id)
    assert after is not None
    assert after.state is HeldState.CLEARED


def test_the_nightly_job_goes_back_over_the_months_that_were_run(street: Street) -> None:
    late, *others = street.accounts
    for month in (JUNE, JULY):
        use(street, others, month, wh=4_000_000, litres=0)
        bill(month)
        use(street, [late], month, wh=1_000_000, litres=0)

    told = jobs.BILL_WAITING.run(NIGHT, TODAY)

    assert {month: report["bills"] for month, report in told.items()} == {
        "2026-06": 1,
        "2026-07": 1,
    }
    assert len(queries.bills(late)) == 2
    assert jobs.BILL_WAITING.run(NIGHT, TODAY) == {}


@pytest.mark.parametrize("month", [JUNE, JULY])
def test_nobody_waits_where_everybody_has_his_bill(street: Street, month: BillingMonth) -> None:
    use(street, street.accounts, month, wh=4_000_000, litres=0)
    bill(month)

    assert queries.waiting(month=month) == []
    assert night(month) is None


def test_a_unit_that_stood_empty_all_month_is_nobodys_work(street: Street) -> None:
    empty = street.accounts[0]
    supply.move_out(actor=CLERK, at=AT, account_id=empty, on_day=date(2026, 6, 1))
    use(street, street.accounts[1:], JULY, wh=4_000_000, litres=0)
    bill(account_ids=street.accounts[1:])

    assert night() is None
    assert queries.parked(JULY) == []
