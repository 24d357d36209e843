"""The last night's judging: reads that fail a rule wait on the work-list with their money."""

from __future__ import annotations

from datetime import date

from tahseel.app.demo.values import at_hour
from tahseel.consumption.exceptions import consumers, jobs


def find(*, as_of: date) -> None:
    """Learn what everybody paid, then judge the month before and the running one."""
    night = at_hour(as_of, 0, 30)
    while consumers.step(at=night):
        pass
    jobs.NIGHT.run(night, as_of)
