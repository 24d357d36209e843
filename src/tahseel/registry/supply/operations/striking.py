"""Striking a role that should not be on record, as one that two records of a person each have."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.sql import prepared
from tahseel.registry.supply import settled
from tahseel.registry.supply.models import Party
from tahseel.registry.supply.values import Part, PayerChange, Role
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

_KEEP = """
insert into supply_party_struck (id, account_id, customer_id, role, from_day, until_day, agreement,
  takes_back, principal_id, share_parts, share_whole, struck_at, struck_by, reason)
select %s, account_id, customer_id, role, from_day, until_day, agreement, takes_back, principal_id,
  share_parts, share_whole, %s, %s, %s
from supply_party where id = %s
"""


class PartyUnknown(NotFound):
    """The account has no such role on record."""

    code = "party_unknown"
    text_ar = "لا توجد هذه الصفة على الحساب"
    text_en = "The account has no such role on record"


class StrikeUnreasoned(Refusal):
    """Whoever says that a role never was gives the reason."""

    code = "strike_unreasoned"
    text_ar = "يجب ذكر سبب شطب الصفة"
    text_en = "A reason is given for striking a role"


@audited("supply.strike_party", subject="account_id")
def strike_party(
    *, actor: Actor, at: datetime, account_id: UUID, party_id: UUID, reason: str
) -> None:
    """Take a role off the record as if it had never been; what it was is kept with the reason.

    A role that was right and is over is ended instead. Who is liable does not change. Raises
    PartyUnknown, StrikeUnreasoned.
    """
    require_duty(actor, "supply.strike_party")
    if not reason.strip():
        raise StrikeUnreasoned()
    party = Party.objects.select_for_update().filter(pk=party_id, account_id=account_id).first()
    if party is None:
        raise PartyUnknown()
    kept = derived_id(party.id, "struck", at.isoformat())
    prepared(_KEEP, [kept, at, actor.id, reason.strip(), party.id])
    if Role(party.role) is Role.PAYER:
        change = PayerChange(account_id, Part.PAYER, None, party.from_day, party.until_day)
        settled.change(actor=actor, at=at, change=change)
    note(
        party=str(party_id),
        role=party.role,
        customer=str(party.customer_id),
        from_day=party.from_day.isoformat(),
        reason=reason.strip(),
    )
    party.delete()
