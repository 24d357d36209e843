"""The writes of deposits: taken, settled at the end, paid back, reviewed against use."""

from tahseel.books.deposits.operations.admitting import DepositMissing, admit, secure
from tahseel.books.deposits.operations.demanding import (
    DemandUnknown,
    WithdrawalUnexplained,
    demand,
    withdraw_demand,
)
from tahseel.books.deposits.operations.holding import hold, owe_back
from tahseel.books.deposits.operations.refunding import (
    DepositUnknown,
    IbanInvalid,
    RefundWaits,
    propose_refund,
    refund_approved,
)
from tahseel.books.deposits.operations.reviewing import (
    ProposalUnknown,
    decide_proposal,
    review,
)
from tahseel.books.deposits.operations.settling import (
    SettlementWaits,
    settle,
    settle_waited,
    wait,
)
from tahseel.books.deposits.operations.taking import (
    ROLES as MAKERS,
)
from tahseel.books.deposits.operations.taking import (
    DepositDiffers,
    DepositRefused,
    GuaranteeExpired,
    record_held,
    record_lines,
    take,
)

__all__ = [
    "MAKERS",
    "DemandUnknown",
    "DepositDiffers",
    "DepositMissing",
    "DepositRefused",
    "DepositUnknown",
    "GuaranteeExpired",
    "IbanInvalid",
    "ProposalUnknown",
    "RefundWaits",
    "SettlementWaits",
    "WithdrawalUnexplained",
    "admit",
    "decide_proposal",
    "demand",
    "hold",
    "owe_back",
    "propose_refund",
    "record_held",
    "record_lines",
    "refund_approved",
    "review",
    "secure",
    "settle",
    "settle_waited",
    "take",
    "wait",
    "withdraw_demand",
]
