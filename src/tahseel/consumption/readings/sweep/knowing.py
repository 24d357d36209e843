"""What is known of the meters of a range beside their intervals, in a form that travels. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tahseel.consumption.readings import rules, vee
from tahseel.consumption.readings.judging import RuleBook
from tahseel.consumption.readings.sweep.dense import Dense
from tahseel.consumption.readings.sweep.measures import Context
from tahseel.kernel.quantity import Service


@dataclass(frozen=True, slots=True)
class BySector:
    """Every register by the rules of its meter's sector; no dial, no history.

    sectors: by a meter's id; one that is absent has none.
    """

    book: RuleBook
    sectors: Mapping[str, str]

    def __call__(self, dense: Dense) -> Context:
        classes: dict[vee.Limits, int] = {}
        which = [
            classes.setdefault(
                self.book.limits(service_of(unit), self.sectors.get(meter, ""), dense.interval_s),
                len(classes),
            )
            for meter, unit in zip(dense.meter_ids, dense.units, strict=True)
        ]
        return _context(dense, list(classes), which)


def service_of(unit: str) -> Service:
    """The service whose meters count in a base unit."""
    return next((s for s, units in rules.BASE_UNITS.items() if unit in units), Service.ELECTRICITY)


def _context(dense: Dense, limits: Sequence[vee.Limits], which: Sequence[int]) -> Context:
    rows = len(dense.values)
    return Context(
        np.full((rows, dense.days.count + 1), vee.UNKNOWN, np.int64),
        np.zeros(rows, np.int64),
        np.zeros(dense.slots, np.int8),
        limits,
        np.array(which, np.int64),
    )
