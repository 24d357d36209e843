"""One id, one input, one outcome."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection

from tahseel.kernel.idempotency import InputDiffers, once

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
ID = UUID("01930000-0000-7000-8000-000000000001")


@pytest.mark.usefixtures("database")
def test_the_same_request_acts_once_and_hears_the_first_outcome_again() -> None:
    acted: list[int] = []

    def act() -> dict[str, int]:
        acted.append(1)
        return {"number": len(acted)}

    first = once(intent_id=ID, operation="pay", request={"fils": 5}, at=AT, act=act)
    again = once(intent_id=ID, operation="pay", request={"fils": 5}, at=AT, act=act)

    assert first == again == {"number": 1}
    assert acted == [1]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("operation", "fils"), [("pay", 6), ("refund", 5)])
def test_the_same_id_with_another_request_is_refused_and_does_nothing(
    operation: str, fils: int
) -> None:
    once(intent_id=ID, operation="pay", request={"fils": 5}, at=AT, act=lambda: {"ok": True})
    acted: list[int] = []

    def act() -> dict[str, int]:
        acted.append(1)
        return {}

    with pytest.raises(InputDiffers):
        once(intent_id=ID, operation=operation, request={"fils": fils}, at=AT, act=act)

    assert acted == []


@pytest.mark.usefixtures("database")
def test_an_act_that_fails_leaves_the_id_free() -> None:
    def fail() -> dict[str, int]:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        once(intent_id=ID, operation="pay", request={"fils": 5}, at=AT, act=fail)
    outcome = once(intent_id=ID, operation="pay", request={"fils": 5}, at=AT, act=lambda: {"n": 2})

    assert outcome == {"n": 2}


@pytest.mark.usefixtures("database")
def test_callers_that_race_on_one_id_act_once() -> None:
    acted: list[int] = []
    outcomes: list[object] = []

    def act() -> dict[str, int]:
        acted.append(1)
        return {"n": len(acted)}

    def call() -> None:
        outcomes.append(once(intent_id=ID, operation="pay", request={}, at=AT, act=act))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert acted == [1]
    assert outcomes == [{"n": 1}] * 6
