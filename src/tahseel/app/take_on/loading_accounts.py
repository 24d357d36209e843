"""Accounts with their payers and roles, and the money on them: debts, credits, deposits.

The database makes these rows from the staged lines, all of one kind in a statement: temporary
tables hold who and what is meant, and the slices' own operations take the rows from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from tahseel.app.take_on import accounts_in_sql as statements
from tahseel.app.take_on import staging
from tahseel.app.take_on.checking import expand
from tahseel.app.take_on.loading import Loading
from tahseel.app.take_on.values import ROOT, Entity
from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import BILL
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits.values import DepositKind
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import CREDIT, RECEIVABLE
from tahseel.kernel import bulk
from tahseel.kernel.errors import Broken
from tahseel.kernel.ids import derived_id
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import rules as supply_rules

OPENING = "opening"
DEPOSIT = "deposit"
ITEM_SOURCE = "take-on:open-item"
CREDIT_SOURCE = "take-on:credit"
DEPOSIT_SOURCE = "take-on:deposit"


@dataclass(frozen=True)
class Way:
    """How the money of an entity stands in the books: against the opening balances."""

    entity: Entity
    source: str
    debit: str
    credit: str


OWED = Way(Entity.OPEN_ITEMS, ITEM_SOURCE, RECEIVABLE, OPENING)
CREDITED = Way(Entity.CREDITS, CREDIT_SOURCE, OPENING, CREDIT)
DEPOSITED = Way(Entity.DEPOSITS, DEPOSIT_SOURCE, OPENING, DEPOSIT)


def accounts(load: Loading) -> None:
    """Everything that hangs on accounts, in the order in which one thing rests on another."""
    _find(load)
    who = {"actor": load.actor, "at": load.at, "batch": load.batch}
    count = supply.open_lines(
        **who,  # type: ignore[arg-type]
        accounts=bulk.Lines(statements.ACCOUNTS),
        liabilities=bulk.Lines(statements.LIABILITIES),
        parties=bulk.Lines(statements.PARTIES),
    )
    load.progress("accounts", count)
    posted = ledger.post_lines(**who, entries=_entries(load))  # type: ignore[arg-type]
    load.progress("entries", posted)
    kind = {"kind": str(DepositKind.CASH)}
    held = bulk.Lines(statements.DEPOSITS, kind)
    load.progress("deposits", deposits.record_lines(**who, deposits=held))  # type: ignore[arg-type]
    owed = bulk.Lines(statements.CLAIMS)
    money = bulk.Lines(statements.CREDITS, {"source": CREDIT_SOURCE})
    claims.keep_credit_lines(**who, moves=money)  # type: ignore[arg-type]
    load.progress("open_items", claims.open_lines(**who, claims=owed))  # type: ignore[arg-type]
    bulk.insert_lines(
        table="app_take_on_reference",
        columns=("key", "id"),
        lines=bulk.Lines("select key, id from app_taken_account"),
        system=load.mapping.system,
        entity=str(Entity.ACCOUNTS),
        run_id=load.run_id,
    )


def claim_id(account_id: UUID, key: str) -> UUID:
    """The id of an open item's claim."""
    return derived_id(account_id, "open-item", key)


def _find(load: Loading) -> None:
    """Who and what the lines mean, by the ids that every attempt gives them."""
    values: dict[str, bulk.Value] = {
        "run": load.run_id, "system": load.mapping.system, "root": ROOT, "bill": BILL,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for name, statement in statements.FOUND:
            cursor.execute(
                f"create temp table {name} on commit drop as {expand(statement)}", values
            )
            staging.analyse_found(name)
        cursor.execute("select exists (select 1 from app_taken_item where customer_id is null)")
        if cursor.fetchone() == (True,):
            raise Broken("a checked open item has nobody who owes it")
    _number(load)


def _number(load: Loading) -> None:
    """The reserved numbers, in the order of the old keys, for accounts that bring none."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from app_taken_account where number is null")
        row = cursor.fetchone()
        cursor.execute("create temp table app_taken_number (place int, number text) on commit drop")
    assert row is not None
    numbers = ((n, supply_rules.account_number(load.first_number + n)) for n in range(row[0]))
    columns = {"place": "int4", "number": "text"}
    bulk.copy_rows(table="app_taken_number", columns=columns, rows=numbers)


def _entries(load: Loading) -> bulk.Lines:
    """An entry of every open item, then of every credit, then of every deposit of an account."""
    values: dict[str, bulk.Value] = {"cutover": load.mapping.cutover}
    for way in (OWED, CREDITED, DEPOSITED):
        for name in ("source", "debit", "credit"):
            values[f"{way.entity}_{name}"] = getattr(way, name)
    return bulk.Lines(statements.ENTRIES, values)
