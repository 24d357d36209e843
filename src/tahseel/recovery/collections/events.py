"""What collections announces."""

from __future__ import annotations

NOTICE_ISSUED = "collections:notice:issued"
"""subject: notice id. facts: customer_ids, claim_ids, amount_fils."""
