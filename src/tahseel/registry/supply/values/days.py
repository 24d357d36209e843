"""A span of days, from one up to, not including, another."""

from __future__ import annotations

from datetime import date


class Days:
    """From a day up to, not including, another (None: still)."""

    __slots__ = ()
    from_day: date
    until_day: date | None

    def __contains__(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day < self.until_day)
