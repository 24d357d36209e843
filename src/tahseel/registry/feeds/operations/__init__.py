"""Writing the feeds: pages kept, records applied or parked, days compared."""

from tahseel.registry.feeds.operations.applying import (
    apply_record,
    dismiss,
    park_failed,
    set_aside,
    take_back,
)
from tahseel.registry.feeds.operations.receiving import receive_page
from tahseel.registry.feeds.operations.reconciling import note_silence, reconcile

__all__ = [
    "apply_record",
    "dismiss",
    "note_silence",
    "park_failed",
    "receive_page",
    "reconcile",
    "set_aside",
    "take_back",
]
