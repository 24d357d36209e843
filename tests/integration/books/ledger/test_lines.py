"""First entries whose rows the database makes: the very entries that `post_many` knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from tahseel.books.ledger import operations, queries, rules
from tahseel.books.ledger.values import Entry
from tahseel.kernel.actor import system
from tahseel.kernel.bulk import Lines
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money

CHART = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/chart.toml"
AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
HOUSE = system("test")
pytestmark = pytest.mark.usefixtures("database", "chart")


@pytest.fixture
def chart() -> None:
    rules.install_chart(rules.load_chart(CHART.read_bytes()))


def entry(account: UUID, fils: int, debit: str = "receivable", credit: str = "opening") -> Entry:
    day = date(2026, 4, 1)
    return Entry(uuid4(), account, debit, credit, Money(fils), day, "take-on:open-item", uuid4())


def lines(entries: Sequence[Entry]) -> Lines:
    """The entries in their order, as a caller's statement would give them."""
    row = (
        "select '{0.account_id}'::uuid as account_id, '{0.id}'::uuid as id, '{0.debit}' as debit,"
        " '{0.credit}' as credit, {0.amount.fils}::bigint as amount,"
        " '{0.business_date}'::date as business_date, '{0.source}' as source,"
        " '{0.source_id}'::uuid as source_id, {1} as place"
    )
    return Lines(" union all ".join(row.format(one, n) for n, one in enumerate(entries)))


def post_lines(*entries: Entry) -> int:
    return operations.post_lines(actor=HOUSE, at=AT, batch="first", entries=lines(entries))


def post_many(*entries: Entry) -> int:
    return operations.post_many(actor=HOUSE, at=AT, entries=entries)


def stored(accounts: Sequence[UUID]) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, version, debit, credit, amount, business_date, recorded_at, source,"
            " source_id, input_hash, reverses from ledger_entry where account_id = any(%s)"
            " order by account_id, version",
            [list(accounts)],
        )
        return list(cursor.fetchall())


def known(*accounts: UUID) -> int:
    """How many of the accounts the ledger knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from ledger_balance where account_id = any(%s)", [list(accounts)]
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def test_entries_made_in_the_database_are_the_ones_that_posting_makes() -> None:
    one, other = uuid4(), uuid4()
    entries = [entry(one, 5_250), entry(other, 70), entry(one, 1, "opening", "credit")]

    with transaction.atomic():
        post_many(*entries)
        expected = stored([one, other]), queries.balances([one, other])
        transaction.set_rollback(True)
    posted = post_lines(*entries)

    assert posted == 3
    assert (stored([one, other]), queries.balances([one, other])) == expected
    assert post_many(*entries) == 0  # known, with the same contents


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda a: [entry(a, 5, "nowhere")], "ledger_code_unknown"),
        (lambda a: [entry(a, 5, "credit", "opening")], "ledger_credit_below_zero"),
    ],
)
def test_first_entries_that_break_a_rule_change_nothing(wrong, code: str) -> None:  # type: ignore[no-untyped-def]
    account = uuid4()

    with pytest.raises(Refusal) as refused:
        post_lines(entry(account, 10), *wrong(account))

    assert refused.value.code == code
    assert stored([account]) == []
    assert known(account) == 0


def test_first_entries_of_an_account_that_has_some_are_refused() -> None:
    account, fresh = uuid4(), uuid4()
    post_many(entry(account, 10))

    with pytest.raises(operations.AccountKnown) as refused:
        post_lines(entry(account, 20), entry(fresh, 30))

    assert refused.value.facts["accounts"] == 1
    assert len(stored([account, fresh])) == 1
    assert known(fresh) == 0
