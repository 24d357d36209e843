"""Where things stand in the arrays of the compiled kernel."""

from __future__ import annotations

import numpy as np

from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee.limits import Rule

Marks = np.ndarray[tuple[int, int], np.dtype[np.int16]]
MarksOf = np.ndarray[tuple[int], np.dtype[np.int16]]
NOTHING_CAME = np.int32(-(2**31))
FITS = np.int64(2**31)

# Columns of a meter's day table, as it came in: sum of what is not negative, its peak, how many,
# how many equal to the one before, how many zero, how many below zero (missing ones too).
SUM, PEAK, CAME, EQUAL, ZEROS, BELOW = range(6)
# And later: the sum of what is kept and not negative, the sum and the peak of what stands, how many
# were set aside, and how many of these nothing could be estimated for.
MEASURED, STANDS, TOP, ASIDE, LEFT = range(6, 11)
COLUMNS = 11
# Where each limit stands in `Limits.numbers()`.
RULES, SPIKE_PEAK, SPIKE_THIRD, SPIKE_FLOOR, STUCK_SLOTS, STUCK_PERCENT, ZERO_SLOTS = range(7)
HIGH_PERCENT, LOW_PERCENT, SUM_PERCENT, SUM_FLOOR, LINEAR = range(7, 12)
STUCK_MOVES, STUCK_STEPS, STUCK_STEP_PERCENT, STUCK_LEVEL_PERCENT, HIGH_OWN = range(12, 17)

R_MISSING, R_NEGATIVE, R_SPIKE = int(Rule.MISSING), int(Rule.NEGATIVE), int(Rule.SPIKE)
R_STUCK, R_ZERO, R_SUM = int(Rule.STUCK), int(Rule.ZERO), int(Rule.SUM)
R_HIGH, R_LOW = int(Rule.HIGH), int(Rule.LOW)
F_ACTUAL, F_ESTIMATED = int(Flag.ACTUAL), int(Flag.ESTIMATED)
F_SUBSTITUTED, F_MISSING = int(Flag.SUBSTITUTED), int(Flag.MISSING)
