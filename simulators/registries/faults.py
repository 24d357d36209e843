"""What can go wrong on the way from a registry, by name; drawn for each page from a seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from enum import StrEnum


class Fault(StrEnum):
    NONE = "none"
    TWICE = "twice"
    """The next page begins where this one began."""
    SHUFFLED = "shuffled"
    """The records of the page are in any order, later versions before earlier ones."""
    SERVER_ERROR = "server-error"
    TRUNCATED = "truncated"
    """The connection ends in the middle of the body."""
    SLOW = "slow"
    FORGED = "forged"
    """Signed by a key that nobody knows."""
    ALTERED = "altered"
    """The body is not the one that was signed."""


class FaultPlan:
    """Draws a fault for each page: percent by name, from a seed."""

    def __init__(self, percent: Mapping[Fault, int], seed: int) -> None:
        if sum(percent.values()) > 100 or min(percent.values(), default=0) < 0:
            raise ValueError("the faults' shares are percents and add up to at most 100")
        self._percent = dict(percent)
        self._draw = random.Random(seed)
        self._lock = threading.Lock()
        self._ordered: list[Fault] = []

    def order(self, *faults: Fault) -> None:
        """Have the next pages go wrong in a known way."""
        with self._lock:
            self._ordered.extend(faults)

    def next(self) -> Fault:
        with self._lock:
            if self._ordered:
                return self._ordered.pop(0)
            roll = self._draw.randrange(100)
            for fault, share in self._percent.items():
                if roll < share:
                    return fault
                roll -= share
            return Fault.NONE

    def shuffle(self, records: list[dict[str, object]]) -> None:
        with self._lock:
            self._draw.shuffle(records)


def read_plan(text: str, seed: int) -> FaultPlan:
    """From `twice=10,server-error=5`. Raises ValueError."""
    pairs = [part.partition("=")[::2] for part in text.split(",") if part]
    return FaultPlan({Fault(name.strip()): int(share) for name, share in pairs}, seed)
