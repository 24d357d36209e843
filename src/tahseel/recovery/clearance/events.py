"""What clearance announces."""

from __future__ import annotations

HOLD_OPENED = "clearance:hold:opened"
HOLD_CHANGED = "clearance:hold:changed"
HOLD_CLOSED = "clearance:hold:closed"
"""subject: hold id. facts: customer_ids, gate, reference, amount_fils (what must still be paid),
by (the actor's id)."""
