"""A quantity that is corrected after its bill went out waits for a person; the bill stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from tests.integration.charging.billing.test_moving_out import (
    AUGUST,
    JULY,
    bill_month,
    lived_until_june,
    read,
)
from tests.integration.charging.billing.test_run import Street, build
from tests.integration.registry.town import CLERK, HEAD, found

from tahseel.charging.billing import consumers, operations, queries
from tahseel.charging.billing.operations import running
from tahseel.charging.billing.values import Cause, Misdirected
from tahseel.consumption.readings import operations as readings
from tahseel.kernel import outbox
from tahseel.kernel.actor import system
from tahseel.kernel.errors import NotAllowed

JOB = system("test")
LATER = AUGUST + timedelta(days=3)


@pytest.fixture
def street(database: Any) -> Any:
    """July is billed by the dial of the first of August."""
    made = build(found(), 1)
    lived_until_june(made)
    read(made, date(2026, 8, 1), 7_100, 161)
    bill_month(JULY, AUGUST)
    return made


def corrected(street: Street, power: int) -> list[Misdirected]:
    """The dial of the first of August turns out to have shown something else."""
    read(street, date(2026, 8, 1), power, 161)
    readings.redetermine(actor=JOB, at=LATER, month=JULY, account_ids=street.accounts)
    outbox.sequence_pending(at=LATER)
    while consumers.step(at=LATER):
        pass
    return queries.open_misdirected(account_id=street.accounts[0])


def test_the_bill_its_quantity_and_the_difference_wait_and_no_bill_changes(street: Street) -> None:
    before = queries.bills(street.accounts[0])

    (work,) = corrected(street, 7_350)

    assert work.corrected is not None
    assert work.cause is Cause.QUANTITY
    assert work.corrected.difference == 250_000
    assert [bill.month for bill in work.bills] == [JULY]
    assert work.days == work.bills[0].period
    assert queries.bills(street.accounts[0]) == before
    again = operations.price_again(bill=work.bills[0])
    assert again is not None
    assert again > work.bills[0].total


def test_a_later_correction_takes_the_place_of_the_one_before(street: Street) -> None:
    (first,) = corrected(street, 7_350)

    (second,) = corrected(street, 7_200)

    assert second.id != first.id
    assert second.corrected is not None
    assert first.corrected is not None
    assert second.corrected.billed == first.corrected.billed
    assert second.corrected.difference == 100_000
    done = queries.misdirected(account_id=first.account_id, misdirected_id=first.id)
    assert done is not None
    assert done.reason


def test_nothing_waits_where_the_quantity_is_again_what_was_billed(street: Street) -> None:
    waited = corrected(street, 7_350)

    assert corrected(street, 7_100) == []
    assert len(waited) == 1


def test_an_event_told_twice_leaves_one_piece_of_work(street: Street) -> None:
    corrected(street, 7_350)
    with connection.cursor() as cursor:
        cursor.execute("delete from kernel_cursor where consumer = %s", [consumers.NAME])

    while consumers.step(at=LATER):
        pass

    assert len(queries.open_misdirected(account_id=street.accounts[0])) == 1


def test_a_month_without_a_bill_makes_no_work(database: Any) -> None:
    made = build(found(), 1)
    lived_until_june(made)
    read(made, date(2026, 8, 1), 7_100, 161)
    readings.determine(actor=JOB, at=AUGUST, month=JULY)

    assert corrected(made, 7_350) == []


def told_while_it_was_billed(monkeypatch: pytest.MonkeyPatch) -> Street:
    """A run has computed its bills and not written them, when a dial turns out to be another."""
    made = build(found(), 1)
    lived_until_june(made)
    read(made, date(2026, 8, 1), 7_100, 161)
    readings.determine(actor=JOB, at=AUGUST, month=JULY)
    looked_at = running.looked_at

    def corrected_meanwhile(*args: Any) -> Any:
        monkeypatch.setattr(running, "looked_at", looked_at)
        assert corrected(made, 7_350) == []
        return looked_at(*args)

    monkeypatch.setattr(running, "looked_at", corrected_meanwhile)
    report = operations.run(actor=JOB, at=AUGUST, month=JULY, issued_on=AUGUST.date())
    assert report.bills == 1
    return made


def test_a_correction_told_while_its_bill_was_written_is_found_in_the_night(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = told_while_it_was_billed(monkeypatch)
    assert queries.open_misdirected(account_id=made.accounts[0]) == []

    assert operations.take_missed(actor=JOB, at=LATER, month=JULY) == 1

    (work,) = queries.open_misdirected(account_id=made.accounts[0])
    assert work.corrected is not None
    assert work.corrected.difference == 250_000
    assert operations.take_missed(actor=JOB, at=LATER, month=JULY) == 0


def test_what_somebody_has_decided_about_is_not_found_again(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = told_while_it_was_billed(monkeypatch)
    operations.take_missed(actor=JOB, at=LATER, month=JULY)
    (work,) = queries.open_misdirected(account_id=made.accounts[0])
    operations.close_misdirected(
        actor=HEAD, at=LATER, account_id=work.account_id, misdirected_id=work.id, reason="agreed"
    )

    assert operations.take_missed(actor=JOB, at=LATER, month=JULY) == 0
    assert queries.open_misdirected(account_id=made.accounts[0]) == []


def test_a_month_that_was_billed_as_it_stands_is_left_alone(street: Street) -> None:
    assert operations.take_missed(actor=JOB, at=LATER, month=JULY) == 0

    corrected(street, 7_350)

    assert operations.take_missed(actor=JOB, at=LATER, month=JULY) == 0
    assert len(queries.open_misdirected(account_id=street.accounts[0])) == 1


def test_only_the_house_takes_corrections(street: Street) -> None:
    with pytest.raises(NotAllowed):
        operations.take_correction(
            actor=CLERK, at=LATER, account_id=street.accounts[0], month=JULY,
            meter_id=street.accounts[0], quantity=1,
        )  # fmt: skip

    assert queries.open_misdirected(account_id=street.accounts[0]) == []
