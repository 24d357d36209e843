"""Bills that are held back: not issued, listed with their reason, and let go by a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from tests.integration.charging.billing.test_run import JULY, JUNE, Street, bill, build, use
from tests.integration.registry.town import AT, CLERK, HEAD, found

from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.books.ledger import rules as ledger_rules
from tahseel.charging.billing import operations, queries, rules
from tahseel.charging.billing.operations import releasing
from tahseel.charging.billing.values import Check, Held, HeldState
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.countries.kuwait import country
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import WrongState
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.rules import OwnApproval
from tahseel.trust.audit import queries as audit

MANAGER = Actor(CLERK.kind, "manager-1", "manager", frozenset({"revenue_manager"}))
LATER = datetime(2026, 8, 5, 8, tzinfo=AT.tzinfo)
BOOKS = ("billing_bill", "billing_line", "ledger_entry", "claims_claim", "kernel_outbox")
BEFORE = (BillingMonth(2026, 4), BillingMonth(2026, 5), JUNE)
GUESS = Decimal(1)


@pytest.fixture
def street(database: Any) -> Street:
    """Three accounts that were billed 20.000 of electricity for each of three months."""
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(rules.load_policy(country.content("billing"), book=country.price_book))
    releasing.register()
    made = build(found(), 3)
    for month in BEFORE:
        use(made, made.accounts, month, wh=4_000_000, litres=0)
        bill(month)
    return made


def measured(street: Street, account: UUID, version: int, *, wh: int) -> None:
    """What the account's electricity meter is known to have counted in July."""
    meter = street.meters[account][0]
    one = Determinant(
        account_id=account, meter_id=meter, month=JULY, version=version,
        service=Service.ELECTRICITY, quantity=wh, method=Method.REGISTER,
        from_at=start_of(JULY.period.start), to_at=start_of(JULY.period.end), from_value=0,
        to_value=wh, days=JULY.period.days, estimated_share=Decimal(0),
    )  # fmt: skip
    storing.determinants([one], at=AT)


def odd(street: Street, wh: int = 40_000_000) -> tuple[UUID, Held]:
    """The first account's July is odd, that of the others as ever; the run has looked at them."""
    first, *others = street.accounts
    use(street, others, JULY, wh=4_000_000, litres=0)
    use(street, [first], JULY, wh=wh, litres=0)
    bill()
    [held] = queries.held_back()
    return first, held


def rows(tables: Sequence[str] = BOOKS) -> list[int]:
    with connection.cursor() as cursor:
        return [
            cursor.execute(f"select count(*) from {table}").fetchone()[0]  # type: ignore[union-attr]
            for table in tables
        ]


def july(account: UUID) -> list[Money]:
    return [one.total for one in queries.bills(account) if one.month == JULY]


def denied(act: Callable[[], object], refusal: type[Refusal], action: str) -> None:
    """Refused, unchanged, unsent, audited."""
    before, waiting = rows(), queries.held_back()

    with pytest.raises(refusal):
        act()

    assert rows() == before
    assert queries.held_back() == waiting
    told = audit.leaves_between(since=LATER, until=LATER + timedelta(days=1), action=action)
    kept = {one["outcome"] for one in told if refusal.code in str(one["facts"])}
    assert kept <= {"refused", "denied"}
    assert kept


def test_a_bill_ten_times_what_was_usual_is_held_back_and_the_others_go_out(street: Street) -> None:
    first, *others = street.accounts
    use(street, others, JULY, wh=4_000_000, litres=0)
    use(street, [first], JULY, wh=40_000_000, litres=0)

    report = bill()

    assert (report.accounts, report.bills, report.already_billed) == (3, 2, 0)
    assert (dict(report.held), report.held_total) == ({"unit_suspect": 1}, Money(200_000))
    assert (july(first), [july(one) for one in others]) == ([], [[Money(20_000)]] * 2)
    [held] = queries.held_back()
    assert (held.account_id, held.month, held.total) == (first, JULY, Money(200_000))
    assert [one.check for one in held.found] == [Check.UNIT_SUSPECT, Check.TOO_HIGH]
    assert (held.found[0].factor, held.stake) == (10_000, Money(179_334))
    assert queries.held_totals().bills == 1
    assert claims.recompute().sound


def test_more_are_held_at_once_than_go_in_one_statement(database: Any) -> None:
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(rules.load_policy(country.content("billing"), book=country.price_book))
    many = build(found(), bulk.FEW_ROWS + 1)
    for month in BEFORE[1:]:
        use(many, many.accounts, month, wh=4_000_000, litres=0)
        bill(month)
    use(many, many.accounts, JULY, wh=40_000_000, litres=0)

    report = bill()

    assert dict(report.held) == {"unit_suspect": bulk.FEW_ROWS + 1}
    assert {one.account_id for one in queries.held_back()} == set(many.accounts)


def test_a_preview_tells_what_would_be_held_and_writes_nothing(street: Street) -> None:
    use(street, street.accounts, JULY, wh=40_000_000, litres=0)
    before = rows([*BOOKS, "billing_run", "billing_parked", "audit_leaf"])

    report = bill(preview=True)

    assert (report.bills, dict(report.held)) == (0, {"unit_suspect": 3})
    assert report.held_total == Money(600_000)
    assert rows([*BOOKS, "billing_run", "billing_parked", "audit_leaf"]) == before
    assert queries.held_back() == []


def test_the_next_run_holds_it_still_and_as_it_was(street: Street) -> None:
    first, held = odd(street)

    again = bill()

    assert (again.bills, again.already_billed, dict(again.held)) == (0, 2, {"unit_suspect": 1})
    assert queries.held_back() == [held]
    assert july(first) == []


def test_a_corrected_quantity_that_is_as_usual_lets_it_go_by_itself(street: Street) -> None:
    first, held = odd(street)
    measured(street, first, 2, wh=4_000_000)

    report = bill()

    assert (report.bills, dict(report.held)) == (1, {})
    assert july(first) == [Money(20_000)]
    ended = queries.held(account_id=first, held_id=held.id)
    assert ended is not None
    assert (ended.state, queries.held_back()) == (HeldState.CLEARED, [])


def test_a_corrected_quantity_that_is_odd_too_is_held_anew(street: Street) -> None:
    first, held = odd(street)
    measured(street, first, 2, wh=60_000_000)

    bill()

    [anew] = queries.held_back()
    before = queries.held(account_id=first, held_id=held.id)
    assert before is not None
    assert (before.state, before.total) == (HeldState.OVERTAKEN, Money(200_000))
    assert (anew.total, anew.check) == (Money(300_000), Check.TOO_HIGH)


def test_a_head_has_it_issued_as_it_is_with_a_reason(street: Street) -> None:
    first, held = odd(street)

    done = operations.release_held(
        actor=HEAD, at=LATER, account_id=first, held_id=held.id, reason="a wedding in the house"
    )

    [issued] = [one for one in queries.bills(first) if one.month == JULY]
    assert (done.numbers, done.total) == ((issued.number,), Money(200_000))
    assert (issued.issued_on, issued.due_date) == (LATER.date(), date(2026, 8, 20))
    assert claims.open_claims(first)[-1].amount == Money(200_000)
    assert ledger.recompute().balanced
    assert claims.recompute().sound
    ended = queries.held(account_id=first, held_id=held.id)
    assert ended is not None
    assert (ended.state, ended.reason) == (HeldState.RELEASED, "a wedding in the house")
    assert (bill().bills, queries.held_back()) == (0, [])


def test_a_large_one_is_issued_once_a_second_person_agrees(street: Street) -> None:
    first, held = odd(street, wh=100_000_000)
    asked = uuid4()

    def ask(approval: UUID = asked) -> UUID:
        return operations.propose_release(
            actor=HEAD, at=LATER, approval_id=approval, account_id=first, held_id=held.id,
            reason="a workshop was opened",
        )  # fmt: skip

    assert (ask(), ask()) == (asked, asked)
    denied(lambda: ask(uuid4()), releasing.ReleaseWaits, "billing.propose_release")
    denied(
        lambda: approvals.approve(actor=HEAD, at=LATER, approval_id=asked),
        OwnApproval,
        "approvals.approve",
    )
    assert queries.releases_waiting(as_of=LATER) == {held.id: asked}
    approvals.approve(actor=MANAGER, at=LATER, approval_id=asked)
    assert july(first) == [Money(500_000)]
    assert queries.releases_waiting(as_of=LATER) == {}
    assert claims.recompute().sound


def test_what_would_be_another_bill_now_is_not_issued(street: Street) -> None:
    first, held = odd(street)
    measured(street, first, 2, wh=39_000_000)

    denied(
        lambda: operations.release_held(
            actor=HEAD, at=LATER, account_id=first, held_id=held.id, reason="right"
        ),
        releasing.HeldChanged,
        "billing.release_held",
    )
    assert july(first) == []


def test_who_may_not_or_says_not_why_or_alone_lets_nothing_go(street: Street) -> None:
    first, held = odd(street, wh=100_000_000)

    def release(actor: Actor = HEAD, reason: str = "right", held_id: UUID = held.id) -> object:
        return operations.release_held(
            actor=actor, at=LATER, account_id=first, held_id=held_id, reason=reason
        )

    act = "billing.release_held"
    denied(lambda: release(actor=CLERK), NotAllowed, act)
    denied(lambda: release(reason="  "), releasing.ReleaseUnexplained, act)
    denied(lambda: release(held_id=uuid4()), releasing.HeldUnknown, act)
    denied(release, releasing.ReleaseNeedsSecond, act)
    assert july(first) == []


def test_what_was_let_go_is_let_go_once(street: Street) -> None:
    first, held = odd(street)

    def act() -> object:
        return operations.release_held(
            actor=HEAD, at=LATER, account_id=first, held_id=held.id, reason="right"
        )

    act()

    denied(act, WrongState, "billing.release_held")
    assert july(first) == [Money(200_000)]


def test_another_reason_under_the_id_of_an_approval_is_another_input(street: Street) -> None:
    first, held = odd(street, wh=100_000_000)
    asked = uuid4()
    operations.propose_release(
        actor=HEAD, at=LATER, approval_id=asked, account_id=first, held_id=held.id, reason="right"
    )

    denied(
        lambda: operations.propose_release(
            actor=HEAD, at=LATER, approval_id=asked, account_id=first, held_id=uuid4(), reason="x"
        ),
        InputDiffers,
        "billing.propose_release",
    )
    assert queries.releases_waiting(as_of=LATER) == {held.id: asked}


def test_what_was_found_cannot_be_changed_by_the_application(street: Street) -> None:
    odd(street)

    for change in ("set total_fils = 1", "set found = '[]'"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"update billing_held {change}")
    assert queries.held_back()[0].total == Money(200_000)
