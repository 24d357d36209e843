"""The writes of appointments: visits booked, moved, reported; access that was refused."""

from tahseel.consumption.appointments.operations.access import (
    SETTLERS,
    follow_access,
    settle_access,
)
from tahseel.consumption.appointments.operations.booking import (
    CREW,
    OFFICE,
    book,
    cancel,
    move,
    report,
)
from tahseel.consumption.appointments.operations.reminding import remind

__all__ = [
    "CREW",
    "OFFICE",
    "SETTLERS",
    "book",
    "cancel",
    "follow_access",
    "move",
    "remind",
    "report",
    "settle_access",
]
