"""When customers may report what their meter shows."""

from __future__ import annotations

from datetime import date, timedelta

from tahseel.consumption.field.values import SelfReading
from tahseel.kernel.period import BillingMonth, Period


def window_of(*, day: date, by: SelfReading) -> Period | None:
    """The window around the end of a month in which a day lies, or None between two of them."""
    this = BillingMonth.of(day)
    for end in (this.period.start, this.period.end):
        window = Period(end - timedelta(days=by.last_days), end + timedelta(days=by.first_days))
        if day in window:
            return window
    return None
