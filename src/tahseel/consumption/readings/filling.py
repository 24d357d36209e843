"""A span of intervals with gaps, made whole by estimates where too little is missing to refuse it.

Pure. Only what did not come is estimated here; no value that came is replaced.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

import numpy as np

from tahseel.consumption.readings import vee
from tahseel.consumption.readings.blocks import DAY_S, Ints, Series
from tahseel.consumption.readings.values import Flag

MINUTE_S = 60
NEVER = 2**31


@dataclass(frozen=True, slots=True)
class EstimationPolicy:
    """linear_s: longest gap a straight line closes, seconds; share_max_percent: of a whole span."""

    linear_s: int
    share_max_percent: int

    def limits(self, interval_s: int) -> vee.Limits:
        """Estimates what did not come, and judges nothing that did."""
        return vee.Limits(
            rules=0,
            spike_peak_percent=0,
            spike_third_percent=0,
            spike_floor=0,
            stuck_slots=NEVER,
            stuck_percent=0,
            zero_slots=NEVER,
            high_percent=0,
            low_percent=0,
            sum_percent=0,
            sum_floor=0,
            linear_slots=self.linear_s // interval_s,
        )


_installed: list[EstimationPolicy] = []


def load_policy(toml: bytes) -> EstimationPolicy:
    """Read how gaps are estimated. Raises KeyError, ValueError."""
    entry = tomllib.loads(toml.decode())["estimation"]
    minutes, share = int(entry["linear_minutes"]), int(entry["share_max_percent"])
    if minutes < 0 or not 0 <= share <= 100:
        raise ValueError("a gap has a length, and a share lies between 0 and 100 percent")
    return EstimationPolicy(minutes * MINUTE_S, share)


def install_policy(policy: EstimationPolicy) -> None:
    """Called once by `app` with the country's policy."""
    _installed[:] = [policy]


def policy() -> EstimationPolicy:
    """The installed policy. Raises LookupError before `install_policy`."""
    if not _installed:
        raise LookupError("no policy for estimating intervals is installed")
    return _installed[0]


def completed(
    series: Series, first: int, end: int, rule: EstimationPolicy
) -> tuple[int, int] | None:
    """Base units over a span of whole days and the seconds of it that were not measured, or None.

    first, end: epoch seconds of starts of day. None where the intervals lie on no common grid, or
    where more is missing than the policy lets be estimated.
    """
    here = (series.starts >= first) & (series.starts + series.durations <= end)
    here &= series.flags != Flag.MISSING
    lengths = np.unique(series.durations[here])
    if len(lengths) != 1 or DAY_S % int(lengths[0]) != 0:
        return None
    length = int(lengths[0])
    slot, off = np.divmod(series.starts[here] - first, length)
    whole = (end - first) // length
    missing = whole - len(slot)
    if np.any(off) or missing * 100 > whole * rule.share_max_percent:
        return None
    total = _estimated(slot, series.values[here], whole, length, rule)
    flagged = int(np.count_nonzero(series.flags[here] != Flag.ACTUAL))
    return total, (missing + flagged) * length


def _estimated(slot: Ints, values: Ints, whole: int, length: int, rule: EstimationPolicy) -> int:
    row = np.full((1, whole), vee.MISSING, np.int32)
    row[0, slot] = values
    slots = DAY_S // length
    batch = vee.Batch(
        row,
        np.full((1, whole // slots + 1), vee.UNKNOWN, np.int64),
        np.zeros(1, np.int64),
        np.zeros(slots, np.int8),
    )
    return int(vee.judge(batch, rule.limits(length)).totals.sum())
