"""Fees that other slices found due are asked for by themselves, once for each cause."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from tests.integration.charging.billing.test_run import JULY, Street, bill, use
from tests.integration.charging.charges.counter import (
    BILLED,
    LATER,
    agree,
    owed,
    sound,
    street,
    taken_back,
)
from tests.integration.consumption.metrology import bench

from tahseel.charging.charges import consumers, queries, rules
from tahseel.charging.charges.values import ChargeState
from tahseel.consumption.appointments import events as appointments_events
from tahseel.consumption.appointments import queries as appointments
from tahseel.consumption.appointments import rules as appointments_rules
from tahseel.consumption.metrology import operations as metrology
from tahseel.consumption.metrology import rules as metrology_rules
from tahseel.countries.kuwait import country
from tahseel.kernel import outbox
from tahseel.kernel.money import Money
from tahseel.trust.approvals import queries as approvals

__all__ = ["street"]
DAY = date(2026, 7, 20)


@pytest.fixture(autouse=True)
def _tests() -> None:
    metrology_rules.install_policy(metrology_rules.load_policy(country.content("metrology")))


def write(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


@transaction.atomic
def refused(street: Street, account: UUID) -> UUID:
    """Access that came to a charge, told as the day's work tells it."""
    case = uuid4()
    write(
        "insert into appointments_access (id, account_id, meter_id, state, refusals, opened_on,"
        " notice_id, changed_at) values (%s, %s, %s, 'charge', 2, %s, %s, %s)",
        case, account, street.meters[account][0], DAY, uuid4(), LATER,
    )  # fmt: skip
    found = appointments.access(access_id=case)
    assert found is not None
    appointments_events.charged(access=found, fee=Money(5_000), at=LATER)
    return case


def asked_for_test(account: UUID, day: date = DAY, *, state: str = "kept") -> None:
    write(
        "insert into appointments_booking values (%s, %s, null, %s, 'x', %s, 'noon', 1, 'test',"
        " %s, %s, 'x', %s)", uuid4(), account, uuid4(), day, state, LATER, LATER,
    )  # fmt: skip


def examine(street: Street, account: UUID, *, error: int = 20, certificate: str = "C-1") -> None:
    test = bench.new_test(street.meters[account][0], error=error, on=DAY, certificate=certificate)
    metrology.record_test(
        actor=bench.INSPECTOR, at=LATER, meter_id=street.meters[account][0], test=test
    )


def stepped(*, again: bool = False) -> None:
    if again:
        write("update kernel_cursor set sequence = 0 where consumer = %s", consumers.NAME)
    outbox.sequence_pending(at=LATER, limit=1_000)
    while consumers.step(at=LATER):
        pass


def waiting() -> list[Any]:
    return [one for one in queries.asked(as_of=LATER) if one.reverses is None]


def test_access_that_stayed_refused_is_asked_for_and_goes_out_with_the_next_bill(
    street: Street,
) -> None:
    account = street.accounts[0]
    refused(street, account)

    stepped()

    [one] = waiting()
    assert (one.account_id, one.kind) == (account, "refused_access")
    assert owed(account) == BILLED
    charge = agree(one.approval_id)
    use(street, [account], JULY, wh=4_000_000, litres=0)
    bill(JULY)
    assert owed(account) == BILLED + BILLED + Money(5_000)
    taken_back(charge)
    assert owed(account) == BILLED + BILLED
    assert sound()


def test_the_same_event_again_asks_for_nothing_more_whatever_became_of_the_first(
    street: Street,
) -> None:
    refused(street, street.accounts[0])
    stepped()
    [one] = waiting()

    stepped(again=True)
    once = waiting()
    charge = agree(one.approval_id)
    stepped(again=True)
    taken_back(charge)
    stepped(again=True)

    assert [two.approval_id for two in once] == [one.approval_id]
    assert waiting() == []
    [kept] = queries.of_account(street.accounts[0])
    assert kept.state is ChargeState.REVERSED


def test_a_test_that_the_customer_asked_for_is_charged_when_the_meter_is_in_order(
    street: Street,
) -> None:
    first, second = street.accounts
    asked_for_test(first)
    examine(street, first)
    examine(street, second, certificate="C-2")  # nobody asked for it

    stepped()

    [one] = waiting()
    assert (one.account_id, one.kind, one.cause) == (first, "meter_test", "C-1")
    assert approvals.by_id(one.approval_id).payload["fils"] == 10_000


@pytest.mark.parametrize(
    ("day", "state", "error"),
    [
        (DAY, "cancelled", 20),
        (DAY - timedelta(days=91), "kept", 20),
        (DAY + timedelta(days=1), "booked", 20),
        (DAY, "kept", 2_500),
    ],
)
def test_no_test_is_charged_that_was_not_asked_for_or_found_the_meter_wrong(
    street: Street, day: date, state: str, error: int
) -> None:
    account = street.accounts[0]
    asked_for_test(account, day, state=state)
    examine(street, account, error=error, certificate="C-1" if error == 20 else "")

    stepped()

    assert waiting() == []


def test_what_cannot_be_charged_stops_nothing(street: Street) -> None:
    gone, stays = street.accounts
    write("update supply_account set closed_on = %s where id = %s", DAY, gone)
    refused(street, gone)
    refused(street, stays)

    stepped()

    assert [one.account_id for one in waiting()] == [stays]
    assert outbox.cursor_of(consumers.NAME) == outbox.last_sequence()


def test_more_events_than_one_step_takes_are_all_taken(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "BATCH_MAX", 1)
    for account in street.accounts:
        asked_for_test(account, DAY - timedelta(days=street.accounts.index(account)))
        refused(street, account)
        examine(street, account, certificate=f"C-{account}")

    stepped()

    assert sorted(one.kind for one in waiting()) == ["meter_test"] * 2 + ["refused_access"] * 2


def test_letters_and_catalogue_tell_the_same_fee() -> None:
    told = appointments_rules.load_policy(country.content("appointments")).access.fee

    assert rules.kind("refused_access").least == told
    assert {one.event for one in rules.catalogue().raised} == set(consumers._FEES)
