"""The figures of a built country, counted from the rows and not from what the builder meant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from tahseel.app.demo.build import Country
from tahseel.books.deposits import queries as deposits
from tahseel.books.ledger import queries as ledger
from tahseel.books.payments import queries as payments
from tahseel.charging.billing import queries as billing
from tahseel.consumption.readings import queries as readings
from tahseel.kernel.period import FiscalYear, same_day_last_year
from tahseel.recovery.clearance import queries as clearance

COUNTED = {
    "accounts": "supply_account",
    "customers": "customers_customer",
    "premises": "premises_premises",
    "meters": "meters_meter",
    "payments": "payments_payment",
    "notices": "collections_notice",
    "documents": "customers_document",
    "life_events": "customers_change",
    "protections": "customers_protection",
    "merges": "customers_merge",
    "accounts_under_a_main": "supply_child",
    "deposits_demanded": "deposits_demand",
    "refunds_paid": "deposits_deposit where state = 'refunded'",
    "guarantees_that_end": "deposits_deposit where expires_on is not null",
    "estates": "supply_liability where capacity = 'estate'",
    "landlords_in_between": "supply_liability where capacity = 'landlord'",
    "vacancies": "supply_liability where customer_id is null",
    "accounts_closed": "supply_account where closed_on is not null",
    "proxies": "supply_party where role = 'proxy'",
    "stops": "supply_stop",
    "rows_merged": "customers_merge_row",
    "merges_taken_back": "customers_merge where undone_at is not null",
    "agreements_annulled": "government_agreement where annulled_at is not null",
    "without_civil_id": "customers_customer where kind in"
    " ('stateless', 'foreign_owner', 'mission')",
    "applications": "services_application",
    "loads_increased": "services_application where service = 'load_increase'"
    " and state = 'energised'",
    "meters_exchanged": "meters_installation n join meters_installation o"
    " on o.service_point_id = n.service_point_id and o.removed_on = n.installed_on",
    "debts_moved": "transfers_transfer",
    "reading_rounds": "field_round",
    "meters_read_on_rounds": "field_round_stop where state = 'read'",
    "audit_leaves": "audit_leaf",
}


def figures(*, country: Country, release_ms: list[float]) -> dict[str, Any]:
    """Everything that `demo --once` prints. Money in fils; release_ms in milliseconds."""
    plan = country.plan
    first = plan.first_month.first_day
    tomorrow = plan.as_of + timedelta(days=1)
    counts = readings.counts()
    bills = billing.totals(start=first, end=tomorrow)
    return {
        "as_of": plan.as_of.isoformat(),
        "seed": plan.seed,
        **{name: _count(table) for name, table in COUNTED.items()},
        "reads_accepted": counts.reads_accepted + counts.register_reads,
        "reads_rejected": counts.reads_rejected,
        "parked": readings.parked_by_reason(),
        "files": [dict(line) for line in country.files.lines],
        "bills": bills.bills,
        "bills_parked": len(billing.parked()),
        "bills_held": billing.held_totals().bills,
        "bills_corrected": billing.corrected(),
        "bills_misdirected": sum(len(one.bills) for one in billing.open_misdirected()),
        "deposits_left_behind": len(deposits.left_behind(day=plan.as_of)),
        "billed_fils": bills.total.fils,
        "collected_fils": payments.collected(from_day=first, until_day=tomorrow),
        **_fiscal_year(plan.as_of),
        "holds_open": clearance.count_open(),
        "ledger_balanced": ledger.recompute().balanced,
        "release_ms": [round(ms, 3) for ms in release_ms],
    }


def _fiscal_year(as_of: date) -> dict[str, int]:
    year = FiscalYear.of(as_of)
    day = timedelta(days=1)
    before = year.previous().period.start
    return {
        "collected_since_1_april_fils": payments.collected(
            from_day=year.period.start, until_day=as_of + day
        ),
        "collected_same_days_last_year_fils": payments.collected(
            from_day=before, until_day=same_day_last_year(as_of) + day
        ),
    }


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")  # noqa: S608 - names from the table above
        row = cursor.fetchone()
    return int(row[0]) if row else 0
