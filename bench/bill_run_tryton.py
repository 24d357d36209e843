"""The peer of `bill-run`: Tryton creates and posts one accounting move a bill, three lines each.

Its own data model and its own ORM, as its documentation has them: moves created a thousand at once
and posted together, on the PostgreSQL that the environment names. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from importlib import import_module
from typing import Any

AT_ONCE = 1_000
RETRIES_MAX = 20
ELECTRICITY, WATER = Decimal("6.00"), Decimal("8.75")


def main(moves: int) -> dict[str, Any]:
    """Moves a second, committed; the posted sum is asserted first."""
    import_module("trytond.config").set("database", "uri", "postgresql://")
    tests = import_module("trytond.tests.test_tryton")
    tests.activate_module(["account"])
    transactions = import_module("trytond.transaction")
    company_tests = import_module("trytond.modules.company.tests")
    extras: dict[str, Any] = {}
    for _ in range(RETRIES_MAX):
        begun = transactions.Transaction()
        try:
            with begun.start(tests.DB_NAME, 1, close=True, **extras):
                return _with_company(begun, company_tests, moves)
        except transactions.TransactionError as error:  # it names a table that it has to lock
            error.fix(extras)
    raise RuntimeError("Tryton asked for ever more locks")


def _with_company(transaction: Any, company_tests: Any, moves: int) -> dict[str, Any]:
    company = company_tests.create_company()
    with company_tests.set_company(company):
        return _measured(transaction, company, moves)


def _measured(transaction: Any, company: Any, moves: int) -> dict[str, Any]:
    helpers = import_module("trytond.modules.account.tests")
    pool = import_module("trytond.pool").Pool()
    helpers.create_chart(company)
    year = helpers.get_fiscalyear(company)
    year.save()
    pool.get("account.fiscalyear").create_period([year])
    [receivable] = pool.get("account.account").search([("type.receivable", "=", True)], limit=1)
    [revenue] = pool.get("account.account").search(
        [("type.revenue", "=", True), ("closed", "=", False)], limit=1
    )
    [journal] = pool.get("account.journal").search([("code", "=", "REV")], limit=1)
    parties = pool.get("party.party").create([{"name": f"payer {n}"} for n in range(moves)])
    move_type = pool.get("account.move")
    period = year.periods[0]
    start = time.perf_counter()
    for first in range(0, moves, AT_ONCE):
        made = move_type.create(
            [
                _move(journal, period, receivable, revenue, party)
                for party in parties[first : first + AT_ONCE]
            ]
        )
        move_type.post(made)
        transaction.commit()
    seconds = time.perf_counter() - start
    require_posted(pool, receivable, moves)
    return {"moves_per_s": moves / seconds, "moves": moves}


def _move(journal: Any, period: Any, receivable: Any, revenue: Any, party: Any) -> dict[str, Any]:
    owed = {"account": receivable.id, "party": party.id, "debit": ELECTRICITY + WATER}
    lines = [owed, *({"account": revenue.id, "credit": one} for one in (ELECTRICITY, WATER))]
    return {
        "journal": journal.id,
        "period": period.id,
        "date": period.start_date,
        "lines": [("create", lines)],
    }


def require_posted(pool: Any, receivable: Any, moves: int) -> None:
    """AssertionError unless every move is posted and they sum to what was billed."""
    posted = pool.get("account.move").search([("state", "=", "posted")], count=True)
    lines = pool.get("account.move.line").search([("account", "=", receivable.id)])
    owed = sum(line.debit for line in lines)
    if (posted, owed) != (moves, moves * (ELECTRICITY + WATER)):
        raise AssertionError(f"{posted} moves are posted and {owed} is owed")


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
