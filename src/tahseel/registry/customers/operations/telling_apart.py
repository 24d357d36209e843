"""Saying that two records are two people, so that nobody is asked again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import duplicates
from tahseel.registry.customers.models import Apart
from tahseel.registry.customers.operations.living import ProofMissing
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.operations.merging import MergeOfItself
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


@audited("customers.keep_apart", subject="one_id")
def keep_apart(*, actor: Actor, at: datetime, one_id: UUID, other_id: UUID, reason: str) -> None:
    """Keep that two records are two people; said twice it changes nothing.

    Raises ProofMissing without a reason, MergeOfItself, CustomerUnknown.
    """
    require_duty(actor, "customers.keep_apart")
    if one_id == other_id:
        raise MergeOfItself()
    if not reason.strip():
        raise ProofMissing()
    first, second = duplicates.ordered(one_id, other_id)
    locked(first)
    locked(second)
    Apart.objects.get_or_create(
        one_id=first, other_id=second,
        defaults={
            "id": new_id(at), "said_at": at, "said_by": actor.id, "reason": reason.strip(),
        },
    )  # fmt: skip
    note(other=other_id, reason=reason)
