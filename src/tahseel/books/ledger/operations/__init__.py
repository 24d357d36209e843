"""The writes of the books: posting and reversing, sealing, closing and opening periods."""

from tahseel.books.ledger.operations.closing import (
    ActWaits,
    NothingClosed,
    NotTheNextPeriod,
    PeriodNotOver,
    propose_closing,
    propose_reopening,
)
from tahseel.books.ledger.operations.columns import Charged, post_charged
from tahseel.books.ledger.operations.lines import AccountKnown, post_lines
from tahseel.books.ledger.operations.posting import (
    AlreadyReversed,
    BeyondLimit,
    CreditBelowZero,
    EntryDiffers,
    NotReversible,
    PeriodClosed,
    UnknownCode,
    lock_accounts,
    post,
    post_many,
    publish_chart,
    reverse,
)
from tahseel.books.ledger.operations.sealing import checkpoint

__all__ = [
    "AccountKnown",
    "ActWaits",
    "AlreadyReversed",
    "BeyondLimit",
    "Charged",
    "CreditBelowZero",
    "EntryDiffers",
    "NotReversible",
    "NotTheNextPeriod",
    "NothingClosed",
    "PeriodClosed",
    "PeriodNotOver",
    "UnknownCode",
    "checkpoint",
    "lock_accounts",
    "post",
    "post_charged",
    "post_lines",
    "post_many",
    "propose_closing",
    "propose_reopening",
    "publish_chart",
    "reverse",
]
