"""The daily holds: part by part, once a working day, the same as in one run."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.recovery.story import HOLD_DAY, OTHER, RESIDENT, Debtor, instant

from tahseel.kernel import daybook
from tahseel.recovery.clearance import jobs
from tahseel.recovery.clearance.models import Hold
from tahseel.recovery.collections.jobs import NOTIFY
from tahseel.recovery.collections.models import DebtNotice
from tahseel.registry.customers.values import CustomerKind


def debtors(town: Any) -> list[Debtor]:
    return [town.debtor(civil_id, CustomerKind.RESIDENT, 12_500) for civil_id in (RESIDENT, OTHER)]


def open_holds() -> int:
    return Hold.objects.filter(closed_at__isnull=True).count()


def test_holds_opened_part_by_part_are_those_of_one_run(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    debtors(town)
    town.notify()
    monkeypatch.setattr(jobs, "PART", 1)

    done = daybook.do(job=jobs.HOLD, day=HOLD_DAY, at=town.clock())

    assert done.outcome == {"customers": 2, "opened": 10, "changed": 0, "closed": 0}
    assert open_holds() == 10


def test_a_run_that_died_between_two_parts_is_finished_and_opens_nothing_twice(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.recovery.clearance import operations

    debtors(town)
    town.notify()
    monkeypatch.setattr(jobs, "PART", 1)
    whole, calls = operations.open_due_holds, []

    def dies_at_the_second(**given: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(**given)

    monkeypatch.setattr(operations, "open_due_holds", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        daybook.do(job=jobs.HOLD, day=HOLD_DAY, at=town.clock())
    assert (open_holds(), daybook.last_done("clearance.hold")) == (5, None)

    monkeypatch.setattr(operations, "open_due_holds", whole)
    done = daybook.do(job=jobs.HOLD, day=HOLD_DAY, at=town.clock())

    assert done.outcome["opened"] == 5
    assert open_holds() == Hold.objects.count() == 10


def test_notices_of_a_day_are_written_once(town: Any) -> None:
    debtors(town)

    first = daybook.do(job=NOTIFY, day=HOLD_DAY, at=instant(HOLD_DAY))
    again = daybook.do(job=NOTIFY, day=HOLD_DAY, at=instant(HOLD_DAY, 10))

    assert (first.new, first.outcome["notices"], again.new) == (True, 2, False)
    assert DebtNotice.objects.count() == 2
