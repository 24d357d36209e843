"""The work of the night: the chart is brought to the country's data, and entries get their root."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.books.ledger import operations, rules
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed

ACTOR = system("ledger")


def _checkpoint(at: datetime, day: date) -> Mapping[str, Any]:
    operations.publish_chart(actor=ACTOR, at=at, chart=list(rules.chart().values()))
    made = operations.checkpoint(actor=ACTOR, at=at)
    return {"checkpoint": made.number if made else 0, "entries": made.entries if made else 0}


CHECKPOINT = DayJob("ledger.checkpoint", _checkpoint, Missed.COVERED, in_parts=False)
JOBS = (CHECKPOINT,)
