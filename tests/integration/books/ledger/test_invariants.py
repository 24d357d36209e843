"""The twelve invariants hold, and each names the record that somebody planted against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from tahseel.books.claims import invariants as claims_invariants
from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import NewClaim
from tahseel.books.ledger import invariants, operations, rules
from tahseel.books.ledger.values import Entry, Verdict
from tahseel.books.payments import facilities
from tahseel.books.payments import invariants as payments_invariants
from tahseel.books.payments import operations as payments
from tahseel.books.payments import rules as payments_rules
from tahseel.books.payments.values import Received
from tahseel.kernel.actor import system
from tahseel.kernel.money import Money

DATA = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data"
AT = datetime(2026, 5, 3, 9, tzinfo=UTC)
DAY = date(2026, 4, 20)
CLERK = system("test")
TWELVE = (
    *invariants.INVARIANTS,
    *claims_invariants.INVARIANTS,
    *payments_invariants.INVARIANTS,
)

pytestmark = pytest.mark.usefixtures("database")


def entry(account: UUID, **change: Any) -> Entry:
    made = Entry(
        id=uuid4(),
        account_id=account,
        debit="receivable",
        credit="revenue.water",
        amount=Money(700),
        business_date=DAY,
        source="bill",
        source_id=uuid4(),
    )
    return replace(made, **change)


@pytest.fixture
def account() -> UUID:
    """A bill of 700 fils with its claim, 500 of them paid; 40 reversed; all under a checkpoint."""
    rules.install_chart(rules.load_chart((DATA / "chart.toml").read_bytes()))
    tenders = payments_rules.load_tenders((DATA / "tenders.toml").read_bytes())
    facilities.install(facilities.Facilities({}, {one.code: one for one in tenders}, ""))
    who, customer = uuid4(), uuid4()
    with transaction.atomic():
        bill, slip = entry(who), entry(who, amount=Money(40))
        operations.post(actor=CLERK, at=AT, entries=[bill, slip])
        operations.reverse(
            actor=CLERK,
            at=AT,
            id=uuid4(),
            account_id=who,
            entry_id=slip.id,
            business_date=DAY,
            source="correction",
            source_id=slip.id,
        )
        claim = NewClaim(who, bill.id, "B-1", "bill", DAY, DAY, bill.amount, customer)
        claims.open_claims(actor=CLERK, at=AT, claims=[claim])
        paid = Received(
            id=uuid4(),
            account_id=who,
            customer_id=customer,
            amount=Money(500),
            tender="cash",
            business_date=DAY,
            received_at=AT,
            reference="R-1",
        )
        payments.record_received(actor=CLERK, at=AT, received=paid)
    operations.checkpoint(actor=CLERK, at=AT)
    return who


def broken() -> dict[str, Verdict]:
    return {one.invariant.name: one for one in invariants.judge(TWELVE) if not one.held}


@pytest.fixture
def planted(database: Any, account: UUID) -> Iterator[Any]:
    """A connection that walls do not stop."""
    with database.as_admin() as admin:
        admin.execute("set session_replication_role = replica")
        yield admin


def test_there_are_twelve_and_all_of_them_hold(account: UUID) -> None:
    assert sorted(one.number for one in TWELVE) == list(range(1, 13))
    assert len({one.name for one in TWELVE}) == 12
    assert broken() == {}


_COPY = (
    "insert into ledger_entry select account_id, {id}, {version}, debit, credit, {amount},"
    " business_date, recorded_at, source, source_id, input_hash, {reverses} from ledger_entry"
    " where {where}"
)
PLANTED = [
    ("entry_balances", "update ledger_entry set credit = 'revenue.air' where version = 1"),
    ("entry_immutable", "update ledger_entry set amount = amount + 1 where version = 1"),
    ("entry_immutable", "update ledger_entry set source = 'gift' where version = 3"),
    ("entry_immutable", "alter table ledger_entry disable trigger ledger_entry_no_change"),
    ("entry_immutable", "grant delete on ledger_entry to tahseel_app"),
    ("versions_unbroken", "delete from ledger_entry where version = 2"),
    ("balance_is_sum", "update ledger_balance set receivable_fils = receivable_fils - 1"),
    ("trial_balance_zero", "update ledger_balance set receivable_fils = receivable_fils - 1"),
    (
        "one_id_one_hash",
        _COPY.format(
            id="id", version="1", amount="amount", reverses="null", where="version = 1"
        ).replace("select account_id", "select gen_random_uuid()"),
    ),
    ("reversed_once", "update ledger_entry set amount = 1 where reverses is not null"),
    ("reversed_once", "delete from ledger_entry where version = 2"),
    ("within_limits", ("update ledger_entry set debit = 'receivable', credit = 'cash'"
                      " where source = 'payment'")),
    ("within_limits", "alter table ledger_entry disable trigger ledger_entry_beyond"),
    ("within_limits", "delete from ledger_limit where code = 'cash'"),
    ("receivable_is_open_claims", ("insert into claims_credit (account_id, id, amount, source,"
                                  " recorded_at) select account_id, id, 5, 'x', recorded_at"
                                  " from ledger_entry limit 1")),
    ("receivable_is_open_claims", "update claims_claim set open = open + 1"),
    ("receivable_is_open_claims", "update claims_allocation set amount = amount - 1"),
    ("payment_posted_once", "update payments_payment set amount = amount + 1"),
    ("payment_posted_once", "delete from payments_payment"),
    ("payment_posted_once", "update ledger_entry set source_id = id where source = 'payment'"),
    ("closed_receives_nothing", "alter table ledger_entry disable trigger ledger_entry_closed"),
    ("merkle_root", ("update ledger_entry set recorded_at = recorded_at - interval '1 microsecond'"
                    " where version = 4")),
    ("merkle_root", "delete from ledger_entry where version = 4"),
    ("merkle_root", "delete from ledger_checkpoint"),
    ("merkle_root", "update ledger_checkpoint set chain = root"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sql"), PLANTED)
def test_what_is_planted_is_named(planted: Any, account: UUID, name: str, sql: str) -> None:
    if name == "merkle_root" and sql == "delete from ledger_checkpoint":
        planted.execute("update ledger_checkpoint set number = 7")
        planted.execute("update ledger_seal set checkpoint = 7")
    else:
        planted.execute(sql)

    found = broken()

    assert name in found
    told = found[name].violations[0]
    assert told.record
    if "ledger_limit" in sql or "trigger" in sql:
        return
    if name in ("entry_balances", "reversed_once", "within_limits", "versions_unbroken"):
        assert str(account) in told.record


def test_an_entry_that_came_after_its_month_was_closed_is_named(
    planted: Any, account: UUID
) -> None:
    planted.execute(
        "insert into ledger_closing select 1, gen_random_uuid(), 'closed', '2026-04-01',"
        " '2026-05-01', '2026-05-01', 1, now(), 'a', 'b', 'c'"
    )
    assert "closed_receives_nothing" not in broken()
    late = uuid4()
    planted.execute(
        _COPY.format(
            id=f"'{late}'", version="9", amount="amount", reverses="null", where="version = 1"
        )
    )

    found = broken()["closed_receives_nothing"]

    assert [one.record for one in found.violations] == [f"{account}/{late}"]


def test_a_checkpoint_covers_what_none_covers_yet_and_nothing_twice(account: UUID) -> None:
    assert operations.checkpoint(actor=CLERK, at=AT) is None
    other = uuid4()
    operations.post(
        actor=CLERK,
        at=AT,
        entries=[entry(account), entry(other)],
        recorded_at=[AT, AT.replace(year=2019)],
    )

    second = operations.checkpoint(actor=CLERK, at=AT)

    assert second is not None
    assert (second.number, second.entries) == (2, 2)
    assert "merkle_root" not in broken()
