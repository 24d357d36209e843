"""A bill that was wrong: two people, reversed and made anew, and every fils accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from tests.integration.charging.billing.test_run import ISSUED, JULY, Street, build
from tests.integration.registry.town import AT, CLERK, HEAD, HOUSE, found

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.books.ledger import rules as ledger_rules
from tahseel.books.payments import operations as payments
from tahseel.books.payments.values import Received
from tahseel.charging.billing import operations, queries, rules
from tahseel.charging.billing.operations import rebilling
from tahseel.charging.billing.values import Bill, Cause, Corrected
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.countries.kuwait import country
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.kernel.period import start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.rules import OwnApproval

MANAGER = Actor(CLERK.kind, "manager-1", "manager", frozenset({"revenue_manager"}))
LATER = datetime(2026, 9, 1, 8, tzinfo=AT.tzinfo)
BOOKS = (
    "billing_bill", "billing_line", "ledger_entry", "claims_claim", "claims_allocation",
    "approvals_approval", "kernel_outbox",
)  # fmt: skip


@pytest.fixture
def street(database: Any) -> Street:
    """One account, billed 215.000 for July: 3,000 kWh at 5 fils, 100,000 IG at 2 dinars."""
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(rules.load_policy(country.content("billing"), book=country.price_book))
    rebilling.register()
    made = build(found(), 1)
    used(made, 1, wh=3_000_000, litres=454_609)
    operations.run(actor=CLERK, at=AT, month=JULY, issued_on=ISSUED)
    return made


def used(street: Street, version: int, *, wh: int, litres: int) -> None:
    """What the meters are known to have counted in July, from this version on."""
    account = street.accounts[0]
    quantities = ((Service.ELECTRICITY, wh), (Service.WATER, litres))
    storing.determinants(
        [
            Determinant(
                account_id=account, meter_id=meter, month=JULY, version=version, service=service,
                quantity=quantity, method=Method.REGISTER, from_at=start_of(JULY.period.start),
                to_at=start_of(JULY.period.end), from_value=0, to_value=quantity,
                days=JULY.period.days, estimated_share=Decimal(0),
            )
            for meter, (service, quantity) in zip(street.meters[account], quantities, strict=True)
        ],
        at=AT,
    )  # fmt: skip


def july(street: Street) -> Bill:
    return queries.standing(street.accounts[0])[0]


def ask(street: Street, bill: Bill, actor: Actor = CLERK, approval_id: UUID | None = None) -> UUID:
    return operations.propose_rebill(
        actor=actor, at=LATER, approval_id=approval_id or uuid4(),
        account_id=street.accounts[0], bill_id=bill.id, reason="the dial was read wrong",
    )  # fmt: skip


def correct(street: Street) -> Corrected:
    made: Corrected = approvals.approve(
        actor=MANAGER, at=LATER, approval_id=ask(street, july(street))
    )
    return made


def pay(street: Street, fils: int) -> None:
    received = Received(
        id=uuid4(), account_id=street.accounts[0], customer_id=street.payers[0],
        amount=Money(fils), tender="cash", received_at=AT, business_date=ISSUED,
    )  # fmt: skip
    payments.record_many(actor=HOUSE, at=AT, received=[received])


def rows(tables: Sequence[str] = BOOKS) -> list[int]:
    with connection.cursor() as cursor:
        return [
            cursor.execute(f"select count(*) from {table}").fetchone()[0]  # type: ignore[union-attr]
            for table in tables
        ]


def open_fils(street: Street) -> int:
    return sum(claim.open.fils for claim in claims.open_claims(street.accounts[0]))


def assert_sound(street: Street) -> None:
    """The books agree with each other, and with what the standing bills say."""
    balance = ledger.balance(street.accounts[0])
    billed = sum(bill.total.fils for bill in queries.standing(street.accounts[0]))
    revenue = sum(
        one.entry.amount.fils * (1 if one.entry.credit.startswith("revenue") else -1)
        for one in ledger.entries(street.accounts[0])
        if "revenue" in one.entry.credit + one.entry.debit
    )
    assert ledger.recompute().balanced
    assert claims.recompute().sound
    assert balance.receivable.fils == open_fils(street)
    assert revenue == billed


def test_less_lowers_what_is_open_and_keeps_the_claim_with_its_age(street: Street) -> None:
    first = july(street)
    used(street, 2, wh=2_000_000, litres=454_609)

    done = correct(street)

    assert (done.before, done.after, done.reduced) == (Money(215_000), Money(210_000), Money(5_000))
    assert (done.credited, done.asked) == (Money(0), Money(0))
    [claim] = claims.open_claims(street.accounts[0])
    assert (claim.id, claim.open, claim.due_date) == (first.id, Money(210_000), first.due_date)
    assert_sound(street)


def test_more_is_claimed_beside_it_with_a_due_date_of_its_own(street: Street) -> None:
    first = july(street)
    used(street, 2, wh=4_000_000, litres=454_609)

    done = correct(street)

    assert (done.asked, done.reduced, done.credited) == (Money(5_000), Money(0), Money(0))
    old, new = claims.open_claims(street.accounts[0])
    assert (old.id, old.open, old.due_date) == (first.id, Money(215_000), first.due_date)
    assert (new.reference, new.open, new.opened_on) == (done.number, Money(5_000), LATER.date())
    assert_sound(street)


def test_what_was_paid_beyond_the_right_amount_stands_to_the_accounts_credit(
    street: Street,
) -> None:
    pay(street, 213_000)
    used(street, 2, wh=2_000_000, litres=454_609)

    done = correct(street)

    assert (done.reduced, done.credited) == (Money(2_000), Money(3_000))
    assert open_fils(street) == 0
    assert ledger.balance(street.accounts[0]).credit == Money(3_000)
    assert_sound(street)


def test_a_disputed_part_goes_only_as_far_as_the_rest_does_not_reach(street: Street) -> None:
    account, first = street.accounts[0], july(street)
    claim_operations.dispute(
        actor=HOUSE, at=AT, account_id=account, claim_id=first.id, amount=Money(212_000)
    )
    used(street, 2, wh=2_000_000, litres=454_609)

    correct(street)

    [claim] = claims.open_claims(account)
    assert (claim.open, claim.disputed) == (Money(210_000), Money(210_000))
    assert_sound(street)


def test_the_earlier_bill_stays_as_it_was_and_the_new_one_stands_in_its_place(
    street: Street,
) -> None:
    first = july(street)
    before = queries.bill_view(first.account_id, first.id)
    used(street, 2, wh=2_000_000, litres=454_609)

    done = correct(street)

    assert queries.bill_view(first.account_id, first.id) == before
    new = july(street)
    assert (new.id, new.corrects, new.period) == (done.bill_id, first.id, first.period)
    assert new.number != first.number
    assert len(queries.bills(first.account_id)) == 2
    month = queries.totals_by_month()[JULY]
    assert (month.bills, month.total) == (1, Money(210_000))
    whole = queries.totals(start=ISSUED, end=LATER.date() + timedelta(days=1))
    assert (whole.bills, whole.total) == (1, Money(210_000))
    again = operations.run(actor=CLERK, at=LATER, month=JULY, issued_on=LATER.date())
    assert (again.bills, again.already_billed) == (0, 1)


def test_one_person_alone_corrects_nothing(street: Street) -> None:
    used(street, 2, wh=2_000_000, litres=454_609)
    asked = ask(street, july(street), actor=HEAD)
    before = rows()

    with pytest.raises(OwnApproval):
        approvals.approve(actor=HEAD, at=LATER, approval_id=asked)
    with pytest.raises(NotAllowed):
        approvals.approve(actor=CLERK, at=LATER, approval_id=asked)

    assert rows() == before
    assert_sound(street)


def test_whoever_does_not_keep_bills_may_not_ask(street: Street) -> None:
    used(street, 2, wh=2_000_000, litres=454_609)
    crew = Actor(CLERK.kind, "crew-1", "crew", frozenset({"inspector"}))
    before = rows()

    with pytest.raises(NotAllowed):
        ask(street, july(street), actor=crew)

    assert rows() == before


def test_a_large_difference_is_for_a_revenue_manager(street: Street) -> None:
    used(street, 2, wh=3_000_000, litres=0)
    asked = ask(street, july(street))

    with pytest.raises(NotAllowed):
        approvals.approve(actor=HEAD, at=LATER, approval_id=asked)

    done = approvals.approve(actor=MANAGER, at=LATER, approval_id=asked)
    assert isinstance(done, Corrected)
    assert done.after == Money(15_000)


def test_a_right_bill_is_not_corrected_and_a_corrected_one_only_in_its_new_form(
    street: Street,
) -> None:
    first = july(street)
    with pytest.raises(rebilling.NothingToCorrect):
        ask(street, first)
    used(street, 2, wh=2_000_000, litres=454_609)
    correct(street)
    before = rows()

    with pytest.raises(rebilling.BillCorrected):
        ask(street, first)
    with pytest.raises(rebilling.NothingToCorrect):
        ask(street, july(street))

    assert rows() == before


def test_the_same_request_again_answers_the_same_also_when_it_is_decided(street: Street) -> None:
    first, asked = july(street), uuid4()
    used(street, 2, wh=2_000_000, litres=454_609)

    ids = [ask(street, first, approval_id=asked), ask(street, first, approval_id=asked)]
    with pytest.raises(rebilling.RebillWaits):
        ask(street, first)
    approvals.approve(actor=MANAGER, at=LATER, approval_id=asked)
    ids.append(ask(street, first, approval_id=asked))

    assert ids == [asked] * 3
    assert rows(["approvals_approval"]) == [1]


def test_what_changed_since_it_was_asked_for_is_asked_for_anew(street: Street) -> None:
    used(street, 2, wh=2_000_000, litres=454_609)
    asked = ask(street, july(street))
    used(street, 3, wh=1_000_000, litres=454_609)
    before = rows()

    with pytest.raises(rebilling.RebillChanged):
        approvals.approve(actor=MANAGER, at=LATER, approval_id=asked)

    assert rows() == before
    assert approvals_queries.by_id(asked).state == "pending"


def test_whoever_agrees_reads_both_amounts(street: Street) -> None:
    used(street, 2, wh=2_000_000, litres=454_609)
    view = approvals_queries.by_id(ask(street, july(street)))

    told = approvals_queries.proposal(actor=MANAGER, at=LATER, view=view)

    shown = {detail.name_en: detail.value for detail in told.details}
    assert (shown["Billed before"], shown["Billed anew"]) == (Money(215_000), Money(210_000))
    assert (shown["Taken off or credited"], shown["Claimed beside it"]) == (Money(5_000), None)


def test_more_is_not_asked_for_what_lies_too_far_back_and_less_is_given(
    street: Street, monkeypatch: Any
) -> None:
    used(street, 2, wh=4_000_000, litres=454_609)
    far = LATER.replace(year=LATER.year + 11)
    monkeypatch.setitem(globals(), "LATER", far)

    with pytest.raises(rebilling.BackBillingLate):
        ask(street, july(street))

    used(street, 3, wh=2_000_000, litres=454_609)
    assert correct(street).reduced == Money(5_000)
    assert_sound(street)


def test_a_bill_of_another_customer_goes_over_whole_while_nothing_is_paid(street: Street) -> None:
    first, taker = july(street), street.town.person()
    supply.transfer(
        actor=CLERK, at=AT, account_id=street.accounts[0], to_customer_id=taker,
        on_day=date(2026, 7, 1), capacity=Capacity.OWNER,
    )  # fmt: skip

    done = correct(street)

    assert (done.reduced, done.asked) == (first.total, first.total)
    [claim] = claims.open_claims(street.accounts[0])
    assert (claim.id, claim.customer_id) == (done.bill_id, taker)
    assert_sound(street)


def test_what_went_over_to_another_customer_is_corrected_as_his(street: Street) -> None:
    supply.transfer(
        actor=CLERK, at=AT, account_id=street.accounts[0], to_customer_id=street.town.person(),
        on_day=date(2026, 7, 1), capacity=Capacity.OWNER,
    )  # fmt: skip
    moved = correct(street)
    used(street, 2, wh=2_000_000, litres=454_609)

    done = correct(street)

    assert (done.reduced, done.credited, done.asked) == (Money(5_000), Money(0), Money(0))
    [claim] = claims.open_claims(street.accounts[0])
    assert (claim.id, claim.open) == (moved.bill_id, Money(210_000))
    assert_sound(street)


def test_a_bill_of_another_customer_who_has_paid_of_it_is_refused(street: Street) -> None:
    pay(street, 1_000)
    supply.transfer(
        actor=CLERK, at=AT, account_id=street.accounts[0], to_customer_id=street.town.person(),
        on_day=date(2026, 7, 1), capacity=Capacity.OWNER,
    )  # fmt: skip
    before = rows()

    with pytest.raises(rebilling.PaidBySomebodyElse):
        ask(street, july(street))

    assert rows() == before


def test_the_review_that_waited_for_it_is_closed_with_it(street: Street) -> None:
    used(street, 2, wh=2_000_000, litres=454_609)
    first = july(street)
    operations.mark_misdirected(
        actor=HOUSE, at=AT, account_id=first.account_id, cause=Cause.SECTOR,
        from_day=first.period.start, until_day=first.period.end, bills=[first],
    )  # fmt: skip

    done = correct(street)

    assert queries.open_misdirected() == []
    with connection.cursor() as cursor:
        cursor.execute("select reason, ended_by from billing_misdirected")
        [(reason, by)] = cursor.fetchall()
    assert reason.endswith(f" | In its place stands bill {done.number}")
    assert by == MANAGER.id
