"""The take-on's promise is kept only in time, near the floor, and within its memory."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from bench import machine, take_on
from bench.take_on import FULL_ACCOUNTS, Ran

FLOOR: dict[str, Any] = {"copy_s": 40.0, "rows": 11_900_000, "totals": 12}


def result(seconds: float = 500.0, peak_mb: float = 210.0, copy_s: float = 40.0) -> dict[str, Any]:
    ran = Ran(seconds=seconds, cpu_s=seconds / 2, peak_mb=peak_mb)
    return take_on._result(FULL_ACCOUNTS, ran, {**FLOOR, "copy_s": copy_s}, {"cores": 2})


def test_a_take_on_in_time_near_the_floor_and_small_is_held() -> None:
    told = result()

    assert told["held"]
    assert (told["figure"], told["floor"], told["ratio"]) == (500.0, 40.0, 0.08)
    assert told["totals_compared"] == 12


@pytest.mark.parametrize(
    "given", [{"seconds": 601.0, "copy_s": 60.0}, {"copy_s": 24.9}, {"peak_mb": 513.0}]
)
def test_too_slow_too_far_from_the_floor_or_too_large_is_not_held(given: dict[str, Any]) -> None:
    assert not result(**given)["held"]


def test_the_watch_sees_the_most_memory_a_process_had() -> None:
    watch = take_on.Watch(os.getpid())
    watch.start()
    held = bytearray(64 << 20)
    time.sleep(2 * take_on.LOOK_S)
    watch.stop()

    assert watch.peak_mb > len(held) / (1 << 20)


def test_the_watch_of_a_process_that_is_gone_sees_nothing() -> None:
    gone = 2**22 + 1

    assert machine.high_water_mb(gone) == 0
    assert take_on._children(gone) == []
