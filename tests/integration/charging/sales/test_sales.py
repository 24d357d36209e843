"""What is sold without a meter: delivered or burnt, priced by a book, claimed once, and proven."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.charging.billing.test_run import JUNE, Street, bill
from tests.integration.charging.charges.counter import MANAGER, street
from tests.integration.charging.denied import Watched
from tests.integration.registry.town import AT, CLERK, HEAD

from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.charging.billing import queries as billing
from tahseel.charging.sales import operations, queries, rules
from tahseel.charging.sales.operations import delivering, keeping
from tahseel.charging.sales.values import Outlet, SalesReport
from tahseel.countries.kuwait import country
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period

__all__ = ["street"]
LATER = datetime(2026, 8, 5, 8, tzinfo=AT.tzinfo)
JULY = JUNE.next()
HEADING = "outlet,day,document,quantity,unit\n"
BOOKS = Watched(
    LATER,
    (
        "sales_outlet",
        "sales_delivery",
        "sales_sale",
        "ledger_entry",
        "claims_claim",
        "kernel_outbox",
    ),
)
rows, expect_denied = BOOKS.rows, BOOKS.expect_denied


@pytest.fixture
def account(street: Street) -> UUID:
    """An account that also buys without a meter."""
    rules.install(rules.load(country.content("sales"), book=country.price_book))
    return street.accounts[0]


def opened(
    account: UUID, code: str, kind: str = "filling_station", *, day: date = date(2026, 1, 1),
    count: int = 0, watts: int = 0,
) -> Outlet:  # fmt: skip
    return operations.open_outlet(
        actor=HEAD, at=LATER, id=uuid4(), account_id=account, code=code, kind=kind, from_day=day,
        count=count, watts=watts,
    )  # fmt: skip


def took(text: str) -> dict[str, object]:
    return operations.take_file(
        actor=CLERK, at=LATER, name="july.csv", content=(HEADING + text).encode()
    ).as_dict()


def sold(month: BillingMonth = JULY) -> SalesReport:
    return operations.bill_month(actor=MANAGER, at=LATER, month=month, issued_on=LATER.date())


def test_a_month_of_deliveries_is_one_claim_by_the_book(account: UUID) -> None:
    opened(account, "STN-1")
    took("STN-1,2026-07-02,A-1,1000,1000 IG\nSTN-1,2026-07-31,A-2,4546.09,m3\n")

    report = sold()

    [sale] = queries.sales(account_id=account)
    assert (report.sales, report.total, sale.total) == (1, Money(2_000_000), Money(2_000_000))
    claim = claims.claim(account, sale.id)
    assert claim is not None
    assert (claim.amount, claim.reference, claim.kind) == (sale.total, sale.number, "sale")
    assert ledger.recompute().balanced
    assert claims.recompute().sound


def test_a_month_is_billed_once_and_what_comes_late_by_the_next_one(account: UUID) -> None:
    opened(account, "STN-1")
    took("STN-1,2026-07-02,A-1,1000,1000 IG\n")
    sold()
    before = rows()

    again = sold()

    assert (again.sales, again.already, rows()) == (0, 1, before)
    took("STN-1,2026-07-03,A-2,500,1000 IG\n")
    [point] = queries.proven(month=JULY)
    assert point.state == "billed"
    report = operations.bill_month(
        actor=MANAGER, at=LATER, month=JULY.next(), issued_on=LATER.date()
    )
    assert report.total == Money(500_000)


def test_lights_burn_by_count_load_and_hours_on_the_days_they_stand(account: UUID) -> None:
    opened(account, "LIGHTS", "street_light", count=120, watts=150, day=date(2026, 7, 11))

    sold()

    [sale] = queries.sales(account_id=account)
    wh = 120 * 150 * 690 * 21 // 60
    assert sale.lines[0].quantity == wh
    assert sale.total == Money(int(Fraction(wh * 25, 1000) + Fraction(1, 2)))


def test_an_outlet_that_told_nothing_waits_and_zero_is_told(account: UUID) -> None:
    opened(account, "STN-1")

    nothing = sold()
    [waits] = queries.proven(month=JULY)
    took("STN-1,2026-07-31,NIL-7,0,L\n")
    report = sold()

    assert (nothing.sales, dict(nothing.parked)) == (0, {"no_delivery": 1})
    assert (waits.state, waits.reason) == ("parked", "no_delivery")
    assert (report.sales, report.total) == (1, Money(0))
    assert [one.state for one in queries.proven(month=JULY)] == ["billed"]


def test_a_run_proves_what_became_of_every_outlet(account: UUID, street: Street) -> None:
    opened(account, "STN-1")
    opened(account, "CAMS", "camera", count=4, watts=10)
    took("STN-1,2026-07-31,A-1,10,m3\n")

    forgotten = billing.proof(month=JULY)
    sold()
    proof = billing.proof(month=JULY)

    assert dict(forgotten.sold) == {"left": 2}
    assert not forgotten.holds
    assert dict(proof.sold) == {"billed": 2}


def test_an_account_that_only_sells_is_not_parked_for_want_of_a_meter(
    account: UUID, street: Street
) -> None:
    opened(account, "STN-1")
    with connection.cursor() as cursor:
        cursor.execute(
            "update meters_installation set removed_on = '2026-07-01' where meter_id = any(%s)",
            [list(street.meters[account])],
        )

    report = bill()

    assert account not in {one.account_id for one in billing.parked(JULY)}
    assert report.parked == {"no_determinant": 1}


def test_wrong_lines_are_parked_with_their_reason_and_the_others_are_taken(account: UUID) -> None:
    opened(account, "STN-1")
    opened(account, "LIGHTS", "street_light", count=1, watts=1)

    told = took(
        "STN-1,2026-07-02,A-1,10,m3\nNOWHERE,2026-07-02,A-2,10,m3\nSTN-1,2026-02-30,A-3,10,m3\n"
        "STN-1,2026-07-02,A-4,-10,m3\nSTN-1,2026-07-02,A-5,10,barrels\nSTN-1,2025-12-31,A-6,1,L\n"
        "STN-1,2026-08-06,A-7,1,L\nLIGHTS,2026-07-02,A-8,1,L\nSTN-1,2026-07-02,A-1,11,m3\nSTN-1\n"
        "STN-1,2026-07-02,,1,L\nSTN-1,2026-07-02,A-9,1e3,L\n"
    )

    assert (told["lines"], told["taken"]) == (12, 1)
    parked = told["parked"]
    assert isinstance(parked, list)
    assert [(one["line"], one["refusal"]["code"]) for one in parked] == [
        (3, "outlet_unknown"), (4, "delivery_line_wrong"), (5, "delivery_line_wrong"),
        (6, "delivery_line_wrong"), (7, "outlet_shut"), (8, "outlet_shut"), (9, "outlet_shut"),
        (10, "delivery_differs"), (11, "delivery_line_wrong"), (12, "delivery_line_wrong"),
        (13, "delivery_line_wrong"),
    ]  # fmt: skip


def test_the_same_file_again_takes_nothing_again(account: UUID) -> None:
    opened(account, "STN-1")
    first = took("STN-1,2026-07-02,A-1,10,m3\n")
    before = rows()

    again = took("STN-1,2026-07-02,A-1,10,m3\n")

    assert rows() == before
    assert again["again"]
    assert (again["taken"], first["taken"]) == (1, 1)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"outlet;day\n", HEADING.encode(), b"a\0b", (HEADING * 2)[:9].encode()],
)
def test_a_file_that_is_none_is_refused_whole(account: UUID, content: bytes) -> None:
    expect_denied(
        lambda: operations.take_file(actor=CLERK, at=LATER, name="x", content=content),
        rules.FileWrong,
        "sales.take_file",
    )


def test_what_is_typed_twice_otherwise_is_refused(account: UUID) -> None:
    opened(account, "STN-1")

    def typed(quantity: str) -> None:
        operations.deliver(
            actor=CLERK, at=LATER, outlet="STN-1", day=date(2026, 7, 2), document="A-1",
            quantity=quantity, unit="m3",
        )  # fmt: skip

    typed("١٠")
    typed("10")
    expect_denied(lambda: typed("11"), delivering.DeliveryDiffers, "sales.deliver")


def test_a_clerk_does_not_keep_the_inventory_and_a_code_is_given_once(account: UUID) -> None:
    opened(account, "STN-1")

    expect_denied(
        lambda: operations.open_outlet(
            actor=CLERK, at=LATER, id=uuid4(), account_id=account, code="S", kind="tanker",
            from_day=date(2026, 1, 1),
        ),
        NotAllowed, "sales.open_outlet",
    )  # fmt: skip
    expect_denied(lambda: opened(account, "STN-1"), keeping.OutletWrong, "sales.open_outlet")
    expect_denied(
        lambda: opened(account, "L", "street_light", count=0), keeping.OutletWrong,
        "sales.open_outlet",
    )  # fmt: skip


def test_a_load_does_not_begin_in_a_month_that_is_billed_nor_end_there(account: UUID) -> None:
    first = opened(account, "L-1", "street_light", count=1, watts=100)
    sold()

    expect_denied(
        lambda: opened(account, "L-2", "camera", count=1, watts=1, day=date(2026, 7, 31)),
        keeping.OutletDelivered, "sales.open_outlet",
    )  # fmt: skip
    expect_denied(
        lambda: operations.end_outlet(
            actor=HEAD, at=LATER, account_id=account, outlet_id=first.id, until_day=date(2026, 7, 9)
        ),
        keeping.OutletDelivered, "sales.end_outlet",
    )  # fmt: skip
    operations.end_outlet(
        actor=HEAD, at=LATER, account_id=account, outlet_id=first.id, until_day=date(2026, 8, 1)
    )
    assert queries.open_outlets(month=JULY.next()) == []


@given(
    count=st.integers(1, 10**6), watts=st.integers(1, 10**5), days=st.integers(1, 31),
    quantity=st.integers(0, 10**12),
)  # fmt: skip
@settings(deadline=None, max_examples=300)
def test_prices_are_those_of_exact_fractions(
    count: int, watts: int, days: int, quantity: int
) -> None:
    rules.install(rules.load(country.content("sales"), book=country.price_book))
    light = Outlet(UUID(int=1), UUID(int=2), "L", "street_light", count, watts, AT.date(), None)
    station = Outlet(UUID(int=1), UUID(int=3), "S", "filling_station", 0, 0, AT.date(), None)
    period = Period(date(2026, 7, 1), date(2026, 7, 1) + timedelta(days=days))

    wh = rules.burnt(light, days)
    burnt = rules.line(light, JULY, period, wh)
    sale = rules.line(station, JULY, JULY.period, quantity)

    assert wh == int(Fraction(count * watts * days * 690, 60) + Fraction(1, 2))
    assert burnt.amount.fils == int(Fraction(wh * 25, 1000) + Fraction(1, 2))
    exact = Fraction(quantity * 100_000, 454_609 * 1000) * 1000
    assert sale.amount.fils == int(exact + Fraction(1, 2))
