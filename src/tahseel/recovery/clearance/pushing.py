"""Telling partners of holds and releases as they happen: signed, in order, until acknowledged.

What is sent is how a person stands at a gate now, not what an event said then: sent twice or late
it still leaves the partner with the truth. The cursor moves only by the partner's acknowledgement.
A partner that knows nothing yet, or lacks what came before, is told of everybody who is held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from tahseel.kernel import outbox
from tahseel.kernel.actor import Purpose, system
from tahseel.kernel.errors import Fault
from tahseel.kernel.outbox import Event
from tahseel.recovery.clearance import consumers, events, partners, queries, store
from tahseel.recovery.clearance.partners import Link, Partner
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.customers import queries as customers
from tahseel.trust.audit import operations as audit

ACTOR = system("partner-push")
BATCH_MAX = 1_000
PEOPLE_MAX = 20_000
HOLDS = frozenset({events.HOLD_OPENED, events.HOLD_CHANGED, events.HOLD_CLOSED})


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one step did for one partner. closed: the holds whose end it now knows of."""

    partner: str
    changes: int
    sequence: int
    closed: frozenset[UUID]


def consumer(partner: Partner) -> str:
    """The name under which a partner's place in the event log is kept."""
    return f"partner-push:{partner.code}"


def step(*, at: datetime) -> int:
    """Tell every linked partner what is next for it; returns how many changes were taken over.

    Raises Fault when a partner does not take them, after the others were told.
    """
    link, told, faults = partners.installed(), 0, []
    for partner in partners.linked(link.partners):
        try:
            pushed = _tell(partner, link, at)
        except Fault as fault:
            faults.append(f"{partner.code}: {fault.message}")
        else:
            told += pushed.changes if pushed else 0
    if faults:
        raise Fault("; ".join(faults), retry=True)
    return told


def _tell(partner: Partner, link: Link, at: datetime) -> Pushed | None:
    after = outbox.cursor_of(consumer(partner))
    batch = outbox.events_after(after, limit=BATCH_MAX)
    if after and not batch:
        return None
    mine = [e for e in batch if e.name in HOLDS and Gate(e.facts["gate"]) in partner.gates]
    if after:
        last = batch[-1].sequence
        changes = _news(partner, mine, batch, at)
        known = not changes or _send(partner, link, _payload(partner, after, last, changes, at))
    if not after or not known:
        last = outbox.last_sequence()
        changes = _changes(partner, _everybody(), at, whole=True)
        if not _send(partner, link, _payload(partner, 0, last, changes, at)):
            raise Fault("a whole telling was not taken over", retry=True)
    closed = frozenset(UUID(e.subject) for e in mine if e.name == events.HOLD_CLOSED)
    done = Pushed(partner.code, len(changes), last, closed)
    _acknowledged(partner, done, changes, at)
    return done


def _news(
    partner: Partner, mine: Iterable[Event], batch: Collection[Event], at: datetime
) -> list[dict[str, Any]]:
    """How everybody stands whom the events have changed, former numbers of a correction too."""
    people = dict(_people(mine))
    renumbered = consumers.renumbered(batch)
    people |= dict.fromkeys(renumbered | consumers.regrouped(batch), frozenset(Gate))
    former: list[dict[str, Any]] = []
    if renumbered:
        numbers = customers.former_civil_ids(
            actor=ACTOR, at=at, purpose=Purpose.CLEARANCE_CHECK, customer_ids=renumbered
        )
        people |= dict.fromkeys((o for o in numbers.values() if o), frozenset(Gate))
        nobodys = [digits for digits, owner in numbers.items() if owner is None]
        former = [_change(d, gate, 0, "") for d in nobodys for gate in sorted(partner.gates)]
    return [*former, *_changes(partner, people, at)]


def _people(batch: Iterable[Event]) -> dict[UUID, frozenset[Gate]]:
    """Whom the events are about, and at which gates."""
    found: dict[UUID, set[Gate]] = {}
    for event in batch:
        for text in event.facts["customer_ids"]:
            found.setdefault(UUID(text), set()).add(Gate(event.facts["gate"]))
    return {person: frozenset(gates) for person, gates in found.items()}


def _everybody() -> dict[UUID, frozenset[Gate]]:
    held = queries.customers_held()
    if len(held) > PEOPLE_MAX:
        raise Fault(f"{len(held)} held persons; a first telling takes {PEOPLE_MAX}", retry=False)
    return dict.fromkeys(held, frozenset(Gate))


def _changes(
    partner: Partner, people: Mapping[UUID, frozenset[Gate]], at: datetime, *, whole: bool = False
) -> list[dict[str, Any]]:
    """How each person stands now at each of the gates, by civil id.

    whole: only where somebody is held, because nothing is known of anybody else.
    """
    if not people:
        return []
    owed = queries.to_pay(customer_ids=people.keys())
    named = customers.civil_ids(
        actor=ACTOR, at=at, purpose=Purpose.CLEARANCE_CHECK, customer_ids=people.keys()
    )
    found = []
    for person, gates in people.items():
        civil_id = named.get(person)
        if civil_id is None:
            continue
        for gate in sorted(gates & partner.gates):
            fils, reference = owed.get((person, gate), (0, ""))
            if fils or not whole:
                found.append(_change(civil_id.digits, gate, fils, reference))
    return found


def _change(digits: str, gate: Gate, fils: int, reference: str) -> dict[str, Any]:
    state = "held" if fils else "clear"
    known = {"civil_id": digits, "gate": str(gate), "state": state}
    return known | ({"amount_fils": fils, "reference": reference} if fils else {})


def _payload(
    partner: Partner, after: int, last: int, changes: Collection[Mapping[str, Any]], at: datetime
) -> bytes:
    return orjson.dumps(
        {
            "partner": partner.code,
            "after": after,
            "last": last,
            "at": at.isoformat(),
            "changes": changes,
        }
    )


def _send(partner: Partner, link: Link, payload: bytes) -> bool:
    """True when the partner has taken over exactly this; False when it lacks what came before.

    Raises Fault for everything else.
    """
    token = partners.signed(payload, key=link.key)
    reply = link.post(partner.url, token, partners.MEDIA_TYPE)
    try:
        told = orjson.loads(reply)
        acknowledged, lacking = told["acknowledged"], bool(told.get("lacking", False))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Fault("the acknowledgement cannot be read", retry=True) from error
    if lacking:
        return False
    if acknowledged != hashlib.sha256(payload).hexdigest():
        raise Fault("something else was acknowledged", retry=True)
    return True


def _acknowledged(
    partner: Partner, done: Pushed, changes: Collection[Mapping[str, Any]], at: datetime
) -> None:
    with transaction.atomic():
        outbox.move_cursor(consumer=consumer(partner), sequence=done.sequence, at=at)
        store.mark_acknowledged(done.closed, at)
        if changes:
            held = sum(change["state"] == "held" for change in changes)
            audit.record(
                actor=ACTOR,
                action="clearance.tell_partner",
                subject=partner.code,
                at=at,
                purpose=Purpose.CLEARANCE_CHECK,
                facts={
                    "held": held,
                    "clear": len(changes) - held,
                    "sequence": done.sequence,
                },
            )
