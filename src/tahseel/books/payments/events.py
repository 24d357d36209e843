"""What payments announce."""

from __future__ import annotations

PAYMENT_POSTED = "payments:payment:posted"
"""subject: payment id. facts: payment_id, account_id, customer_ids, amount_fils, unapplied_fils,
tender, finality, intent_id (or null)."""

BATCH_RECORDED = "payments:batch:recorded"
"""subject: id of the batch's first payment. facts: count, amount_fils. A history taken on."""

CASE_OPENED = "payments:case:opened"
"""subject: intent id. facts: kind, reported_fils (or null)."""
