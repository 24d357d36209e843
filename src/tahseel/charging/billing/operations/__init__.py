"""The writes of billing: bill runs, and the final bill of whoever moves out."""

from tahseel.charging.billing.operations.closing import (
    MoveOutAhead,
    MoveOutBilled,
    MoveOutRead,
    move_out,
)
from tahseel.charging.billing.operations.running import CHUNK, Progress, issue, run

__all__ = [
    "CHUNK",
    "MoveOutAhead",
    "MoveOutBilled",
    "MoveOutRead",
    "Progress",
    "issue",
    "move_out",
    "run",
]
