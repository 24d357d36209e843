"""Reading holds and the facts behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import Claim
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.ids import CivilId
from tahseel.kernel.period import local_day, start_of
from tahseel.recovery.clearance import client, rules, store
from tahseel.recovery.clearance.client import Answer
from tahseel.recovery.clearance.models import Hold, HoldClaim, Release
from tahseel.recovery.clearance.values import (
    ClaimFact,
    ClaimState,
    Decision,
    Facts,
    Gate,
    HeldClaim,
    HoldView,
    NoticeFact,
    Payable,
    Person,
    PersonClass,
    Policy,
)
from tahseel.recovery.collections import queries as collections_queries
from tahseel.recovery.collections.values import ClaimKey, DebtNotice, Naming
from tahseel.registry.customers import queries as customers_queries
from tahseel.registry.customers.values import Person as RegisteredPerson
from tahseel.trust.audit.operations import record_read

RELEASES_MAX = 10_000


def facts_of(*, actor: Actor, at: datetime, purpose: str, customer_id: UUID) -> Facts:
    """What a decision looks at, of any instant: every notice and all that notices name.

    Claims that no notice names are left out: they never hold.
    """
    notices = collections_queries.notices_of(customer_ids=[customer_id]).get(customer_id, [])
    claims = claims_queries.claims_by_key(sorted({key for n in notices for key in n.claims}))
    people = customers_queries.people(
        actor=actor, at=at, purpose=purpose, customer_ids=[customer_id]
    )
    return _facts(people[customer_id], notices, claims)


def debts_of(
    *, actor: Actor, at: datetime, purpose: str, customer_ids: Collection[UUID]
) -> dict[UUID, Facts]:
    """What may hold some customers at this instant: overdue claims in notices that were served.

    Who has none is absent, whatever else is known: nothing holds there. Nothing of them is read.
    """
    overdue = claims_queries.overdue_of(customer_ids, local_day(at))
    owed = {(c.account_id, c.id): c for found in overdue.values() for c in found}
    named: dict[UUID, list[Naming]] = {}
    for notice in collections_queries.notices_naming(owed.keys()):
        if notice.served_on is not None:
            named.setdefault(notice.customer_id, []).append(notice)
    if not named:
        return {}
    people = customers_queries.people(actor=actor, at=at, purpose=purpose, customer_ids=named)
    return {
        customer_id: _facts(person, named[customer_id], owed)
        for customer_id, person in people.items()
    }


def _facts(
    person: RegisteredPerson,
    notices: Sequence[DebtNotice | Naming],
    claims: dict[ClaimKey, Claim],
) -> Facts:
    """Only claims for which this very customer is liable."""
    named = {key for notice in notices for key in notice.claims}
    own = [claims[k] for k in sorted(named) if k in claims and claims[k].customer_id == person.id]
    return Facts(
        person=_person(person),
        claims=tuple(claim_fact(claim) for claim in own),
        notices=tuple(
            NoticeFact(n.notice_id, frozenset(c for _, c in n.claims), n.served_on) for n in notices
        ),
    )


def _person(person: RegisteredPerson) -> Person:
    proved = person.identity_verified_at if person.civil_id_index else None
    return Person(
        customer_id=person.id,
        person_class=PersonClass(person.kind),
        identity_verified_at=proved,
        born_on=person.born_on,
        died_on=person.died_on,
    )


def claim_fact(claim: Claim) -> ClaimFact:
    """A claim's life as far as it is known: opened in full, now this much open, or closed."""
    opened = start_of(claim.opened_on)
    states: tuple[ClaimState, ...]
    if claim.closed_at is not None:
        states = (ClaimState(opened, claim.amount.fils), ClaimState(claim.closed_at, 0))
    else:
        states = (ClaimState(opened, claim.open.fils, claim.disputed.fils),)
    return ClaimFact(claim.account_id, claim.id, claim.reference, claim.due_date, states)


def decision(
    *,
    actor: Actor,
    at: datetime,
    purpose: str,
    customer_id: UUID,
    gate: Gate,
    as_of: datetime | None = None,
    policy: Policy | None = None,
) -> Decision:
    """The decision for one person and gate with its reasons, now or at a past instant.

    What the signed-in person sees too. `at` is when it is asked, `as_of` the instant asked about.
    """
    found = decisions(
        actor=actor, at=at, purpose=purpose, customer_id=customer_id, gates=[gate],
        as_of=as_of, policy=policy,
    )  # fmt: skip
    return found[gate]


def decisions(
    *,
    actor: Actor,
    at: datetime,
    purpose: str,
    customer_id: UUID,
    gates: Collection[Gate],
    as_of: datetime | None = None,
    policy: Policy | None = None,
) -> dict[Gate, Decision]:
    """The same at several gates, for which the person's data is read once."""
    asked = as_of or at
    facts = facts_of(actor=actor, at=at, purpose=purpose, customer_id=customer_id)
    held_back = {claim.claim_id for claim in facts.claims}
    rest = [
        c for c in claims_queries.overdue(customer_id, local_day(asked)) if c.id not in held_back
    ]
    return rules.decide_gates(
        facts=Facts(facts.person, (*facts.claims, *map(claim_fact, rest)), facts.notices),
        gates=gates,
        policy=policy or rules.policy(),
        as_of=asked,
        deadline=working_calendar().legal_deadline,
    )


def holds_of(
    *, actor: Actor, at: datetime, purpose: str, customer_id: UUID, closed: bool = False
) -> list[HoldView]:
    """A customer's open holds, or all with `closed`, the oldest first."""
    record_read(
        actor=actor, purpose=purpose, subject=str(customer_id), at=at, facts={"of": "holds"}
    )
    rows = Hold.objects.filter(customer_id=customer_id)
    return _views(rows if closed else rows.filter(closed_at__isnull=True))


def open_holds(*, customer_ids: Collection[UUID]) -> dict[UUID, list[HoldView]]:
    """Open holds of each customer, for machines; customers without one are absent."""
    rows = Hold.objects.filter(customer_id__in=bulk.among(customer_ids), closed_at__isnull=True)
    found: dict[UUID, list[HoldView]] = {}
    for view in _views(rows):
        found.setdefault(view.customer_id, []).append(view)
    return found


def to_pay(*, customer_ids: Collection[UUID]) -> dict[tuple[UUID, Gate], tuple[int, str]]:
    """By customer and gate: the fils of all open holds, and the reference of the oldest one.

    For the replica; who is clear is absent.
    """
    found: dict[tuple[UUID, Gate], tuple[int, str]] = {}
    for customer_id, gate, fils, reference in store.to_pay(customer_ids):
        so_far, first = found.get((customer_id, Gate(gate)), (0, reference))
        found[customer_id, Gate(gate)] = (so_far + fils, first)
    return found


def to_decide(day: date) -> list[UUID]:
    """The debtors of a day who were ever told of a debt: whom the daily holds look at, in order."""
    told = set(collections_queries.customers_notified(issued_by=day))
    return [d.customer_id for d in claims_queries.debtors(day) if d.customer_id in told]


def customers_held() -> list[UUID]:
    """Every customer with an open hold, by id."""
    rows = Hold.objects.filter(closed_at__isnull=True).order_by("customer_id")
    return list(rows.values_list("customer_id", flat=True).distinct())


def count_open() -> int:
    """How many holds are open."""
    return Hold.objects.filter(closed_at__isnull=True).count()


def hold_by_reference(*, actor: Actor, at: datetime, reference: str) -> Payable | None:
    """What must be paid to pass the gate of a reference; for whoever was handed it, unsigned-in.

    Tells accounts, claims and amounts by their ids, nothing about the person. All open holds of the
    same person at the same gate are in it. None for a reference that is unknown or settled.
    """
    record_read(actor=actor, purpose=Purpose.PAYMENT, subject=reference, at=at)
    hold = Hold.objects.filter(reference=reference, closed_at__isnull=True).first()
    if hold is None:
        return None
    together = Hold.objects.filter(
        customer_id=hold.customer_id, gate=hold.gate, closed_at__isnull=True
    )
    claims = _claims(HoldClaim.objects.filter(hold__in=together))
    fils = sum(claim.fils for claim in claims)
    return Payable(reference, Gate(hold.gate), hold.customer_id, fils, tuple(claims))


def release_times(*, since: datetime, until: datetime) -> list[timedelta]:
    """From a payment's posting to the replica that says clear, in order of time; bounded."""
    rows = Release.objects.filter(decided_at__gte=since, decided_at__lt=until)
    rows = rows.filter(applied_at__isnull=False, payment_id__isnull=False).order_by("decided_at")
    pairs = rows.values_list("posted_at", "applied_at")[:RELEASES_MAX]
    return [applied - posted for posted, applied in pairs if applied]


def release_of(*, hold_id: UUID) -> Release | None:
    """The timeline of one release; None while the hold is open."""
    return Release.objects.filter(pk=hold_id).first()


def _views(rows: QuerySet[Hold]) -> list[HoldView]:
    found = rows.prefetch_related("claims").order_by("opened_at", "id")
    return [
        HoldView(
            id=row.id,
            customer_id=row.customer_id,
            gate=Gate(row.gate),
            notice_id=row.notice_id,
            reference=row.reference,
            fils=row.amount_fils,
            policy=row.policy,
            instrument=row.instrument,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            claims=tuple(_claims(row.claims.all())),
        )
        for row in found
    ]


def _claims(rows: Iterable[HoldClaim]) -> list[HeldClaim]:
    found = [HeldClaim(r.account_id, r.claim_id, r.reference, r.fils) for r in rows]
    return sorted(found, key=lambda claim: (claim.reference, claim.claim_id))


def ask_gateway(
    *, socket_path: Path, civil_id: CivilId, gate: Gate, purpose: str, reference: str
) -> Answer:
    """What the gateway answers this instant, over its private socket. Raises Fault as `client`.

    The asker leaves the audit leaf: the gateway has no database.
    """
    return client.check(
        socket_path=socket_path,
        civil_id=civil_id,
        gate=gate,
        purpose=purpose,
        reference=reference,
    )
