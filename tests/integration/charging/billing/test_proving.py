"""Each run proves that every active service point was billed, held, parked or excused, by name."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.charging.billing.test_run import ISSUED, JULY, JUNE, Street, bill, build, use
from tests.integration.registry.town import AT, CLERK, found

from tahseel.books.ledger import rules as ledger_rules
from tahseel.charging.billing import operations, queries, rules
from tahseel.charging.billing.values import PointState, Proof
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.countries.kuwait import country
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service

BEFORE = (BillingMonth(2026, 5), JUNE)
MIDDLE = date(2026, 7, 16)
# What happens to an account, and what is to be found of both its points.
FATES = {
    "billed": (PointState.BILLED, ""),
    "no reads": (PointState.PARKED, "no_determinant"),
    "one meter unread": (PointState.PARKED, "determinant_missing"),
    "odd": (PointState.HELD, "unit_suspect"),
    "closed before": (PointState.EXCUSED, "no_account"),
    "meters taken down": (PointState.EXCUSED, "no_meter"),
    "half a month": (PointState.LEFT, "days_missing"),
    "forgotten": (PointState.LEFT, "no_bill"),
}


@pytest.fixture
def policy(database: Any) -> None:
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(rules.load_policy(country.content("billing"), book=country.price_book))


def billed_before(count: int) -> Street:
    street = build(found(), count)
    for month in BEFORE:
        use(street, street.accounts, month, wh=4_000_000, litres=0)
        bill(month)
    return street


def act(statement: str, ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids])
        assert cursor.rowcount == len(ids)


def meet(street: Street, fates: dict[UUID, str]) -> set[UUID]:
    """Let it happen; returns the accounts that the run is given."""

    def of(*wanted: str) -> list[UUID]:
        return [account for account, fate in fates.items() if fate in wanted]

    use(street, of("billed", "forgotten"), JULY, wh=4_000_000, litres=0)
    use(street, of("odd"), JULY, wh=40_000_000, litres=0)
    for account in of("half a month"):
        storing.determinants([half(street, account, at) for at in (0, 1)], at=AT)
    for account in of("one meter unread"):
        storing.determinants([replace(half(street, account, 0), to_at=whole_end())], at=AT)
    down = [meter for one in of("meters taken down") for meter in street.meters[one]]
    act("update meters_installation set removed_on = '2026-07-01' where meter_id = any(%s)", down)
    closed = of("closed before")
    act("update supply_account set closed_on = '2026-07-01' where id = any(%s)", closed)
    return set(fates) - set(of("forgotten", "meters taken down"))


def whole_end() -> Any:
    return start_of(JULY.period.end)


def half(street: Street, account: UUID, position: int) -> Determinant:
    service = (Service.ELECTRICITY, Service.WATER)[position]
    return Determinant(
        account_id=account, meter_id=street.meters[account][position], month=JULY, version=1,
        service=service, quantity=2_000_000 if position == 0 else 0, method=Method.REGISTER,
        from_at=start_of(JULY.period.start), to_at=start_of(MIDDLE), from_value=0, to_value=1,
        days=15, estimated_share=Decimal(0),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_proof_says_of_each_point_what_became_of_it(policy: None, seed: int) -> None:
    chance = random.Random(seed)
    street = billed_before(12)
    drawn = [*FATES, *chance.choices(list(FATES), k=4)]
    fates = dict(zip(street.accounts, drawn, strict=True))
    given = meet(street, fates)

    operations.run(actor=CLERK, at=AT, month=JULY, issued_on=ISSUED, account_ids=sorted(given))
    proof = queries.proof(month=JULY)

    wanted = Counter(FATES[fate] for fate in fates.values() for _ in (0, 1))
    assert proof.active == 2 * len(fates)
    assert proof.reasons == {key: count for key, count in wanted.items() if key[1]}
    assert proof.states == {
        state: sum(n for (one, _), n in wanted.items() if one is state) for state, _ in wanted
    }
    assert not proof.holds
    by_account = {account: FATES[fate] for account, fate in fates.items()}
    for state in PointState:
        for point in queries.proven_points(month=JULY, state=state):
            if point.account_id is not None:
                assert by_account[point.account_id] == (point.state, point.reason)


def test_a_run_that_forgot_nobody_proves_it_and_keeps_the_proof(policy: None) -> None:
    street = billed_before(3)
    first, second, third = street.accounts
    meet(street, {first: "billed", second: "no reads", third: "odd"})

    report = bill()

    assert report.proof is not None
    assert report.proof.holds
    assert report.as_dict()["points"] == {
        "active": 6, "left": 0, "parked": 2, "held": 2, "billed": 2, "excused": 0,
        "reasons": {"held.unit_suspect": 2, "parked.no_determinant": 2}, "holds": True,
        "sold": {},
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select report -> 'points' ->> 'holds' from billing_run where id = %s",
                       [report.run_id])  # fmt: skip
        assert cursor.fetchone() == ("true",)


def test_days_of_nobody_without_use_are_excused(policy: None) -> None:
    street = billed_before(1)
    account = street.accounts[0]
    storing.determinants([half(street, account, at) for at in (0, 1)], at=AT)
    with connection.cursor() as cursor:
        cursor.execute(
            "update supply_liability set until_day = '2026-07-16' where account_id = %s", [account]
        )
        cursor.execute(
            "insert into supply_liability (id, account_id, customer_id, capacity, vacancy,"
            " agreement, from_day, previous_until) select gen_random_uuid(), account_id, null,"
            " 'vacant', 'not_occupied', '', '2026-07-16', '2026-07-16' from supply_liability"
            " where account_id = %s",
            [account],
        )

    bill()

    assert readings.determinants(month=JULY)
    proof = queries.proof(month=JULY)
    assert proof.reasons == {(PointState.EXCUSED, "nobody_liable"): 2}
    assert proof.holds


def test_a_proof_that_does_not_add_up_does_not_hold() -> None:
    right = Proof(JULY, 3, {PointState.BILLED: 2, PointState.EXCUSED: 1})

    assert right.holds
    assert not replace(right, active=4).holds
    assert not replace(right, states={PointState.BILLED: 2, PointState.LEFT: 1}).holds
