"""Pure rules of reading in the field: cycles, routes, what a dial should show, result files."""

from tahseel.consumption.field.rules.cycles import (
    cycle_of,
    due_day,
    install_policy,
    load_policy,
    policy,
    turn,
)
from tahseel.consumption.field.rules.dials import (
    Judgement,
    base_of,
    expected,
    judge,
    modulus,
    range_shown,
    shown,
    signature,
)
from tahseel.consumption.field.rules.laying import lay
from tahseel.consumption.field.rules.results import COLUMNS, FILE_BYTES_MAX, parse
from tahseel.consumption.field.rules.windows import window_of

__all__ = [
    "COLUMNS",
    "FILE_BYTES_MAX",
    "Judgement",
    "base_of",
    "cycle_of",
    "due_day",
    "expected",
    "install_policy",
    "judge",
    "lay",
    "load_policy",
    "modulus",
    "parse",
    "policy",
    "range_shown",
    "shown",
    "signature",
    "turn",
    "window_of",
]
