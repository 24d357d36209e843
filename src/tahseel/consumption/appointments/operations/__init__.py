"""The writes of appointments: booked, moved, cancelled, reported, reminded of."""

from tahseel.consumption.appointments.operations.booking import (
    CREW,
    OFFICE,
    book,
    cancel,
    move,
    report,
)
from tahseel.consumption.appointments.operations.reminding import remind

__all__ = ["CREW", "OFFICE", "book", "cancel", "move", "remind", "report"]
