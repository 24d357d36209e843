"""Units split, merged, torn down or fed otherwise on billed days: one asks, another agrees.

What stands against an act is told to whoever asks; it is looked at again when somebody agrees, and
only then is anything recorded, announced and handed to whoever billed the days.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.registry.premises import telling
from tahseel.registry.premises.operations import rearranging, sharing
from tahseel.registry.premises.values import (
    RESHAPE,
    RESHARE,
    Reshaping,
    Resharing,
    reshaping_as_payload,
    reshaping_of,
    resharing_as_payload,
    resharing_of,
)
from tahseel.trust.access.rules import holders, require_duty
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit.operations import audited, note


@audited("premises.propose_reshaping", subject="approval_id")
def propose_reshaping(
    *, actor: Actor, at: datetime, approval_id: UUID, act: Reshaping, reason: str
) -> UUID:
    """Ask that units be split, merged or torn down on a day that is billed already.

    The same again under the same id answers the same. Returns the approval's id. Raises as
    `split_unit`, and what `approvals.submit` raises.
    """
    require_duty(actor, "premises.propose_reshaping")
    note(units=[str(unit) for unit in act.unit_ids], on_day=act.on_day.isoformat())
    rearranging.check(at=at, act=act)
    return approvals.submit(
        actor=actor, at=at, operation=RESHAPE, payload=reshaping_as_payload(act), reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


@audited("premises.propose_resharing", subject="approval_id")
def propose_resharing(
    *, actor: Actor, at: datetime, approval_id: UUID, act: Resharing, reason: str
) -> UUID:
    """Ask that a unit be supplied through another's point, or no longer, on days billed already.

    Returns the approval's id. Raises as `supply_through` and `separate_supply`, and what
    `approvals.submit` raises.
    """
    require_duty(actor, "premises.propose_resharing")
    note(unit=str(act.unit_id), point=str(act.point_id), on_day=act.day.isoformat())
    sharing.check(act)
    return approvals.submit(
        actor=actor, at=at, operation=RESHARE, payload=resharing_as_payload(act), reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


@audited("premises.reshape_past", subject="approval_id")
def reshape_past(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> None:
    """What runs once the second person agrees. Raises as `split_unit`."""
    require_duty(actor, "premises.reshape_past")
    rearranging.carry_out(actor=actor, at=at, act=reshaping_of(payload))


@audited("premises.reshare_past", subject="approval_id")
def reshare_past(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> None:
    """What runs once the second person agrees. Raises as `supply_through`, `separate_supply`."""
    require_duty(actor, "premises.reshare_past")
    act = resharing_of(payload)
    note(unit=str(act.unit_id))
    sharing.carry_out(actor=actor, at=at, act=act)


def register() -> None:
    """Called once by `app`: what runs when a second person agrees."""
    for name, act, asked_by in (
        (RESHAPE, reshape_past, "premises.propose_reshaping"),
        (RESHARE, reshare_past, "premises.propose_resharing"),
    ):
        approvals.register(
            name,
            act,
            roles=holders(name),
            makers=holders(asked_by),
            in_words=telling.IN_WORDS[name],
        )
