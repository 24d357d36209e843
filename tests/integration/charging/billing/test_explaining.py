"""What is told beside a bill: how its reads are known, the same customer's months, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.charging.billing.test_moving_out import (
    AUGUST,
    CUBIC,
    KWH,
    NOW,
    bill_month,
    lived_until_june,
)
from tests.integration.charging.billing.test_run import JULY, JUNE, Street, bill, build, use
from tests.integration.registry.town import AT, CLERK, found

from tahseel.books.ledger import rules as ledger_rules
from tahseel.charging.billing import explaining, queries, rules
from tahseel.charging.billing.values import Compared, ExplainingPolicy, Explanation
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.countries.kuwait import country
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as accounts
from tahseel.registry.supply.values import Capacity


@pytest.fixture(autouse=True)
def _installed(database: Any) -> None:
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(rules.load_policy(country.content("billing"), book=country.price_book))
    explaining.install(explaining.load(country.content("explaining")))


def neighbours_from(least: int) -> ExplainingPolicy:
    policy = replace(explaining.policy(), neighbours_min=least)
    explaining.install(policy)
    return policy


def told(account: UUID, month: BillingMonth = JULY) -> Explanation:
    [mine] = [one for one in queries.standing(account) if one.month == month]
    ref = accounts.accounts(account_ids=[account])[account]
    area = premises.area_of(unit_ids=[ref.unit_id])[ref.unit_id].code
    [found] = queries.explanations([mine], areas={account: area}, known={})
    return found


def power(explained: Explanation) -> Compared:
    [one] = [one for one in explained.compared if one.service is Service.ELECTRICITY]
    return one


def read(street: Street, day: date, kwh: int, quality: str) -> None:
    electricity, water = street.meters[street.accounts[0]]
    readings.store_register_reads(
        actor=CLERK, at=NOW, source=f"told-{day}",
        rows=[
            DialRead(electricity, "1.8.0", start_of(day), kwh * KWH, quality),
            DialRead(water, "1.8.0", start_of(day), 160 * CUBIC, quality),
        ],
    )  # fmt: skip


@pytest.mark.parametrize("quality", ["actual", "estimated", "self_read"])
def test_a_bill_says_how_each_of_its_reads_is_known(quality: str) -> None:
    street = build(found(), 1)
    lived_until_june(street)
    read(street, date(2026, 8, 1), 7_000, quality)
    bill_month(JULY, AUGUST)

    for one in told(street.accounts[0]).meters:
        assert (one.from_quality, one.to_quality) == ("actual", quality)
        assert one.from_at == start_of(date(2026, 7, 1))


def months(street: Street, used: Sequence[tuple[BillingMonth, int]]) -> None:
    for month, wh in used:
        use(street, street.accounts, month, wh=wh, litres=0)
        bill(month)


def test_other_months_are_those_of_the_same_customer_and_none_is_invented() -> None:
    street = build(found(), 2)
    may = BillingMonth(2026, 5)
    months(street, [(may, 1_000_000), (JUNE, 2_000_000)])
    months(street, [(JULY, 3_000_000)])

    one = power(told(street.accounts[0]))

    assert (one.quantity, one.last_month, one.last_year) == (3_000_000, 2_000_000, None)
    assert [(m.month, m.quantity) for m in one.months] == [
        (may.ordinal, 1_000_000), (JUNE.ordinal, 2_000_000), (JULY.ordinal, 3_000_000),
    ]  # fmt: skip


def test_who_moves_in_is_told_nothing_of_who_was_there_before() -> None:
    street = build(found(), 2)
    months(street, [(BillingMonth(2026, 5), 1_000_000), (JUNE, 2_000_000)])
    supply.transfer(
        actor=CLERK, at=AT, account_id=street.accounts[0], to_customer_id=street.payers[1],
        on_day=JULY.first_day, capacity=Capacity.TENANT, agreement="L-1",
    )  # fmt: skip
    months(street, [(JULY, 3_000_000)])

    one = power(told(street.accounts[0]))

    assert one.last_month is None
    assert [m.month for m in one.months] == [JULY.ordinal]


def test_the_same_month_of_last_year_is_told() -> None:
    street = build(found(), 1)
    months(street, [(BillingMonth(2025, 7), 9_000_000), (JULY, 3_000_000)])

    one = power(told(street.accounts[0]))

    assert (one.last_month, one.last_year) == (None, 9_000_000)


def test_neighbours_are_a_median_and_too_few_are_not_told() -> None:
    street = build(found(), 5)
    for number, account in enumerate(street.accounts):
        use(street, [account], JULY, wh=(number + 1) * 1_000_000, litres=0)
    bill()

    neighbours_from(5)
    assert power(told(street.accounts[4])).neighbours == 3_000_000
    neighbours_from(6)
    assert power(told(street.accounts[4])).neighbours is None


def test_what_the_state_carries_is_what_it_cost_less_what_is_charged() -> None:
    street = build(found(), 1)
    use(street, street.accounts, JULY, wh=1_000_000, litres=454_609)
    bill()

    one = told(street.accounts[0])

    # 1,000 kWh at 40.56 fils, 100,000 imperial gallons at 8,230 a thousand.
    assert one.cost == Money(40_560 + 823_000)
    assert one.use == one.view.bill.total
    assert one.subsidy == one.cost - one.use


def test_nothing_is_said_of_a_cost_that_is_not_known_for_the_days() -> None:
    street = build(found(), 1)
    use(street, street.accounts, JULY, wh=1_000_000, litres=0)
    bill()
    policy = explaining.policy()
    later = tuple(replace(one, start=JULY.period.end + timedelta(days=1)) for one in policy.costs)
    explaining.install(replace(policy, costs=later))

    one = told(street.accounts[0])

    assert (one.cost, one.subsidy) == (None, None)


def test_many_bills_are_told_as_one_by_one() -> None:
    street = build(found(), 3)
    months(street, [(JUNE, 1_000_000), (JULY, 2_000_000)])
    bills = [queries.standing(account)[0] for account in street.accounts]

    together = queries.explanations(bills, areas={}, known={})

    assert together == [queries.explanations([one], areas={}, known={})[0] for one in bills]
    assert queries.explanations([], areas={}, known={}) == []
