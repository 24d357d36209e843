"""The writes of charges: asked for, agreed to, carried by a bill, taken back."""

from tahseel.charging.charges.operations.asking import (
    AmountOutOfLimits,
    CauseUnclear,
    ChargedBefore,
    ChargeWaits,
    EvidenceMissing,
    NotByHand,
    ask,
)
from tahseel.charging.charges.operations.carrying import carry, claim_left_over
from tahseel.charging.charges.operations.paying_over import ask_pay_over
from tahseel.charging.charges.operations.posting import CreditBeyondOwed, NobodyToCharge
from tahseel.charging.charges.operations.reversing import (
    ChargeUnknown,
    ReversalWaits,
    ask_reversal,
)

__all__ = [
    "AmountOutOfLimits",
    "CauseUnclear",
    "ChargeUnknown",
    "ChargeWaits",
    "ChargedBefore",
    "CreditBeyondOwed",
    "EvidenceMissing",
    "NobodyToCharge",
    "NotByHand",
    "ReversalWaits",
    "ask",
    "ask_pay_over",
    "ask_reversal",
    "carry",
    "claim_left_over",
]
