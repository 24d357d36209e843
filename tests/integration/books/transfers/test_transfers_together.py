"""A debt that is agreed to move while it is paid, and two that pass each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from tests.integration.books.transfers.papers import agree, broken, fils, owed, pay, take_back

from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.books.transfers import operations, queries

ROUNDS = 4


def together(*works: Callable[[], object]) -> list[object]:
    """What each came to, a refusal too; they begin at the same instant."""
    came: list[object] = [None] * len(works)
    start = threading.Barrier(len(works))

    def one(place: int) -> None:
        start.wait()
        try:
            came[place] = works[place]()
        except Exception as error:
            came[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came


@transaction.atomic
def paid(account: UUID, amount: int) -> int:
    pay(account, amount)
    return amount


def test_a_debt_that_is_paid_while_it_moves_is_paid_or_moved_and_never_both(papers: Any) -> None:
    for _ in range(ROUNDS):
        [claim] = papers.owe(30_000)
        before = fils(owed(papers.flat, papers.house)) - ledger.balance(papers.flat).credit.fils
        approval = papers.ask(papers.sign(), {claim: 30_000})

        moved, met = together(lambda: agree(approval), lambda: paid(papers.flat, 10_000))  # noqa: B023

        left = fils(owed(papers.flat, papers.house)) - ledger.balance(papers.flat).credit.fils
        assert (met, left) == (10_000, before - 10_000)
        if isinstance(moved, Exception):
            assert isinstance(moved, operations.PartTooLarge)
        assert not broken()


def test_a_debt_that_is_paid_while_it_is_given_back_is_not_lost(papers: Any) -> None:
    for _ in range(ROUNDS):
        [claim] = papers.owe(30_000)
        done = papers.move(papers.sign(), {claim: 30_000})

        back, met = together(lambda: take_back(done), lambda: paid(papers.house, 10_000))  # noqa: B023

        assert met == 10_000
        if isinstance(back, Exception):
            assert isinstance(back, operations.TransferTouched)
        assert queries.by_id(done.id).stands is isinstance(back, Exception)  # type: ignore[union-attr]
        assert not broken()
        assert claims.recompute().sound


def test_debts_that_pass_each_other_do_not_wait_for_ever(papers: Any) -> None:
    for _ in range(ROUNDS):
        [here], [there] = papers.owe(30_000), papers.owe(20_000, account=papers.house)
        one = papers.ask(papers.sign(), {here: 30_000})
        other = papers.ask(papers.sign(back=True), {there: 20_000})

        came = together(
            lambda: agree(one), lambda: agree(other), lambda: agree(one), lambda: agree(other)  # noqa: B023
        )  # fmt: skip

        assert sum(not isinstance(each, Exception) for each in came) >= 2
        assert not [each for each in came if "deadlock" in str(each)]
        assert not broken()
    assert len(queries.of_account(papers.flat)) == 2 * ROUNDS
