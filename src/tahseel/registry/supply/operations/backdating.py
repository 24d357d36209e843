"""Supply acts of days that are billed already: one person asks, another one agrees.

What stands against an act is told to whoever asks, because it is tried and taken back at once; it
is tried again when somebody agrees, and only then stands. The bills of its days become work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tahseel.kernel.actor import Actor
from tahseel.registry.supply import rules, settled, telling
from tahseel.registry.supply.operations import estates, moving, owning, roles, striking
from tahseel.registry.supply.values import (
    PAST,
    Capacity,
    PastAct,
    PastKind,
    PayerChange,
    Role,
    Vacancy,
)
from tahseel.trust.access.rules import holders, require_duty
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit.operations import audited, note

Read = Callable[[Any], Any]


def _ids(texts: Any) -> list[UUID]:
    return [UUID(text) for text in texts]


def _day_or_none(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


_DAY: Read = date.fromisoformat
_ACTS: Mapping[PastKind, tuple[Callable[..., object], Mapping[str, Read]]] = {
    PastKind.MOVE_IN: (
        moving.move_in,
        {"account_id": UUID, "customer_id": UUID, "from_day": _DAY, "capacity": Capacity,
         "agreement": str},
    ),
    PastKind.MOVE_OUT: (
        moving.move_out, {"account_id": UUID, "on_day": _DAY, "vacancy": Vacancy}
    ),
    PastKind.TRANSFER: (
        moving.transfer,
        {"account_id": UUID, "to_customer_id": UUID, "on_day": _DAY, "capacity": Capacity,
         "agreement": str},
    ),
    PastKind.TITLE: (
        owning.transfer_ownership,
        {"account_id": UUID, "to_customer_id": UUID, "on_day": _DAY, "deed": str,
         "takes_back": bool},
    ),
    PastKind.LANDLORD: (
        owning.agree_landlord,
        {"account_ids": _ids, "owner_id": UUID, "agreement": str, "from_day": _DAY},
    ),
    PastKind.NAME_PARTY: (
        roles.name_party,
        {"account_id": UUID, "customer_id": UUID, "role": Role, "from_day": _DAY,
         "until_day": _day_or_none, "agreement": str},
    ),
    PastKind.END_PARTY: (
        roles.end_party, {"account_id": UUID, "party_id": UUID, "on_day": _DAY, "reason": str}
    ),
    PastKind.STRIKE_PARTY: (
        striking.strike_party, {"account_id": UUID, "party_id": UUID, "reason": str}
    ),
    PastKind.ESTATE: (estates.open_estate, {"account_id": UUID}),
}  # fmt: skip


@audited("supply.propose_past", subject="approval_id")
def propose_past(
    *, actor: Actor, at: datetime, approval_id: UUID, act: PastAct, reason: str
) -> UUID:
    """Ask for an act of supply on days that are billed already; returns the approval's id.

    The same again under the same id answers the same, while the act could still be done. Raises
    what the act itself raises, and what `approvals.submit` raises.
    """
    require_duty(actor, "supply.propose_past")
    payload = {"kind": str(act.kind), "given": {k: _plain(v) for k, v in act.given.items()}}
    with transaction.atomic():
        changes = _carry_out(actor, at, payload)
        transaction.set_rollback(True)
    note(accounts=sorted({str(one.account_id) for one in changes}), kind=str(act.kind))
    return approvals.submit(
        actor=actor,
        at=at,
        operation=PAST,
        payload={**payload, "changes": [rules.change_as_payload(one) for one in changes]},
        reason=reason,
        approval_id=approval_id,
    )


@audited("supply.act_past", subject="approval_id")
def act_past(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> None:
    """What runs once the second person agrees. Raises what the act itself raises."""
    require_duty(actor, "supply.act_past")
    changes = _carry_out(actor, at, payload)
    note(accounts=sorted({str(one.account_id) for one in changes}), kind=payload["kind"])


def _carry_out(actor: Actor, at: datetime, payload: Mapping[str, Any]) -> list[PayerChange]:
    operation, reads = _ACTS[PastKind(payload["kind"])]
    given = {name: reads[name](value) for name, value in payload["given"].items()}
    with settled.agreed() as changes:
        operation(actor=actor, at=at, **given)
    return changes


def _plain(value: Any) -> Any:
    """As JSON: truth and nothing stay, lists are of texts, whatever else is a text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return value.isoformat() if isinstance(value, date) else str(value)


def register() -> None:
    """Called once by `app`: what runs when a second person agrees."""
    approvals.register(
        PAST,
        act_past,
        roles={0: holders(PAST)},
        makers=holders("supply.propose_past"),
        in_words=telling.past_in_words,
    )
