"""The writes of billing: bill runs, and the final bill of whoever leaves."""

from tahseel.charging.billing.operations.closing import (
    MoveOutAhead,
    MoveOutBilled,
    MoveOutRead,
    move_out,
)
from tahseel.charging.billing.operations.handing import hand_over, pass_title
from tahseel.charging.billing.operations.running import CHUNK, Progress, issue, run

__all__ = [
    "CHUNK",
    "MoveOutAhead",
    "MoveOutBilled",
    "MoveOutRead",
    "Progress",
    "hand_over",
    "issue",
    "move_out",
    "pass_title",
    "run",
]
