"""Keeps the dated events of customers: what stood before and after, sealed, and never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from tahseel.kernel import secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import new_id
from tahseel.registry.customers.models import Change, Customer
from tahseel.registry.customers.values import CHANGE_SEAL, Happening


def keep(
    *,
    customer: Customer,
    what: Happening,
    effective_on: date,
    actor: Actor,
    at: datetime,
    evidence: str,
    reason: str = "",
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
    old_index: bytes | None = None,
) -> Change:
    """Write one event. `before` and `after`: the fields that changed, by name, as plain text."""
    told = json.dumps({"before": before or {}, "after": after or {}}, ensure_ascii=False)
    return Change.objects.create(
        id=new_id(at),
        customer=customer,
        what=what,
        effective_on=effective_on,
        recorded_at=at,
        recorded_by=actor.id,
        reason=reason,
        evidence=evidence,
        sealed=secrets.seal(told.encode(), context=CHANGE_SEAL),
        old_index=old_index,
    )
