"""How often something may be done: a limit, and whether one more use is within it.

Uses are counted in windows that stand still. What the window before saw counts on in the share of
it that a window ending now would still cover, so that nobody gets twice the limit by waiting for
the turn of a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` uses in any `seconds`, as near as two counters can tell."""

    name: str
    most: int
    seconds: int

    def __post_init__(self) -> None:
        if self.most < 1 or self.seconds < 1:
            raise ValueError(f"{self.name}: a limit allows at least one use in at least a second")

    def window(self, at: datetime) -> datetime:
        """The start of the window in which an instant lies (aware UTC)."""
        second = int(at.timestamp())
        return datetime.fromtimestamp(second - second % self.seconds, UTC)

    def window_before(self, at: datetime) -> datetime:
        return self.window(at) - timedelta(seconds=self.seconds)

    def seconds_left(self, at: datetime) -> int:
        """Whole seconds until the next window begins, at least one."""
        return self.seconds - int(at.timestamp()) % self.seconds

    def allows(self, *, before: int, now: int, at: datetime) -> bool:
        """Whether `now` uses in this window, the new one counted, and `before` in the last, fit."""
        return before * self.seconds_left(at) + now * self.seconds <= self.most * self.seconds
