"""What can go wrong on the way from a registry, by name; drawn for each page from a seed."""

from __future__ import annotations

from enum import StrEnum

from simulators import faults


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


class FaultPlan(faults.Plan[Fault]):
    """Draws a fault for each page."""

    kind = Fault

    def shuffle(self, records: list[dict[str, object]]) -> None:
        with self._lock:
            self._draw.shuffle(records)
