"""The writes of billing: bill runs, and the final bill of whoever leaves."""

from tahseel.charging.billing.operations.accruing import (
    AccrualWaits,
    AccruedBefore,
    MonthNotOver,
    preview,
    propose_accrual,
)
from tahseel.charging.billing.operations.adopting import propose_book, try_book
from tahseel.charging.billing.operations.attending import run_due
from tahseel.charging.billing.operations.catching_up import bill_waiting
from tahseel.charging.billing.operations.closing import (
    MoveOutAhead,
    MoveOutBilled,
    MoveOutRead,
    move_out,
)
from tahseel.charging.billing.operations.comparing import compare
from tahseel.charging.billing.operations.correcting import take_correction, take_missed
from tahseel.charging.billing.operations.finals import look_at_all
from tahseel.charging.billing.operations.finishing import NothingToFinish, finish
from tahseel.charging.billing.operations.handing import hand_over, pass_title
from tahseel.charging.billing.operations.issuing import issue
from tahseel.charging.billing.operations.misdirecting import (
    CLOSING_ROLES,
    ClosingUnexplained,
    MisdirectedUnknown,
    close_misdirected,
    mark_misdirected,
    on_meter_error,
    on_payer_change,
    on_price_change,
)
from tahseel.charging.billing.operations.ordering import (
    AT_ONCE,
    HOURS,
    ask_run,
    cancel_run,
)
from tahseel.charging.billing.operations.rebilling import MAKERS, propose_rebill
from tahseel.charging.billing.operations.releasing import (
    propose_release,
    release_held,
)
from tahseel.charging.billing.operations.relieving import ask_relief, relief
from tahseel.charging.billing.operations.repricing import price_again
from tahseel.charging.billing.operations.running import CHUNK, Progress, run
from tahseel.charging.billing.operations.sending import (
    KINDS,
    SENDERS,
    look_again,
    send_to_field,
)

__all__ = [
    "AT_ONCE",
    "CHUNK",
    "CLOSING_ROLES",
    "HOURS",
    "KINDS",
    "MAKERS",
    "SENDERS",
    "AccrualWaits",
    "AccruedBefore",
    "ClosingUnexplained",
    "MisdirectedUnknown",
    "MonthNotOver",
    "MoveOutAhead",
    "MoveOutBilled",
    "MoveOutRead",
    "NothingToFinish",
    "Progress",
    "ask_relief",
    "ask_run",
    "bill_waiting",
    "cancel_run",
    "close_misdirected",
    "compare",
    "finish",
    "hand_over",
    "issue",
    "look_again",
    "look_at_all",
    "mark_misdirected",
    "move_out",
    "on_meter_error",
    "on_payer_change",
    "on_price_change",
    "pass_title",
    "preview",
    "price_again",
    "propose_accrual",
    "propose_book",
    "propose_rebill",
    "propose_release",
    "release_held",
    "relief",
    "run",
    "run_due",
    "send_to_field",
    "take_correction",
    "take_missed",
    "try_book",
]
