"""A book that charges for more than the quantity: what is on top is money, and never use."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.db import connection
from tests.integration.charging.billing.test_run import JULY, JUNE, Street, bill, build, use
from tests.integration.registry.town import found

from tahseel.books.ledger import rules as ledger_rules
from tahseel.charging.billing import events, queries, rules
from tahseel.charging.billing.checking import months_of
from tahseel.countries.kuwait import country
from tahseel.kernel.period import BillingMonth

BEFORE = (BillingMonth(2026, 4), BillingMonth(2026, 5), JUNE)
MONTH = 'kind = "fixed"\nunit = "month"\nprice = "250"\n'
FUEL = 'kind = "adder"\nunit = "kWh"\nprice = "0.5"\n'
TAX = 'kind = "tax"\npercent = "10"\n'


def book() -> bytes:
    """The flat price, and a monthly charge, an adder and a tax on it."""
    head = (
        'code = "on-top"\nversion = 1\nname_ar = "ك"\nname_en = "b"\nfrom = 2020-01-01\n'
        'sectors = ["investment"]\nsource = "test"\nrounding = "charge"\n'
    )
    kinds = [
        ("electricity", "flat", 'unit = "kWh"\nprice = "2"\n'),
        ("water", "water", 'unit = "m3"\nprice = "200"\n'),
        ("electricity", "month", MONTH),
        ("electricity", "fuel", FUEL),
        ("electricity", "vat", TAX),
    ]
    records = [
        f'[[rate]]\nid = "{name}"\nservice = "{service}"\nsector = "investment"\n'
        f'from = 2020-01-01\nsource = "test"\nconfidence = "H"\n{body}'
        for service, name, body in kinds
    ]
    return (head + "".join(records)).encode()


@pytest.fixture
def street(database: Any) -> Street:
    """Three accounts with three months of 4,000 kWh and no water."""
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(rules.load_policy(country.content("billing"), book=lambda _: book()))
    made = build(found(), 3)
    for month in BEFORE:
        use(made, made.accounts, month, wh=4_000_000, litres=0)
        bill(month)
    return made


def test_a_month_as_ever_is_not_held_for_what_is_charged_on_top(street: Street) -> None:
    use(street, street.accounts, JULY, wh=4_000_000, litres=0)

    report = bill()

    assert (report.bills, report.held, report.parked) == (3, {}, {})
    months = months_of(rules.policy().holding, JULY.ordinal + 1)
    before = queries.past(account_ids=street.accounts, months=months)
    assert {one.quantity for mine in before.values() for one in mine} == {0, 4_000_000}
    # 8.000 of use, 0.250 a month, 2.000 of fuel, and a tenth of them all.
    assert {one.fils for mine in before.values() for one in mine if one.quantity} == {11_275}


def test_a_month_far_above_is_held_with_what_was_used(street: Street) -> None:
    first, *others = street.accounts
    use(street, others, JULY, wh=4_000_000, litres=0)
    use(street, [first], JULY, wh=40_000_000, litres=0)

    bill()

    [held] = queries.held_back()
    assert held.account_id == first
    assert {one.quantity for one in held.found} == {40_000_000}
    assert {one.recent for one in held.found} == {4_000_000 * 31 // 30}


def test_the_average_price_is_of_what_was_used_with_all_that_is_paid_for_it(street: Street) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select facts from kernel_outbox where name = %s limit 1",
            [events.AVERAGED],
        )
        [facts] = cursor.fetchone() or [None]
    told = {tuple(one[1:]) for one in orjson.loads(facts)["prices"]}
    assert told == {("electricity", 4_000_000, 11_275)}


def test_what_a_meter_is_billed_for_is_what_it_measured(street: Street) -> None:
    account = street.accounts[0]
    meter = street.meters[account][0]

    billed = queries.billed_of_meter(account_id=account, month=JUNE, meter_id=meter)

    assert billed is not None
    bills, service, quantity = billed
    assert (len(bills), str(service), quantity) == (1, "electricity", 4_000_000)
