"""The last night of the build: new supply, deposits asked for, and what the registries tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.conf import settings

from tahseel.app.demo import connections, demands, doubts, mishaps, registries
from tahseel.app.demo.people import Party
from tahseel.app.demo.values import Chance, at_hour
from tahseel.recovery.clearance.projector import Projector
from tahseel.recovery.clearance.replica import Writer
from tahseel.trust.audit import sequencer


def arrive(
    *,
    parties: Sequence[Party],
    account_ids: Sequence[UUID],
    opened_on: date,
    as_of: date,
    chance: Chance,
) -> None:
    """Applications and records arrive; whoever decides on holds catches up with them."""
    connections.make(parties=parties, account_ids=account_ids, as_of=as_of, chance=chance)
    demands.ask(opened_on=opened_on, as_of=as_of)
    registries.arrive(parties=parties, account_ids=account_ids, as_of=as_of)
    mishaps.tell(parties=parties, as_of=as_of)
    doubts.find(parties=parties, account_ids=account_ids, as_of=as_of, chance=chance)
    night = at_hour(as_of, 23, 45)
    writer = Writer(settings.REPLICA)
    try:
        Projector(replica=writer, clock=lambda: night).drain()
    finally:
        writer.close()
    sequencer.sequence_all(at=night)
