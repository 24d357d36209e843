"""Tests of meters on record: what they certify, end and correct, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from tests.integration.consumption.metrology.bench import (
    BEFORE,
    DAY,
    ENGINEER,
    HEAD,
    INSPECTOR,
    NOW,
    correct,
    failed,
    measured,
    new_test,
    record,
)

from tahseel.consumption.metrology import operations, queries, watching
from tahseel.consumption.metrology.operations import correcting, testing
from tahseel.consumption.metrology.values import Basis, ErrorConfirmed, Verdict
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth
from tahseel.trust.approvals import operations as approvals

CLERK = Actor(ActorKind.STAFF, "clerk-9", "clerk", frozenset({"clerk"}))


@pytest.fixture
def meter_id(street: Any) -> UUID:
    found: UUID = street.home(hung=date(2025, 1, 1)).electricity
    return found


def denied(action: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf order by ctid")
        leaves = [orjson.loads(bytes(row[0])) for row in cursor.fetchall()]
    return sum((leaf["action"], leaf["outcome"]) == (action, "denied") for leaf in leaves)


def test_a_passed_test_certifies_the_device_for_the_months_of_its_programme(meter_id: UUID) -> None:
    found = record(meter_id)

    held = queries.certification(meter_id=meter_id)
    assert held is not None
    assert (found.verdict, held.basis, held.reference) == (Verdict.PASSED, Basis.TEST, "C-1")
    assert (held.from_day, held.until_day) == (DAY, date(2034, 5, 20))
    assert held.holds(date(2034, 5, 19))
    assert not held.holds(date(2034, 5, 20))


def test_a_failed_test_ends_what_a_passed_one_certified(meter_id: UUID) -> None:
    record(meter_id, on=BEFORE)

    failed(meter_id)

    held = queries.certification(meter_id=meter_id)
    assert held is not None
    assert held.basis is Basis.WITHDRAWN
    assert not held.holds(DAY)
    assert [c.meter_id for c in queries.uncertified(day=DAY)] == [meter_id]


def test_a_certification_that_ends_soon_is_told_while_the_meter_hangs(meter_id: UUID) -> None:
    until = DAY + timedelta(days=60)
    row = (meter_id, date(2018, 1, 1), until, "maker")
    from tests.integration.registry import town

    house = town.found().house
    operations.certify_many(actor=house, at=NOW, batch="makers", certified=[row])

    assert queries.uncertified(day=DAY) == []
    assert [c.until_day for c in queries.uncertified(day=DAY, within_days=60)] == [until]
    assert queries.uncertified(day=date(2024, 1, 1), within_days=9_999) == []


def test_a_test_told_twice_is_one_and_another_under_its_id_is_refused(
    meter_id: UUID,
) -> None:
    test = new_test(meter_id)
    first = operations.record_test(actor=INSPECTOR, at=NOW, meter_id=meter_id, test=test)

    again = operations.record_test(actor=INSPECTOR, at=NOW, meter_id=meter_id, test=test)

    assert again == first
    other = replace(test, reference="another")
    with pytest.raises(InputDiffers):
        operations.record_test(actor=INSPECTOR, at=NOW, meter_id=meter_id, test=other)
    assert len(queries.meter_tests(meter_id=meter_id)) == 1


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"reference": "  "}, testing.TestUnproven),
        ({"certificate": ""}, testing.TestUnproven),
        ({"accuracy_class": "7"}, testing.ClassUnknown),
        ({"tested_on": date(2026, 6, 11)}, testing.TestDayWrong),
    ],
)
def test_a_test_that_proves_nothing_is_refused(
    meter_id: UUID, change: dict[str, Any], refused: type[Refusal]
) -> None:
    test = replace(new_test(meter_id), **change)

    with pytest.raises(refused):
        operations.record_test(actor=INSPECTOR, at=NOW, meter_id=meter_id, test=test)

    assert queries.meter_tests(meter_id=meter_id) == []
    assert queries.certification(meter_id=meter_id) is None


def test_no_test_comes_before_the_last_and_no_certificate_is_used_twice(
    meter_id: UUID,
) -> None:
    record(meter_id)

    with pytest.raises(testing.TestDayWrong):
        record(meter_id, on=BEFORE, certificate="C-2")
    with pytest.raises(testing.CertificateTaken):
        record(meter_id, certificate="C-1")

    assert len(queries.meter_tests(meter_id=meter_id)) == 1


def test_who_tests_no_meters_is_refused_and_nothing_changes(meter_id: UUID) -> None:
    with pytest.raises(NotAllowed):
        operations.record_test(
            actor=CLERK, at=NOW, meter_id=meter_id, test=new_test(meter_id)
        )  # fmt: skip

    assert queries.meter_tests(meter_id=meter_id) == []
    assert denied("metrology.record_test") == 1


class Told:
    """Somebody above who bills."""

    def __init__(self) -> None:
        self.heard: list[ErrorConfirmed] = []

    def __call__(self, *, actor: Actor, at: datetime, confirmed: ErrorConfirmed) -> None:
        self.heard.append(confirmed)


def test_an_error_corrects_only_the_days_it_covers_and_only_once_two_agree(street: Any) -> None:
    home = street.home(hung=date(2025, 1, 1))
    measured(home, {"2026-03": 310_000, "2026-04": 300_000, "2026-05": 310_000})
    record(home.electricity, on=date(2026, 2, 20))
    told = Told()
    watching.install([told])

    test = failed(home.electricity, error=2_500)
    made = correct(test.id)

    # From 20 February to 20 May are 89 days; the younger half begins on 6 April.
    assert [(str(m.month), m.covered, m.days, m.difference) for m in made.months] == [
        ("2026-04", 25, 30, -50_000), ("2026-05", 19, 31, -38_000),
    ]  # fmt: skip
    assert (made.span.start, made.span.end) == (date(2026, 4, 6), DAY)
    assert [(t.account_id, t.days, t.difference) for t in told.heard] == [
        (home.account_id, made.span, -88_000)
    ]


def test_who_asks_for_a_correction_never_grants_it(street: Any) -> None:
    home = street.home()
    measured(home, {"2026-05": 310_000})
    test = failed(home.electricity)
    asked = operations.propose_correction(
        actor=HEAD, at=NOW, approval_id=new_id(NOW), test_id=test.id, reason="Fast"
    )

    with pytest.raises(NotAllowed):
        approvals.approve(actor=HEAD, at=NOW, approval_id=asked)

    assert queries.correction_of(test_id=test.id) is None
    assert queries.corrections_waiting(as_of=NOW) == {test.id: asked}


def test_a_correction_is_refused_once_other_quantities_stand(street: Any) -> None:
    home = street.home()
    measured(home, {"2026-05": 310_000})
    test = failed(home.electricity)
    asked = operations.propose_correction(
        actor=ENGINEER, at=NOW, approval_id=new_id(NOW), test_id=test.id, reason="Fast"
    )
    measured(home, {"2026-05": 620_000}, version=2)

    with pytest.raises(correcting.CorrectionMoved):
        approvals.approve(actor=HEAD, at=NOW, approval_id=asked)

    assert queries.correction_of(test_id=test.id) is None


def test_no_day_of_a_meter_is_corrected_twice(street: Any) -> None:
    home = street.home(hung=date(2026, 1, 1))
    measured(home, {"2026-04": 300_000, "2026-05": 310_000})
    first = correct(failed(home.electricity, on=date(2026, 5, 1)).id)

    second = correct(failed(home.electricity, on=DAY).id)

    assert second.span.start > first.span.end
    assert {m.month for m in second.months} == {BillingMonth(2026, 5)}


def test_what_needs_no_correction_or_has_one_is_refused(street: Any) -> None:
    home = street.home()
    good = record(home.electricity, on=BEFORE)
    unmeasured = failed(home.electricity)
    ask = {"actor": ENGINEER, "at": NOW, "reason": "Fast"}

    with pytest.raises(correcting.WithinLimits):
        operations.propose_correction(**ask, approval_id=new_id(NOW), test_id=good.id)
    with pytest.raises(correcting.NothingToCorrect):
        operations.propose_correction(**ask, approval_id=new_id(NOW), test_id=unmeasured.id)
    measured(home, {"2026-05": 310_000})
    correct(unmeasured.id)
    with pytest.raises(correcting.CorrectionMade):
        operations.propose_correction(**ask, approval_id=new_id(NOW), test_id=unmeasured.id)

    assert queries.uncorrected() == []


def test_what_was_tested_certified_or_corrected_cannot_be_changed(street: Any) -> None:
    from django.db import DatabaseError, transaction

    home = street.home()
    measured(home, {"2026-05": 310_000})
    correct(failed(home.electricity).id)

    for table in ("test", "certification", "correction", "corrected_month"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"delete from metrology_{table}")
    assert len(queries.corrections_of(meter_id=home.electricity)) == 1
