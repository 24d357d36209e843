"""Many posters at once: the accounts of the general ledger are no lock, and limits hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction

from tahseel.books.ledger import invariants, operations, queries, rules
from tahseel.books.ledger.values import Entry
from tahseel.kernel.actor import system
from tahseel.kernel.money import Money

CHART = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/chart.toml"
AT, DAY = datetime(2026, 4, 1, 9, tzinfo=UTC), date(2026, 4, 1)
POSTERS, ROUNDS = 8, 12
CLERK = system("test")

pytestmark = pytest.mark.usefixtures("database", "chart")


@pytest.fixture
def chart() -> None:
    rules.install_chart(rules.load_chart(CHART.read_bytes()))


def move(account: UUID, debit: str, credit: str, fils: int = 1) -> bool:
    entry = Entry(uuid4(), account, debit, credit, Money(fils), DAY, "test", account)
    try:
        operations.post(actor=CLERK, at=AT, entries=[entry])
    except (operations.BeyondLimit, operations.CreditBelowZero):
        return False
    return True


def together(work: Callable[[], int]) -> int:
    """Run the same in POSTERS threads, each with its own connection; the sum of the answers."""
    done: list[int] = []

    def one() -> None:
        try:
            done.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(POSTERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == POSTERS
    return sum(done)


def test_posters_to_the_same_general_ledger_accounts_do_not_wait_for_each_other() -> None:
    """All hold their transactions open after posting, so whoever waited would break the barrier."""
    barrier = threading.Barrier(POSTERS, timeout=30)

    def work() -> int:
        with transaction.atomic():
            move(uuid4(), "receivable", "revenue.water")
            move(uuid4(), "cash", "suspense")
            barrier.wait()
        return 1

    assert together(work) == POSTERS


def test_the_chart_is_held_by_a_stranger_and_posting_goes_on(database: Any) -> None:
    operations.publish_chart(actor=CLERK, at=AT, chart=list(rules.chart().values()))
    with database.as_owner() as other, other.transaction():
        other.execute("select * from ledger_chart for update")
        began = time.monotonic()
        assert move(uuid4(), "cash", "suspense")
        assert time.monotonic() - began < 5


def insert(app: Any, account: UUID, debit: str, credit: str, fils: int, *, ahead: int = 1) -> None:
    """A posting written by hand, past the product's own code."""
    app.execute(
        "insert into ledger_entry select %(account)s, gen_random_uuid(), coalesce(max(version), 0)"
        " + %(ahead)s, %(debit)s, %(credit)s, %(fils)s, %(day)s, %(at)s, 'hand', %(account)s,"
        " sha256('x'), null from ledger_entry where account_id = %(account)s",
        {
            "account": account, "debit": debit, "credit": credit, "fils": fils, "day": DAY,
            "at": AT, "ahead": ahead,
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("into", "out_of"),
    [
        (("cash", "revenue.fees"), ("bank", "cash")),
        (("bank", "suspense"), ("suspense", "revenue.other")),
        (("bank", "prepaid"), ("prepaid", "revenue.electricity")),
        (("bank", "credit"), ("credit", "revenue.other")),
    ],
)
def test_a_posting_by_hand_beyond_a_limit_is_refused_by_the_database(
    database: Any, into: tuple[str, str], out_of: tuple[str, str]
) -> None:
    account = uuid4()
    with database.as_app() as app:
        insert(app, account, *into, 5)
        insert(app, account, *out_of, 5)
        with pytest.raises(psycopg.errors.CheckViolation, match="would fall to -1"):
            insert(app, account, *out_of, 1)
        insert(app, uuid4(), "receivable", "revenue.water", 1)

    assert len(queries.entries(account)) == 2


@pytest.mark.parametrize(
    "act",
    [
        "delete from ledger_limit",
        "update ledger_limit set on_debit = not on_debit",
        "insert into ledger_limit values ('x', true)",
        "truncate ledger_limit",
        "alter table ledger_entry disable trigger ledger_entry_beyond",
    ],
)
def test_the_application_cannot_take_a_limit_away(database: Any, act: str) -> None:
    with database.as_app() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(act)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_two_by_hand_at_once_take_no_more_than_there_is(
    database: Any, known: bool, isolation: str
) -> None:
    """The second sees what the first took, whether the product knows the account or not.

    It numbers its entry otherwise, so that nothing but the limit is in its way.
    """
    account = uuid4()
    with database.as_app() as app:
        if known:
            move(account, "cash", "revenue.fees", fils=5)
        else:
            insert(app, account, "cash", "revenue.fees", 5)
    done: list[str] = []

    def second() -> None:
        with database.as_app() as app:
            try:
                with app.transaction():
                    app.execute(f"set transaction isolation level {isolation}")
                    insert(app, account, "bank", "cash", 5, ahead=2)
                done.append("taken")
            except psycopg.Error as error:
                done.append(type(error).__name__)

    with database.as_app() as app, app.transaction():
        insert(app, account, "bank", "cash", 5)
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
        assert done == ([] if isolation == "read committed" else ["CheckViolation"])
    thread.join()

    assert done == ["CheckViolation"]
    assert queries.held([(account, "cash")]) == {(account, "cash"): 0}


@pytest.mark.parametrize(
    ("into", "out_of", "code"),
    [
        (("cash", "revenue.fees"), ("bank", "cash"), "cash"),
        (("bank", "suspense"), ("suspense", "revenue.other"), "suspense"),
        (("bank", "prepaid"), ("prepaid", "revenue.electricity"), "prepaid"),
        (("bank", "credit"), ("credit", "revenue.other"), "credit"),
    ],
)
def test_a_limit_holds_when_eight_take_at_once(
    into: tuple[str, str], out_of: tuple[str, str], code: str
) -> None:
    account = uuid4()
    there = POSTERS * ROUNDS // 2
    move(account, *into, fils=there)

    taken = together(lambda: sum(move(account, *out_of) for _ in range(ROUNDS)))

    assert taken == there
    assert queries.held([(account, code)]) == {(account, code): 0}
    assert [v.invariant.name for v in invariants.judge() if not v.held] == []
