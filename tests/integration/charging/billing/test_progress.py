"""How far a run is can be seen while it works; a run that died does not look alive."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from tests.integration.charging.billing.test_run import JULY, Street, bill, street, use
from tests.integration.registry.town import AT

from tahseel.charging.billing import operations, queries
from tahseel.charging.billing.operations import progressing
from tahseel.charging.billing.values import Progress
from tahseel.kernel.ids import new_id

__all__ = ["street"]


def test_who_waits_sees_a_run_while_it_works_and_not_after(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=0)
    monkeypatch.setattr("tahseel.charging.billing.operations.running.CHUNK", 1)
    seen: list[tuple[int, int]] = []

    def look(done: int, of: int) -> None:
        seen.extend((one.done, one.accounts) for one in queries.working())

    report = bill(progress=look)

    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert queries.working() == []
    [run] = queries.runs()
    assert (run.run_id, run.bills, run.total, run.parked, run.held, run.holds) == (
        report.run_id, 3, report.total, 0, 0, True,
    )  # fmt: skip


def test_a_preview_leaves_no_trace_of_itself(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=0)

    bill(preview=True)

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from billing_progress")
        assert cursor.fetchone() == (0,)


def test_a_run_that_fails_is_neither_at_work_nor_ended(street: Street) -> None:
    use(street, street.accounts, JULY, wh=3_000_000, litres=0)

    def fail(done: int, of: int) -> None:
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        bill(progress=fail)

    assert queries.working() == []
    assert queries.runs() == []
    with connection.cursor() as cursor:
        cursor.execute("select ended, done from billing_progress")
        assert cursor.fetchall() == [(False, 3)]


def test_a_row_whose_process_is_gone_is_not_at_work(database: Any) -> None:
    at: datetime = AT
    with progressing.told(run_id=new_id(at), month=JULY, accounts=9, at=at) as tell:
        tell(4)
        [alive] = queries.working()
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock_all()")
        gone = queries.working()

    assert alive == Progress(alive.run_id, JULY, 9, 4, at)
    assert (alive.percent, gone) == (44, [])
    assert operations.CHUNK == 5_000
