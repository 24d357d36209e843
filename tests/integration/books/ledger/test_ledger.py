"""The ledger on a real database, held against a small independent model of itself."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction

from tahseel.books.ledger import operations, queries, rules
from tahseel.books.ledger.values import Entry, Posted
from tahseel.kernel.actor import system
from tahseel.kernel.errors import NotFound
from tahseel.kernel.money import Money
from tahseel.kernel.period import start_of

CHART = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/chart.toml"
AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = date(2026, 4, 1)
CLERK = system("test")

pytestmark = pytest.mark.usefixtures("database", "chart")


@pytest.fixture
def chart() -> None:
    rules.install_chart(rules.load_chart(CHART.read_bytes()))


def bill(account: UUID, fils: int, **change: Any) -> Entry:
    entry = Entry(
        id=uuid4(),
        account_id=account,
        debit="receivable",
        credit="revenue.electricity",
        amount=Money(fils),
        business_date=DAY,
        source="bill",
        source_id=uuid4(),
    )
    return replace(entry, **change)


def post(*entries: Entry, at: datetime = AT) -> list[Posted]:
    return operations.post(actor=CLERK, at=at, entries=entries)


def reverse(account: UUID, entry: UUID, name: UUID | None = None) -> Posted:
    return operations.reverse(
        actor=CLERK,
        at=AT,
        id=name or uuid4(),
        account_id=account,
        entry_id=entry,
        business_date=DAY,
        source="correction",
        source_id=entry,
    )


def test_posting_moves_the_balance_and_numbers_the_entries_of_each_account() -> None:
    first, second = uuid4(), uuid4()

    posted = post(bill(first, 700), bill(second, 5), bill(first, 300))

    assert [one.version for one in posted] == [1, 1, 2]
    assert queries.balance(first).receivable == Money(1000)
    assert queries.balance(second).receivable == Money(5)
    assert queries.recompute().balanced


def test_the_same_entry_posted_twice_is_there_once() -> None:
    account = uuid4()
    entry = bill(account, 700)

    first = post(entry)
    again = post(entry, at=AT + timedelta(days=1))

    assert (first[0].fresh, again[0].fresh) == (True, False)
    assert again[0].version == first[0].version
    assert queries.balance(account).receivable == Money(700)


def test_the_same_id_with_another_amount_is_refused_and_nothing_of_the_call_stays() -> None:
    account = uuid4()
    entry = bill(account, 700)
    post(entry)

    with pytest.raises(operations.EntryDiffers):
        post(bill(account, 1), replace(entry, amount=Money(701)))

    assert [stored.entry for stored in queries.entries(account)] == [entry]


def test_a_code_outside_the_chart_is_refused() -> None:
    account = uuid4()

    with pytest.raises(operations.UnknownCode) as refused:
        post(bill(account, 1, credit="revenue.air"))

    assert refused.value.facts["name"] == "revenue.air"
    assert queries.entries(account) == []


def test_a_reversal_is_the_exact_negative_and_happens_once() -> None:
    account = uuid4()
    entry = bill(account, 700)
    post(entry)

    name = uuid4()
    done = reverse(account, entry.id, name)
    again = reverse(account, entry.id, name)

    assert (done.entry.debit, done.entry.credit) == (entry.credit, entry.debit)
    assert done.entry.amount == entry.amount
    assert (done.version, again.version, again.fresh) == (2, 2, False)
    assert queries.balance(account).receivable == Money(0)
    with pytest.raises(operations.AlreadyReversed):
        reverse(account, entry.id)
    with pytest.raises(operations.NotReversible):
        reverse(account, name)
    with pytest.raises(NotFound):
        reverse(account, uuid4())


def test_the_trial_balance_is_even_at_any_instant_and_knows_only_what_was_recorded() -> None:
    account = uuid4()
    post(bill(account, 700), at=AT)
    post(bill(account, 50, debit="knet", credit="receivable"), at=AT + timedelta(hours=1))

    early = queries.trial_balance(AT)
    late = queries.trial_balance(AT + timedelta(hours=1))

    assert early.debit == early.credit == Money(700)
    assert late.debit == late.credit == Money(750)
    assert {row.code: (row.debit.fils, row.credit.fils) for row in late.rows} == {
        "knet": (50, 0),
        "receivable": (700, 50),
        "revenue.electricity": (0, 700),
    }


def test_a_bulk_posting_equals_single_ones_and_keeps_its_own_instants() -> None:
    accounts = [uuid4() for _ in range(50)]
    entries = [bill(account, n + 1) for n in range(20) for account in accounts]
    instants = [AT - timedelta(days=n) for n in range(len(entries))]

    fresh = operations.post_many(actor=CLERK, at=AT, entries=entries, recorded_at=instants)
    again = operations.post_many(actor=CLERK, at=AT, entries=entries, recorded_at=instants)

    assert (fresh, again) == (1000, 0)
    assert queries.entries(accounts[0])[1].recorded_at == instants[50]
    check = queries.recompute()
    assert (check.balanced, check.entries, check.accounts) == (True, 1000, 50)


@pytest.mark.parametrize(
    "sql",
    [
        "update ledger_entry set amount = 1",
        "delete from ledger_entry",
        "truncate ledger_entry",
    ],
)
def test_the_database_refuses_to_change_an_entry(database: Any, sql: str) -> None:
    account = uuid4()
    post(bill(account, 700))

    with database.as_app() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(sql)
    with database.as_owner() as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(sql)

    assert queries.balance(account).receivable == Money(700)
    assert queries.entries(account)[0].entry.amount == Money(700)


@pytest.mark.parametrize(
    ("sql", "invariant"),
    [
        ("update ledger_entry set amount = amount + 1", "input_hash"),
        ("update ledger_entry set amount = amount + 1", "balance"),
        ("delete from ledger_entry where version = 1", "version_gap"),
        ("update ledger_balance set receivable_fils = receivable_fils - 1", "balance"),
        ("update ledger_entry set credit = 'revenue.air'", "chart"),
        ("update ledger_entry set amount = 1 where reverses is not null", "reversal"),
    ],
)
def test_a_recomputation_finds_what_a_superuser_changed(
    database: Any, sql: str, invariant: str
) -> None:
    account = uuid4()
    entry = bill(account, 700)
    post(entry, bill(account, 1))
    other = bill(uuid4(), 9)
    post(other)
    reverse(other.account_id, other.id)

    with database.as_admin() as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute(sql)

    check = queries.recompute()
    assert not check.balanced
    assert invariant in {fault.invariant for fault in check.faults}


def test_an_export_lets_an_outsider_recompute_every_balance() -> None:
    account = uuid4()
    post(bill(account, 700), bill(account, 200, debit="knet", credit="receivable"))

    rows = [dict(zip(queries.EXPORT_COLUMNS, row, strict=True)) for row in queries.export_rows()]

    owed = sum(
        int(row["amount_fils"]) * ((row["debit"] == "receivable") - (row["credit"] == "receivable"))
        for row in rows
    )
    assert (len(rows), owed) == (2, 500)


def test_writers_of_one_account_queue_and_lose_nothing(database: Any) -> None:
    account = uuid4()

    def work() -> None:
        try:
            for _ in range(10):
                post(bill(account, 1))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert queries.balance(account).receivable == Money(40)
    assert [stored.version for stored in queries.entries(account)] == list(range(1, 41))


def test_what_comes_as_a_day_begins_is_no_part_of_the_day_before() -> None:
    account, day = uuid4(), date(2026, 4, 1)
    midnight = start_of(day + timedelta(days=1))
    before = midnight - timedelta(microseconds=1)
    for at, fils in ((before, 5), (midnight, 7)):
        entry = Entry(
            uuid4(), account, "receivable", "revenue.water", Money(fils), day, "x", account
        )
        operations.post(actor=CLERK, at=at, entries=[entry])

    assert queries.trial_balance_at_end_of(day).debit == Money(5)
    assert queries.trial_balance_at_end_of(day + timedelta(days=1)).debit == Money(12)
    assert queries.trial_balance(midnight).debit == Money(12)


def test_a_trial_balance_stands_in_the_order_of_the_country_s_numbers() -> None:
    account = uuid4()
    for debit, credit in (
        ("receivable", "revenue.water"),
        ("bank", "suspense"),
        ("cash", "credit"),
    ):
        entry = Entry(uuid4(), account, debit, credit, Money(5), AT.date(), "x", account)
        operations.post(actor=CLERK, at=AT, entries=[entry])

    codes = [row.code for row in queries.trial_balance(AT).rows]

    numbers = [rules.chart()[code].number for code in codes]
    assert numbers == sorted(numbers)
    assert codes != sorted(codes)


def test_the_chart_is_published_to_the_database() -> None:
    chart = list(rules.chart().values())

    operations.publish_chart(actor=CLERK, at=AT, chart=chart)
    operations.publish_chart(actor=CLERK, at=AT, chart=chart)

    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct code) from ledger_chart")
        assert cursor.fetchone() == (len(chart), len(chart))


def test_accounts_are_locked_only_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        operations.lock_accounts([uuid4()])
    with transaction.atomic():
        operations.lock_accounts([])
