"""Writing services: an application moved from step to step, each by whoever has the duty."""

from tahseel.channels.services.operations.applying import add_evidence, apply
from tahseel.channels.services.operations.deciding import close, prolong, refer, remind
from tahseel.channels.services.operations.ending import (
    end_temporary,
    expire,
    owe_late,
    record_removal,
    settle_deposit,
    withdraw,
)
from tahseel.channels.services.operations.energising import energise
from tahseel.channels.services.operations.inspecting import ask_again, record_inspection
from tahseel.channels.services.operations.quoting import confirm_paid, quote
from tahseel.channels.services.operations.studying import record_study

__all__ = [
    "add_evidence",
    "apply",
    "ask_again",
    "close",
    "confirm_paid",
    "end_temporary",
    "energise",
    "expire",
    "owe_late",
    "prolong",
    "quote",
    "record_inspection",
    "record_removal",
    "record_study",
    "refer",
    "remind",
    "settle_deposit",
    "withdraw",
]
