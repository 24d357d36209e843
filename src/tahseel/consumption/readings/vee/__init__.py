"""Validation, estimation and aggregation of interval reads, in one pass over a batch of meters."""

from tahseel.consumption.readings.vee.batch import BANDS_MAX, MISSING, UNKNOWN, Batch, Judged
from tahseel.consumption.readings.vee.engine import (
    ROOM,
    WORTH_COMPILING,
    Judge,
    judge,
    run_compiled,
)
from tahseel.consumption.readings.vee.limits import Limits, Rule

__all__ = [
    "BANDS_MAX",
    "MISSING",
    "ROOM",
    "UNKNOWN",
    "WORTH_COMPILING",
    "Batch",
    "Judge",
    "Judged",
    "Limits",
    "Rule",
    "judge",
    "run_compiled",
]
