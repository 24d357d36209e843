"""What clearance listens to: everything that can change whether a person is held."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tahseel.books.claims import events as claims_events
from tahseel.books.payments import events as payments_events
from tahseel.books.transfers import events as transfers_events
from tahseel.kernel.outbox import Event
from tahseel.recovery.clearance import events
from tahseel.registry.customers import events as customers_events

NAME = "clearance"

HOLDS = frozenset({events.HOLD_OPENED, events.HOLD_CHANGED, events.HOLD_CLOSED})

NAMING_CUSTOMERS = frozenset(
    {
        claims_events.CLOSED,
        claims_events.REOPENED,
        claims_events.DISPUTED,
        claims_events.CREDIT_USED,
        payments_events.PAYMENT_POSTED,
        transfers_events.MOVED,
        transfers_events.RETURNED,
        customers_events.MERGED,
        customers_events.UNMERGED,
    }
)
"""Facts hold `customer_ids`."""

ABOUT_A_CUSTOMER = frozenset(
    {
        customers_events.VERIFIED,
        customers_events.DOUBTED,
        customers_events.DIED,
        customers_events.DEATH_REVOKED,
        customers_events.CIVIL_ID_CORRECTED,
    }
)
"""The subject is the customer's id."""

ABOUT_ALL = frozenset({payments_events.BATCH_RECORDED})
"""A bulk that names nobody: everybody who is held is decided anew."""


def touched(batch: Iterable[Event]) -> dict[UUID, Event]:
    """The customers whom a batch touches, each with the first event that did.

    A payment outranks the closing of a claim that came with it, because it tells when and how the
    money came.
    """
    found: dict[UUID, Event] = {}
    for event in batch:
        for customer_id in _customers(event):
            known = found.get(customer_id)
            is_payment = event.name == payments_events.PAYMENT_POSTED
            if known is None or (is_payment and known.name != payments_events.PAYMENT_POSTED):
                found[customer_id] = event
    return found


def held(batch: Iterable[Event], *, not_by: str | None = None) -> set[UUID]:
    """The customers whose holds an operation has changed: the replica must follow.

    not_by: leave out what this actor did itself.
    """
    changed = [e for e in batch if e.name in HOLDS and (not_by is None or e.facts["by"] != not_by)]
    return {UUID(text) for event in changed for text in event.facts["customer_ids"]}


def renumbered(batch: Iterable[Event]) -> set[UUID]:
    """The customers whose civil id was corrected: the replica must forget the former number."""
    return {UUID(e.subject) for e in batch if e.name == customers_events.CIVIL_ID_CORRECTED}


def regrouped(batch: Iterable[Event]) -> set[UUID]:
    """The records of persons that were merged or told apart: their holds moved as they were."""
    names = {customers_events.MERGED, customers_events.UNMERGED}
    return {UUID(text) for e in batch if e.name in names for text in e.facts["customer_ids"]}


def touches_everybody(batch: Iterable[Event]) -> bool:
    return any(event.name in ABOUT_ALL for event in batch)


def _customers(event: Event) -> list[UUID]:
    if event.name in NAMING_CUSTOMERS:
        return [UUID(text) for text in event.facts.get("customer_ids", [])]
    return [UUID(event.subject)] if event.name in ABOUT_A_CUSTOMER else []
