"""A bench for the tests: who tests, who agrees, and tests that pass or fail."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tahseel.consumption.metrology import operations, queries
from tahseel.consumption.metrology.values import (
    Correction,
    NewTest,
    TestKind,
    TestPoint,
    TestView,
)
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.trust.approvals import operations as approvals

NOW = datetime(2026, 6, 10, 8, tzinfo=UTC)
DAY, BEFORE = date(2026, 5, 20), date(2026, 1, 10)
INSPECTOR = Actor(ActorKind.STAFF, "inspector-1", "inspector", frozenset({"inspector"}))
ENGINEER = Actor(ActorKind.STAFF, "engineer-1", "engineer", frozenset({"supply_engineer"}))
HEAD = Actor(ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))


def new_test(meter_id: UUID, error: int = 20, on: date = DAY, certificate: str = "C-1") -> NewTest:
    """Every point has the same error."""
    places = ((100, 100), (1000, 100), (1000, 50))
    points = tuple(TestPoint(load, factor, error) for load, factor in places)
    return NewTest(
        id=new_id(NOW), meter_id=meter_id, kind=TestKind.SITE, tested_on=on, accuracy_class="1",
        reference="MT3000 no. 17, DAkkS 2026-01", certificate=certificate, points=points,
    )  # fmt: skip


def record(meter_id: UUID, **facts: Any) -> TestView:
    test = new_test(meter_id, **facts)
    return operations.record_test(actor=INSPECTOR, at=NOW, meter_id=meter_id, test=test)


def failed(meter_id: UUID, error: int = 2_500, on: date = DAY) -> TestView:
    return record(meter_id, error=error, on=on, certificate="")


def correct(test_id: UUID) -> Correction:
    """One asks, another agrees."""
    asked = operations.propose_correction(
        actor=ENGINEER, at=NOW, approval_id=new_id(NOW), test_id=test_id, reason="It runs fast"
    )
    approvals.approve(actor=HEAD, at=NOW, approval_id=asked)
    found = queries.correction_of(test_id=test_id)
    assert found is not None
    return found


def measured(home: Any, months: dict[str, int], version: int = 1) -> None:
    """What the electricity meter of a home came to in some months."""
    storing.determinants(
        [
            Determinant(
                account_id=home.account_id,
                meter_id=home.electricity,
                month=month,
                version=version,
                service=Service.ELECTRICITY,
                quantity=quantity,
                method=Method.REGISTER,
                from_at=start_of(month.period.start),
                to_at=start_of(month.period.end),
                from_value=0,
                to_value=quantity,
                days=month.period.days,
                estimated_share=Decimal(0),
            )
            for month, quantity in ((BillingMonth.parse(m), q) for m, q in months.items())
        ],
        at=NOW,
    )
