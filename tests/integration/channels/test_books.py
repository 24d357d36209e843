"""The page of the books, and an account's statement as page and JSON."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tahseel.books.ledger import queries as ledger
from tahseel.kernel.period import BillingMonth, local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.approvals import queries as approvals

PAGE = "/desk/books/"


def asking(month: str, act: str = "close") -> dict[str, str]:
    return {"approval_id": str(uuid4()), "act": act, "month": month, "reason": "over"}


@pytest.mark.parametrize(
    ("language", "words"),
    [("ar", ("ميزان المراجعة", "ذمم المستهلكين")), ("en", ("Trial balance", "receivables"))],
)
@pytest.mark.parametrize("role", ["revenue_manager", "auditor"])
def test_the_trial_balance_is_shown_to_those_who_answer_for_it(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...], role: str
) -> None:
    shown = sign_in(role, language=language).get(PAGE).content.decode()

    assert all(word in shown for word in words)
    assert ('id="ask"' in shown) is (role == "revenue_manager")


def test_a_clerk_does_not_see_the_books_and_an_auditor_asks_for_nothing(
    sign_in: Any, world: Any
) -> None:
    month = str(BillingMonth.of(local_day(world.now)).previous())

    assert sign_in("clerk").get(PAGE).status_code == 403
    assert sign_in("auditor").post(PAGE, asking(month)).status_code == 403
    assert approvals.waiting(as_of=world.now, operation="ledger.close") == []


def test_a_manager_asks_for_a_month_that_is_over_and_for_no_other(sign_in: Any, world: Any) -> None:
    manager = sign_in("revenue_manager", language="en")
    month = BillingMonth.of(local_day(world.now))

    done = manager.post(PAGE, asking(str(month.previous())))
    early = manager.post(PAGE, asking(str(month)))
    odd = manager.post(PAGE, asking("never"))
    open_ = manager.post(PAGE, asking(str(month.previous().previous()), "reopen"))

    assert (done.status_code, odd.status_code) == (302, 422)
    assert (early.status_code, open_.status_code) == (422, 409)
    assert "is not over yet" in early.content.decode()
    [asked] = approvals.waiting(as_of=world.now, operation="ledger.close")
    assert asked.payload == {"month": str(month.previous())}
    assert ledger.closed_until() is None


@pytest.mark.parametrize("query", ["?day=9999-12-31", "?day=0001-01-01", "?month=0000-13",
                                   "?month=1776-01"])  # fmt: skip
def test_days_that_are_none_are_told(sign_in: Any, world: Any, query: str) -> None:
    assert sign_in("auditor").get(PAGE + query).status_code == 422


def test_a_statement_runs_from_what_was_owed_to_what_is(sign_in: Any, world: Any) -> None:
    clerk = sign_in("clerk", language="en")
    address = f"/desk/accounts/{world.number(world.resident)}/statement"

    told = clerk.get(f"{address}.json?since=2000-01-01").json()
    shown = clerk.get(f"{address}/?since=2000-01-01").content.decode()

    ref = supply.account_ref(number=world.number(world.resident))
    assert ref is not None
    balance = ledger.balance(ref.id)
    assert told["opening_fils"] == 0
    assert told["closing_fils"] == balance.receivable.fils - balance.credit.fils
    assert len(told["entries"]) == balance.version
    assert told["entries"][-1]["standing_fils"] == told["closing_fils"]
    assert "Owed before" in shown
    assert balance.version == 0 or "receivables" in shown


def test_a_statement_is_for_staff_and_its_days_are_in_order(sign_in: Any, world: Any) -> None:
    address = f"/desk/accounts/{world.number(world.resident)}/statement"
    clerk = sign_in("clerk")

    assert clerk.get(f"{address}.json?since=2026-05-01&until=2026-04-01").status_code == 422
    assert clerk.get(f"{address}/?since=9999-12-31").status_code == 422
    assert sign_in("exit_officer").get(f"{address}.json").status_code == 403
    assert clerk.get("/desk/accounts/1/statement/").status_code == 404
