"""The writes of debt transfers: asked for by one person, done when another one agrees."""

from tahseel.books.transfers.operations.moving import (
    CHECKERS,
    MAKERS,
    ClaimNotTheirs,
    NothingToMove,
    PartTooLarge,
    TransferWaits,
    propose_move,
)
from tahseel.books.transfers.operations.returning import (
    ReturnUnexplained,
    TransferReturned,
    TransferTouched,
    TransferUnknown,
    propose_return,
)

__all__ = [
    "CHECKERS",
    "MAKERS",
    "ClaimNotTheirs",
    "NothingToMove",
    "PartTooLarge",
    "ReturnUnexplained",
    "TransferReturned",
    "TransferTouched",
    "TransferUnknown",
    "TransferWaits",
    "propose_move",
    "propose_return",
]
