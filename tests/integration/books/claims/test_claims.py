"""Claims on a real database: opened, paid, undone, disputed, counted."""

from __future__ import annotations

import csv
import io
import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection

from tahseel.books.claims import command, operations, queries
from tahseel.books.claims.values import Applied, NewClaim, PaymentPart
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import rules as ledger_rules
from tahseel.books.ledger.values import Entry
from tahseel.kernel.actor import system
from tahseel.kernel.errors import NotFound
from tahseel.kernel.money import Money

CHART = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/chart.toml"
AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
CLERK = system("test")

pytestmark = pytest.mark.usefixtures("database", "chart")


@pytest.fixture
def chart() -> None:
    ledger_rules.install_chart(ledger_rules.load_chart(CHART.read_bytes()))


def new_claim(
    account: UUID, fils: int, *, month: int = 1, customer: UUID | None = None
) -> NewClaim:
    return NewClaim(
        account_id=account,
        id=uuid4(),
        reference=f"{account.hex[:8]}-{month:02d}-{uuid4().hex[:6]}",
        kind="bill",
        opened_on=date(2026, month, 1),
        due_date=date(2026, month, 15),
        amount=Money(fils),
        customer_id=customer or account,
    )


def open_claims(*claims: NewClaim) -> int:
    return operations.open_claims(actor=CLERK, at=AT, claims=claims)


def pay(account: UUID, fils: int, *quoted: UUID, payment: UUID | None = None) -> Applied:
    return operations.apply_payment(
        actor=CLERK,
        at=AT,
        account_id=account,
        payment_id=payment or uuid4(),
        amount=Money(fils),
        quoted=quoted,
    )


def events(name: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("select facts::text from kernel_outbox where name = %s order by id", [name])
        return [json.loads(row[0]) for row in cursor.fetchall()]


def still_open(account: UUID) -> list[int]:
    return [claim.open.fils for claim in queries.open_claims(account)]


def test_a_payment_closes_the_oldest_claims_and_announces_them_once() -> None:
    account, customer = uuid4(), uuid4()
    january = new_claim(account, 100, month=1, customer=customer)
    open_claims(new_claim(account, 100, month=2, customer=customer), january)

    applied = pay(account, 150)

    assert [(part.amount.fils, part.closed) for part in applied.allocations] == [
        (100, True),
        (50, False),
    ]
    assert applied.unapplied == Money(0)
    assert still_open(account) == [50]
    [closed] = events("claims:claim:closed")
    assert closed["claim_ids"] == [str(january.id)]
    assert closed["customer_ids"] == [str(customer)]
    assert queries.by_reference(january.reference).closed_at == AT


def test_a_payment_applied_twice_counts_once() -> None:
    account, payment = uuid4(), uuid4()
    open_claims(new_claim(account, 100))

    first = pay(account, 70, payment=payment)
    again = pay(account, 70, payment=payment)

    assert (first.fresh, again.fresh) == (True, False)
    assert again.allocations == first.allocations
    assert still_open(account) == [30]
    with pytest.raises(operations.PaymentDiffers):
        pay(account, 71, payment=payment)


def test_an_overpayment_says_what_is_left() -> None:
    account = uuid4()
    open_claims(new_claim(account, 100))

    applied = pay(account, 130)

    assert (applied.applied, applied.unapplied) == (Money(100), Money(30))
    assert still_open(account) == []


def test_undoing_a_payment_reopens_exactly_what_it_paid_and_only_once() -> None:
    account, payment = uuid4(), uuid4()
    open_claims(new_claim(account, 100, month=1), new_claim(account, 100, month=2))
    pay(account, 20)
    pay(account, 150, payment=payment)

    undone = operations.reopen(actor=CLERK, at=AT, account_id=account, payment_id=payment)

    assert (undone.amount, undone.unapplied, len(undone.claims)) == (Money(150), Money(0), 2)
    assert still_open(account) == [80, 100]
    assert events("claims:claim:reopened")[0]["count"] == 2
    with pytest.raises(operations.AlreadyReopened):
        operations.reopen(actor=CLERK, at=AT, account_id=account, payment_id=payment)
    with pytest.raises(NotFound):
        operations.reopen(actor=CLERK, at=AT, account_id=account, payment_id=uuid4())


def test_a_disputed_part_is_neither_paid_nor_overdue() -> None:
    account = uuid4()
    claim = new_claim(account, 100)
    open_claims(claim)

    after = operations.dispute(
        actor=CLERK, at=AT, account_id=account, claim_id=claim.id, amount=Money(60)
    )
    applied = pay(account, 100, claim.id)

    assert after.payable == Money(40)
    assert (applied.applied, applied.unapplied) == (Money(40), Money(60))
    assert queries.overdue(account, date(2026, 12, 1)) == []
    with pytest.raises(operations.DisputeTooLarge):
        operations.dispute(
            actor=CLERK, at=AT, account_id=account, claim_id=claim.id, amount=Money(61)
        )


def test_overdue_claims_and_debtors_follow_the_due_date() -> None:
    account, customer = uuid4(), uuid4()
    open_claims(
        new_claim(account, 100, month=1, customer=customer),
        new_claim(account, 30, month=2, customer=customer),
    )

    assert queries.overdue(customer, date(2026, 1, 15)) == []
    assert [c.amount.fils for c in queries.overdue(customer, date(2026, 2, 16))] == [100, 30]
    [debtor] = queries.debtors(date(2026, 2, 16))
    assert (debtor.customer_id, debtor.overdue, debtor.claims) == (customer, Money(130), 2)
    assert debtor.oldest_due == date(2026, 1, 15)
    assert queries.debtors(date(2026, 1, 15)) == []


def test_the_same_claim_again_changes_nothing_and_another_under_its_id_is_refused() -> None:
    account = uuid4()
    claim = new_claim(account, 100)

    assert (open_claims(claim), open_claims(claim)) == (1, 0)
    with pytest.raises(operations.ClaimDiffers):
        open_claims(new_claim(account, 5), replace(claim, amount=Money(101)))
    assert still_open(account) == [100]


def test_many_payments_at_once_equal_the_same_payments_one_by_one() -> None:
    bulk, single = [uuid4() for _ in range(20)], [uuid4() for _ in range(20)]
    for accounts in (bulk, single):
        open_claims(
            *(new_claim(a, 50 * m + n, month=m) for n, a in enumerate(accounts) for m in (1, 2, 3))
        )
    amounts = [(n, 40 + 7 * n + 30 * turn) for turn in range(4) for n in range(20)]
    instants = [AT - timedelta(hours=n) for n in range(len(amounts))]

    parts = [
        PaymentPart(bulk[n], uuid4(), Money(fils), at=instant)
        for (n, fils), instant in zip(amounts, instants, strict=True)
    ]
    outcomes = operations.apply_many(actor=CLERK, at=AT, payments=parts)
    one_by_one = [pay(single[n], fils) for n, fils in amounts]

    assert [o.unapplied for o in outcomes] == [o.unapplied for o in one_by_one]
    assert [still_open(a) for a in bulk] == [still_open(a) for a in single]
    again = operations.apply_many(actor=CLERK, at=AT, payments=parts)
    assert not any(outcome.fresh for outcome in again)
    assert [o.allocations for o in again] == [o.allocations for o in outcomes]


def test_two_payments_at_once_never_pay_the_same_fils(database: Any) -> None:
    account = uuid4()
    open_claims(new_claim(account, 100))
    applied: list[Applied] = []

    def work() -> None:
        try:
            applied.append(pay(account, 60))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one.applied.fils for one in applied) == 100
    assert sum(one.unapplied.fils for one in applied) == 140
    assert still_open(account) == []


@pytest.mark.parametrize(
    "sql",
    [
        "update claims_claim set amount = 1",
        "update claims_claim set due_date = due_date + 30",
        "delete from claims_claim",
        "delete from claims_allocation",
        "update claims_allocation set amount = 1",
        "update claims_application set amount = 1",
    ],
)
def test_the_database_refuses_to_rewrite_a_claim(database: Any, sql: str) -> None:
    account = uuid4()
    open_claims(new_claim(account, 100))
    pay(account, 10)

    with database.as_app() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(sql)

    assert still_open(account) == [90]


def post(account: UUID, debit: str, credit: str, fils: int) -> None:
    entry = Entry(uuid4(), account, debit, credit, Money(fils), date(2026, 1, 1), "test", uuid4())
    ledger.post(actor=CLERK, at=AT, entries=[entry])


def test_a_recomputation_holds_claims_against_allocations_and_the_ledger(database: Any) -> None:
    account = uuid4()
    open_claims(new_claim(account, 100))
    post(account, "receivable", "revenue.water", 100)
    pay(account, 30)
    post(account, "knet", "receivable", 30)

    assert queries.recompute().sound

    with database.as_owner() as owner:
        owner.execute("update claims_claim set open = open - 1")
    found = {fault.invariant for fault in queries.recompute().faults}
    assert found == {"open", "receivable"}


def test_an_export_holds_every_entry_and_claim() -> None:
    account = uuid4()
    open_claims(new_claim(account, 100))
    post(account, "receivable", "revenue.water", 100)
    pay(account, 30)
    post(account, "knet", "receivable", 30)

    text = io.StringIO()
    count = command.export(text.write)
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))

    owed = sum(
        int(r["amount_fils"]) * ((r["debit"] == "receivable") - (r["credit"] == "receivable"))
        for r in rows
        if r["record"] == "entry"
    )
    claimed = sum(int(row["open_fils"]) for row in rows if row["record"] == "claim")
    assert (count, owed, claimed) == (3, 70, 70)
    lines = io.StringIO()
    command.export(lines.write, as_json=True)
    objects = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [one["amount_fils"] for one in objects] == [int(row["amount_fils"]) for row in rows]
