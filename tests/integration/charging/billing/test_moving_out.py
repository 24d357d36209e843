"""Moving out inside a month: final read, final bill, deposit netted, and the rest to others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from tests.integration.charging.billing.test_run import Street, build
from tests.integration.registry.town import CLERK, found

from tahseel.books.claims import queries as claims
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.deposits.values import DepositKind, NewDeposit
from tahseel.books.ledger import queries as ledger
from tahseel.charging.billing import operations, queries, rules
from tahseel.charging.billing.values import FinalRead
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries

JUNE, JULY = BillingMonth(2026, 6), BillingMonth(2026, 7)
NOW = datetime(2026, 7, 15, 9, tzinfo=UTC)
AUGUST = datetime(2026, 8, 3, 6, tzinfo=UTC)
LEAVES = date(2026, 7, 16)
KWH, CUBIC = 1_000, 1_000


@pytest.fixture
def street(database: Any) -> Street:
    return build(found(), 1)


def read(street: Street, day: date, kwh: int, cubic: int) -> None:
    """Both dials of the first account at the beginning of a day."""
    electricity, water = street.meters[street.accounts[0]]
    readings.store_register_reads(
        actor=CLERK, at=NOW, source=f"round-{day}",
        rows=[
            DialRead(electricity, "1.8.0", start_of(day), kwh * KWH),
            DialRead(water, "1.8.0", start_of(day), cubic * CUBIC),
        ],
    )  # fmt: skip


def lived_until_june(street: Street) -> None:
    """Two months of reads, June billed on 3 July."""
    read(street, date(2026, 6, 1), 1_000, 100)
    read(street, date(2026, 7, 1), 4_000, 130)
    bill_month(JUNE, NOW)


def bill_month(month: BillingMonth, at: datetime) -> Any:
    readings.determine(actor=CLERK, at=at, month=month)
    return operations.run(actor=CLERK, at=at, month=month, issued_on=at.date())


def deposit(street: Street, fils: int) -> None:
    deposits.take(
        actor=CLERK, at=NOW,
        deposit=NewDeposit(
            street.accounts[0], uuid4(), street.payers[0], DepositKind.CASH, Money(fils),
            date(2026, 6, 1), tender="cash",
        ),
    )  # fmt: skip


def final_reads(street: Street, kwh: int = 5_500, cubic: int = 145) -> list[FinalRead]:
    electricity, water = street.meters[street.accounts[0]]
    return [FinalRead(electricity, "1.8.0", kwh * KWH), FinalRead(water, "1.8.0", cubic * CUBIC)]


def leave(street: Street, **facts: Any) -> Any:
    given = {
        "actor": CLERK, "at": NOW, "intent_id": uuid4(), "account_id": street.accounts[0],
        "on_day": LEAVES,
        "reads": final_reads(street),
    }  # fmt: skip
    return operations.move_out(**{**given, **facts})


def used(street: Street) -> dict[tuple[int, str], int]:
    """What July's bills charge, by bill and service, in base units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select b.sequence, l.service, sum(l.quantity)::int8 from billing_line l"
            " join billing_bill b on b.account_id = l.account_id and b.id = l.bill_id"
            " where b.month = %s group by 1, 2",
            [JULY.ordinal],
        )
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def test_the_final_bill_covers_the_days_up_to_the_move_and_the_deposit_meets_it(
    street: Street,
) -> None:
    lived_until_june(street)
    deposit(street, 125_000)

    done = leave(street)

    [final, june] = queries.bills(street.accounts[0])
    assert (final.id, final.sequence, final.customer_id) == (
        done.bill_id, 1, street.payers[0],
    )  # fmt: skip
    assert (final.period.start, final.period.end) == (date(2026, 7, 1), LEAVES)
    assert used(street) == {(1, "electricity"): 1_500 * KWH, (1, "water"): 15 * CUBIC}
    owed = june.total + final.total
    assert done.settled.netted == min(owed, Money(125_000))
    assert done.settled.left + done.settled.netted == owed
    assert supply_queries.liable_customer(account_id=street.accounts[0], day=LEAVES) is None
    assert ledger.recompute().balanced
    assert claims.recompute().faults == ()


def test_a_second_click_answers_the_first_move_out_and_bills_nothing_twice(street: Street) -> None:
    lived_until_june(street)
    deposit(street, 125_000)
    intent = uuid4()

    first = leave(street, intent_id=intent)
    again = leave(street, intent_id=intent, reads=final_reads(street)[::-1])

    assert again == first
    assert len(queries.bills(street.accounts[0])) == 2
    assert ledger.recompute().balanced


def test_another_move_out_under_the_same_intent_is_refused_and_nothing_changes(
    street: Street,
) -> None:
    lived_until_june(street)
    intent = uuid4()
    leave(street, intent_id=intent)
    before = queries.bills(street.accounts[0])

    with pytest.raises(InputDiffers):
        leave(street, intent_id=intent, reads=final_reads(street, kwh=5_600))

    assert queries.bills(street.accounts[0]) == before


def test_what_is_left_of_a_deposit_after_the_final_bill_is_owed_back(street: Street) -> None:
    lived_until_june(street)
    deposit(street, 900_000)

    done = leave(street)

    assert claims.open_claims(street.accounts[0]) == []
    [due] = deposits_queries.refunds_due()
    assert due.refund == done.settled.refund
    assert due.refund + done.settled.netted == Money(900_000)


def test_the_run_bills_the_rest_of_the_month_to_who_came_after(street: Street) -> None:
    lived_until_june(street)
    leave(street)
    newcomer = street.town.person()
    supply.move_in(
        actor=CLERK, at=NOW, account_id=street.accounts[0], customer_id=newcomer,
        from_day=LEAVES,
    )  # fmt: skip
    read(street, date(2026, 8, 1), 6_200, 151)

    report = bill_month(JULY, AUGUST)
    again = bill_month(JULY, AUGUST)

    assert (report.bills, again.bills) == (1, 0)
    by_sequence = {bill.sequence: bill for bill in queries.bills(street.accounts[0])}
    rest = next(b for b in queries.bills(street.accounts[0]) if b.month == JULY and not b.sequence)
    assert (rest.customer_id, rest.period.start, rest.period.end) == (
        newcomer, LEAVES, date(2026, 8, 1),
    )  # fmt: skip
    assert by_sequence[1].customer_id == street.payers[0]
    assert used(street) == {
        (1, "electricity"): 1_500 * KWH, (1, "water"): 15 * CUBIC,
        (0, "electricity"): 700 * KWH, (0, "water"): 6 * CUBIC,
    }  # fmt: skip


def test_a_unit_that_stays_empty_is_parked_for_the_rest_of_the_month(street: Street) -> None:
    lived_until_june(street)
    leave(street)
    read(street, date(2026, 8, 1), 5_500, 145)

    report = bill_month(JULY, AUGUST)

    assert (report.bills, dict(report.parked)) == (0, {"nobody_liable": 1})


def test_two_may_leave_in_one_month_and_each_pays_for_his_own_days(street: Street) -> None:
    lived_until_june(street)
    leave(street, at=datetime(2026, 7, 6, 9, tzinfo=UTC), on_day=date(2026, 7, 6),
          reads=final_reads(street, 4_500, 135))  # fmt: skip
    second = street.town.person()
    supply.move_in(
        actor=CLERK, at=NOW, account_id=street.accounts[0], customer_id=second,
        from_day=date(2026, 7, 6),
    )  # fmt: skip

    done = leave(street)

    assert done.customer_id == second
    assert used(street) == {
        (1, "electricity"): 500 * KWH, (1, "water"): 5 * CUBIC,
        (2, "electricity"): 1_000 * KWH, (2, "water"): 10 * CUBIC,
    }  # fmt: skip


def test_who_leaves_on_the_first_of_a_month_has_the_month_before_billed_at_once(
    street: Street,
) -> None:
    read(street, date(2026, 6, 1), 1_000, 100)

    done = leave(street, at=datetime(2026, 7, 1, 9, tzinfo=UTC), on_day=date(2026, 7, 1),
                 reads=final_reads(street, 4_000, 130))  # fmt: skip

    [june] = queries.bills(street.accounts[0])
    assert (june.month, june.sequence, june.customer_id) == (JUNE, 0, street.payers[0])
    assert done.bill_id is None
    assert [claim.id for claim in claims.open_claims(street.accounts[0])] == [june.id]


def test_without_a_read_nobody_can_leave_and_nothing_is_changed(street: Street) -> None:
    lived_until_june(street)
    before = counted()

    with pytest.raises(rules.NotBillable):
        leave(street, reads=[])

    assert counted() == before
    assert supply_queries.liable_customer(account_id=street.accounts[0], day=LEAVES)


def test_a_move_out_is_refused_or_denied_whole(street: Street) -> None:
    lived_until_june(street)
    before = counted()
    stranger = FinalRead(uuid4(), "1.8.0", 5)
    auditor = type(CLERK)(CLERK.kind, "a", "a", frozenset({"auditor"}))
    wrong: list[tuple[dict[str, Any], type[Refusal]]] = [
        ({"on_day": date(2026, 7, 17)}, operations.MoveOutAhead),
        ({"reads": [stranger]}, operations.MoveOutRead),
        ({"actor": auditor}, NotAllowed),
    ]

    for change, family in wrong:
        with pytest.raises(family):
            leave(street, **change)

    assert counted() == before


def test_days_that_are_billed_already_are_not_billed_to_who_leaves(street: Street) -> None:
    lived_until_june(street)
    read(street, date(2026, 8, 1), 6_200, 151)
    bill_month(JULY, AUGUST)

    with pytest.raises(operations.MoveOutBilled):
        leave(street, at=AUGUST)

    assert [bill.sequence for bill in queries.bills(street.accounts[0])] == [0, 0]


def counted() -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for table in (
            "billing_bill", "ledger_entry", "claims_claim", "kernel_outbox", "supply_liability",
            "readings_register_read",
        ):  # fmt: skip
            cursor.execute(f"select count(*) from {table}")
            found[table] = int(cursor.fetchone()[0])
    return found
