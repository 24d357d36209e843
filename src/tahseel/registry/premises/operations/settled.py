"""Days before today whose months are determined or billed: no one person changes their price.

Who sets a sector or takes a certificate back to days that are billed changes what was owed: the
counter's own hand in a bill. Such a change is asked for by one person and agreed to by another;
the house's own jobs, which carry in what was signed elsewhere, need nobody beside them.
"""

from __future__ import annotations

from datetime import datetime

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.registry.premises import queries
from tahseel.registry.premises.values import PriceChange
from tahseel.trust.access.rules import holders


class PastNeedsSecondPerson(NotAllowed):
    """The days lie in months that are determined or billed already."""

    code = "past_needs_second_person"
    text_ar = "أيام من {from_day} في أشهر محتسبة أو مفوترة لا يتغير سعرها إلا باعتماد شخص آخر"
    text_en = (
        "Days from {from_day} on lie in months that are determined or billed: their price is"
        " changed only when a second person agrees"
    )


def require_alone(*, actor: Actor, at: datetime, change: PriceChange, agreed_by: str) -> None:
    """Raises PastNeedsSecondPerson. agreed_by: the act of the second person."""
    if actor.kind is not ActorKind.SYSTEM and queries.needs_second_person(change=change, at=at):
        raise PastNeedsSecondPerson(
            from_day=change.from_day.isoformat(), needs=", ".join(holders(agreed_by))
        )
