"""Days that are billed already: no one person changes who is liable, or who pays, on them.

Whoever backdates a move changes who owes what was billed. Such an act is asked for by one person
and agreed to by another; the house's own jobs, which carry in what a registry told, need nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.period import local_day
from tahseel.registry.supply import watching
from tahseel.registry.supply.values import PAST, PayerChange
from tahseel.trust.access.rules import holders

_agreed: ContextVar[list[PayerChange] | None] = ContextVar("supply_agreed", default=None)


class BilledNeedsSecondPerson(NotAllowed):
    """The days from there on are billed."""

    code = "billed_needs_second_person"
    text_ar = "فُوترت أيام من {from_day}: لا يتغير المسؤول عنها أو دافعها إلا باعتماد شخص آخر"
    text_en = (
        "Days from {from_day} on are billed: who is liable or pays for them changes only when a"
        " second person agrees"
    )


@contextmanager
def agreed() -> Iterator[list[PayerChange]]:
    """Two people stand behind what is done inside; the changes that it makes are listed."""
    changes: list[PayerChange] = []
    token = _agreed.set(changes)
    try:
        yield changes
    finally:
        _agreed.reset(token)


def change(*, actor: Actor, at: datetime, change: PayerChange) -> None:
    """Tell everybody of a change of payer, if this actor may make it.

    Called in the change's own transaction, after it is written. Raises BilledNeedsSecondPerson.
    """
    listed = _agreed.get()
    if listed is not None:
        listed.append(change)
    elif _needs_second_person(actor, at, change):
        needs = ", ".join(holders(PAST))
        raise BilledNeedsSecondPerson(from_day=change.from_day.isoformat(), needs=needs)
    watching.tell(actor=actor, at=at, change=change)


def _needs_second_person(actor: Actor, at: datetime, change: PayerChange) -> bool:
    past = change.from_day < local_day(at)
    return actor.kind is not ActorKind.SYSTEM and past and watching.is_settled(change)
