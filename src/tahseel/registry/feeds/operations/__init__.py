"""Writing the feeds: pages kept, records applied or parked, days compared."""

from tahseel.registry.feeds.operations.applying import (
    apply_record,
    dismiss,
    set_aside,
)
from tahseel.registry.feeds.operations.receiving import receive_page
from tahseel.registry.feeds.operations.reconciling import note_silence, reconcile

__all__ = [
    "apply_record",
    "dismiss",
    "note_silence",
    "receive_page",
    "reconcile",
    "set_aside",
]
