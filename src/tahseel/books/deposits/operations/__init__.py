"""The writes of deposits: taken, settled at the end, paid back, reviewed against use."""

from tahseel.books.deposits.operations.admitting import DepositMissing, admit
from tahseel.books.deposits.operations.reviewing import (
    ProposalUnknown,
    decide_proposal,
    review,
)
from tahseel.books.deposits.operations.settling import (
    DepositUnknown,
    IbanInvalid,
    pay_refund,
    settle,
)
from tahseel.books.deposits.operations.taking import (
    DepositDiffers,
    DepositRefused,
    GuaranteeExpired,
    record_held,
    take,
)

__all__ = [
    "DepositDiffers",
    "DepositMissing",
    "DepositRefused",
    "DepositUnknown",
    "GuaranteeExpired",
    "IbanInvalid",
    "ProposalUnknown",
    "admit",
    "decide_proposal",
    "pay_refund",
    "record_held",
    "review",
    "settle",
    "take",
]
