"""The writes of payments: set out to pay, take in what the gateway says, find out, post."""

from tahseel.books.payments.operations.confirming import UnknownPayment, confirm, sweep
from tahseel.books.payments.operations.notifying import receive_notification
from tahseel.books.payments.operations.posting import ReceivedDiffers
from tahseel.books.payments.operations.recording import record_many, record_received
from tahseel.books.payments.operations.remitting import record_remittance
from tahseel.books.payments.operations.starting import AmountRefused, NothingToPay, start

__all__ = [
    "AmountRefused",
    "NothingToPay",
    "ReceivedDiffers",
    "UnknownPayment",
    "confirm",
    "receive_notification",
    "record_many",
    "record_received",
    "record_remittance",
    "start",
    "sweep",
]
