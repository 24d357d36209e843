"""A bill run on a real database: bills, lines, entries and claims, once and together."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from tests.integration.registry.town import AT, CLERK, HOUSE, Town, found

from tahseel.books.claims import queries as claims
from tahseel.books.ledger import operations as ledger_operations
from tahseel.books.ledger import queries as ledger
from tahseel.books.ledger import rules as ledger_rules
from tahseel.charging.billing import operations, queries, rules
from tahseel.charging.billing.values import RunReport
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.countries.kuwait import country
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity, NewAccount, NewLiability

JUNE, JULY = BillingMonth(2026, 6), BillingMonth(2026, 7)
ISSUED = date(2026, 8, 2)


@dataclass
class Street:
    """Accounts in a row, each with an electricity and a water meter."""

    town: Town
    accounts: list[UUID]
    meters: dict[UUID, tuple[UUID, UUID]]
    payers: list[UUID]


@pytest.fixture
def street(database: Any) -> Street:
    chart = ledger_rules.load_chart(country.content("chart"))
    ledger_rules.install_chart(chart)
    policy = rules.load_policy(country.content("billing"), book=country.price_book)
    rules.install_policy(policy)
    return build(found(), 3)


def build(town: Town, count: int) -> Street:
    make, payers = town.make_id, town.people(count)
    units = town.units(count)
    accounts = [make(AT) for _ in units]
    hung: dict[UUID, tuple[UUID, UUID]] = {}
    devices, installations = [], []
    for number, (unit, account) in enumerate(zip(units, accounts, strict=True)):
        pair = []
        for point in unit.services:
            meter = _meter(town, f"{point.service}-{number}", point.service)
            devices.append(meter)
            installations.append(NewInstallation(make(AT), meter.id, point.id, date(2020, 1, 1)))
            pair.append(meter.id)
        hung[account] = (pair[0], pair[1])
    meters.add_many(actor=HOUSE, at=AT, batch="street", meters=devices, installations=installations)
    opened = [
        NewAccount(
            id=account,
            unit_id=unit.id,
            opened_on=date(2020, 1, 1),
            liabilities=(NewLiability(make(AT), date(2020, 1, 1), payer, Capacity.OWNER),),
        )
        for account, unit, payer in zip(accounts, units, payers, strict=True)
    ]
    supply.open_many(actor=HOUSE, at=AT, batch="street", accounts=opened)
    return Street(town, accounts, hung, payers)


def _meter(town: Town, serial: str, service: Service) -> NewMeter:
    unit = DialUnit.KWH if service == Service.ELECTRICITY else DialUnit.CUBIC_METRE
    register = NewRegister(town.make_id(AT), "1.8.0", RegisterKind.IMPORT, unit, 8)
    return NewMeter(town.make_id(AT), serial, service, "Maker", Phase.NONE, (register,))


def use(
    street: Street, accounts: Sequence[UUID], month: BillingMonth, *, wh: int, litres: int
) -> None:
    rows = [
        Determinant(
            account_id=account,
            meter_id=street.meters[account][position],
            month=month,
            version=1,
            service=service,
            quantity=quantity,
            method=Method.REGISTER,
            from_at=start_of(month.period.start),
            to_at=start_of(month.period.end),
            from_value=1_000,
            to_value=1_000 + quantity,
            days=month.period.days,
            estimated_share=Decimal(0),
        )
        for account in accounts
        for position, (service, quantity) in enumerate(
            ((Service.ELECTRICITY, wh), (Service.WATER, litres))
        )
    ]
    storing.determinants(rows, at=AT)


def bill(month: BillingMonth = JULY, **more: Any) -> RunReport:
    return operations.run(actor=CLERK, at=AT, month=month, issued_on=ISSUED, **more)


def counted(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return int(cursor.fetchone()[0])


def test_a_run_writes_bill_lines_entries_and_claim_for_each_account(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=454_609)
    told: list[tuple[int, int]] = []

    report = bill(progress=lambda done, of: told.append((done, of)))

    assert (report.accounts, report.bills, report.lines) == (3, 3, 6)
    assert (report.total, dict(report.parked)) == (Money(3 * 215_000), {})
    assert told == [(3, 3)]
    account = street.accounts[0]
    [issued] = queries.bills(account)
    view = queries.bill_view(account, issued.id)
    assert view is not None
    assert [(x.price, x.unit, x.amount.fils, x.to_value) for x in view.lines] == [
        ("5", "kWh", 15_000, 3_001_000),
        ("2000", "1000 IG", 200_000, 455_609),
    ]
    [claim] = claims.open_claims(account)
    assert (claim.id, claim.reference, claim.amount) == (issued.id, issued.number, issued.total)
    assert (claim.due_date, claim.customer_id) == (date(2026, 8, 17), street.payers[0])
    assert queries.by_number(issued.number) == issued
    assert [(e.entry.credit, e.entry.amount.fils) for e in ledger.entries(account)] == [
        ("revenue.electricity", 15_000),
        ("revenue.water", 200_000),
    ]
    assert ledger.recompute().balanced
    assert claims.recompute().sound


def test_the_same_run_again_bills_nobody_twice(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=0)

    first, again = bill(), bill()

    assert (first.bills, first.already_billed) == (3, 0)
    assert (again.bills, again.already_billed, again.total) == (0, 3, Money(0))
    assert (counted("billing_bill"), counted("claims_claim")) == (3, 3)


def test_two_runs_at_once_bill_nobody_twice(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=454_609)
    reports: list[RunReport] = []

    def work() -> None:
        try:
            reports.append(bill())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(report.bills for report in reports) == 3
    assert counted("billing_bill") == 3
    assert claims.recompute().sound


def test_an_account_that_cannot_be_billed_is_parked_and_billed_once_it_can(
    street: Street,
) -> None:
    good, late = street.accounts[:2], street.accounts[2]
    use(street, good, JULY, wh=1_000_000, litres=0)

    report = bill()

    assert (report.bills, dict(report.parked)) == (2, {"no_determinant": 1})
    [parked] = queries.parked(JULY)
    assert (parked.account_id, parked.reason) == (late, "no_determinant")
    assert "text_ar" in parked.refusal

    use(street, [late], JULY, wh=1_000_000, litres=0)
    assert (bill().bills, queries.parked(), len(queries.bills(late))) == (1, [], 1)


def test_a_preview_computes_the_same_and_writes_nothing(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=454_609)

    preview = bill(preview=True)

    tables = ("billing_bill", "billing_run", "ledger_entry", "claims_claim", "kernel_outbox")
    assert [counted(t) for t in tables[:4]] == [0, 0, 0, 0]
    report = bill()
    assert (preview.bills, preview.total) == (report.bills, report.total)


def test_only_the_given_accounts_are_billed(street: Street) -> None:
    use(street, street.accounts, JULY, wh=1_000_000, litres=0)

    report = bill(account_ids=street.accounts[:1])

    assert (report.accounts, report.bills) == (1, 1)
    assert queries.bills(street.accounts[1]) == []


def test_nothing_used_is_a_bill_of_zero_without_a_claim(street: Street) -> None:
    use(street, street.accounts[:1], JULY, wh=0, litres=0)

    report = bill(account_ids=street.accounts[:1])

    assert (report.bills, report.total) == (1, Money(0))
    assert claims.open_claims(street.accounts[0]) == []


def test_a_chunk_that_fails_leaves_nothing_behind(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(street, street.accounts, JULY, wh=1_000_000, litres=0)

    def fail(**_: object) -> int:
        raise RuntimeError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(ledger_operations, "post_many", fail)
        with pytest.raises(RuntimeError, match="power"):
            bill()

    tables = ("billing_bill", "billing_line", "ledger_entry", "claims_claim")
    assert [counted(table) for table in tables] == [0, 0, 0, 0]
    assert bill().bills == 3


def test_totals_count_bills_by_issue_day_and_by_month(street: Street) -> None:
    for month in (JUNE, JULY):
        use(street, street.accounts, month, wh=1_000_000, litres=0)
        bill(month)

    assert queries.totals(start=ISSUED, end=date(2026, 8, 3)).bills == 6
    assert queries.totals(start=date(2026, 8, 3), end=date(2027, 1, 1)).bills == 0
    by_month = queries.totals_by_month()
    assert {month: totals.total.fils for month, totals in by_month.items()} == {
        JUNE: 15_000,
        JULY: 15_000,
    }
    assert [one.month for one in queries.bills(street.accounts[0])] == [JULY, JUNE]


def test_a_run_leaves_its_report_and_its_leaves(street: Street) -> None:
    use(street, street.accounts, JULY, wh=1_000_000, litres=0)

    report = bill()

    with connection.cursor() as cursor:
        cursor.execute(
            "select report->>'total_fils' from billing_run where id = %s", [report.run_id]
        )
        assert cursor.fetchone() == (str(report.total.fils),)
        cursor.execute("select convert_from(body, 'UTF8')::json->>'action' from audit_leaf")
        assert {"billing.run", "billing.issue"} <= {row[0] for row in cursor.fetchall()}
        cursor.execute("select count(*) from kernel_outbox where name = 'billing:bills:issued'")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    "sql",
    [
        "update billing_bill set total_fils = 0",
        "delete from billing_line",
        "delete from billing_bill",
    ],
)
def test_the_database_refuses_to_change_a_bill(street: Street, database: Any, sql: str) -> None:
    use(street, street.accounts, JULY, wh=1_000_000, litres=0)
    bill()

    with database.as_app() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(sql)

    assert (counted("billing_bill"), counted("billing_line")) == (3, 6)
