"""Writing exceptions: what the night finds, and what people decide about it."""

from tahseel.consumption.exceptions.operations.deciding import DECIDERS, accept
from tahseel.consumption.exceptions.operations.judging import judge, record_run, take_prices
from tahseel.consumption.exceptions.operations.ordering import (
    CREW,
    SENDERS,
    report_order,
    send_order,
    send_to_meter,
    withdraw_order,
)
from tahseel.consumption.exceptions.operations.restating import (
    MAKERS,
    estimate,
    estimate_by_policy,
    propose_edit,
)

__all__ = [
    "CREW",
    "DECIDERS",
    "MAKERS",
    "SENDERS",
    "accept",
    "estimate",
    "estimate_by_policy",
    "judge",
    "propose_edit",
    "record_run",
    "report_order",
    "send_order",
    "send_to_meter",
    "take_prices",
    "withdraw_order",
]
