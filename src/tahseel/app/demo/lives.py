"""What happens to people in the synthetic country: papers, corrections, deaths, departures, merges.

No bill changes by it: whoever is held is left alone, and nobody's account changes hands. The same
seed chooses the same people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from tahseel.app.demo import twins
from tahseel.app.demo.people import Party
from tahseel.app.demo.twins import MAKER
from tahseel.app.demo.values import BUILDER, Chance, Plan, at_hour
from tahseel.kernel.actor import Purpose
from tahseel.recovery.clearance import queries as clearance
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.values import (
    CustomerKind,
    CustomerView,
    DocumentKind,
    Evidence,
    NewCustomer,
    NewDocument,
    ProtectionKind,
)

STATELESS, ABROAD = 3, 2
CORRECTED, DEAD, GONE, PROTECTED, TWINS = 4, 3, 3, 3, 3
SPELT = {
    "Mohammed": "Mohamad", "Ahmad": "Ahmed", "Hussain": "Hussein", "Yousef": "Yusuf",
    "Khaled": "Khalid", "Fatima": "Fatma", "Omar": "Umar", "Ibrahim": "Ebrahim",
    "Nasser": "Naser", "Salem": "Salim",
}  # fmt: skip
ON_PAPER = (
    *((CustomerKind.STATELESS, DocumentKind.REVIEW_CARD, "CSRSIRS"),) * STATELESS,
    *((CustomerKind.FOREIGN_OWNER, DocumentKind.PASSPORT, "EG"),) * ABROAD,
)


def held_by_papers(
    customers: list[NewCustomer], parties: Sequence[Party], chance: Chance, at: datetime
) -> list[Party]:
    """The same parties, a few of them without a civil id; the list of customers follows.

    Only residents whose identity was not proved anyhow: nothing ever held them.
    """
    random = chance.generator("papers")
    doubtful = [p for p in parties if p.kind == CustomerKind.RESIDENT and not p.verified]
    changed: dict[UUID, CustomerKind] = {}
    place = {customer.id: number for number, customer in enumerate(customers)}
    for party, (kind, document, issuer) in zip(doubtful, ON_PAPER, strict=False):
        paper = NewDocument(
            chance.new_id("document", at), document, issuer, f"{random.randrange(10**8):08d}",
            expires_on=(at + timedelta(days=365 * 5)).date(),
        )  # fmt: skip
        known = customers[place[party.customer_id]]
        customers[place[known.id]] = replace(
            known, kind=kind, civil_id=None, documents=(paper,), evidence=Evidence.DOCUMENT,
            evidence_reference="counter",
        )  # fmt: skip
        changed[known.id] = kind
    return [replace(p, kind=changed.get(p.customer_id, p.kind)) for p in parties]


def live(*, plan: Plan, parties: Sequence[Party], chance: Chance) -> None:
    """What happens on the country's last days, to people who are not held."""
    at = at_hour(plan.as_of - timedelta(days=1), 10)
    people = _free(parties, chance, at)
    _correct_names(people, at)
    _die_and_leave(people, at)
    _protect(people, chance, at)
    _mission(chance, at)
    alike = list(people.take(TWINS, CustomerKind.CITIZEN, CustomerKind.RESIDENT))
    for landlord in people.take(1, CustomerKind.CITIZEN):
        twins.play(people=alike, landlord=landlord, chance=chance, at=at)


class _Free:
    """People who are not held, each taken once."""

    def __init__(self, views: Sequence[CustomerView]) -> None:
        self.views = list(views)

    def take(self, count: int, *kinds: CustomerKind, named: bool = False) -> Iterator[CustomerView]:
        """Up to `count` people of these kinds; `named`: with a name that has another spelling."""
        chosen = [
            view
            for view in self.views
            if view.kind in kinds and (not named or view.name_en.split()[0] in SPELT)
        ][:count]
        for view in chosen:
            self.views.remove(view)
        yield from chosen


def _free(parties: Sequence[Party], chance: Chance, at: datetime) -> _Free:
    held = set(clearance.customers_held())
    ids = list(dict.fromkeys(p.customer_id for p in parties if p.verified))
    ids = sorted(set(ids) - held, key=ids.index)
    chance.generator("lives").shuffle(ids)
    chosen = ids[: 40 * (CORRECTED + DEAD + GONE + PROTECTED + TWINS)]
    views = queries.by_ids(
        actor=BUILDER, at=at, purpose=Purpose.CUSTOMER_SERVICE, customer_ids=chosen
    )
    return _Free([views[customer_id] for customer_id in chosen])


def _correct_names(people: _Free, at: datetime) -> None:
    for view in people.take(CORRECTED, CustomerKind.CITIZEN, CustomerKind.RESIDENT, named=True):
        first, _, rest = view.name_en.partition(" ")
        operations.correct_name(
            actor=MAKER, at=at, customer_id=view.id, name_ar=view.name_ar,
            name_en=f"{SPELT[first]} {rest}".strip(), effective_on=at.date(),
            reason="spelt otherwise on the card", evidence="civil card",
        )  # fmt: skip


def _die_and_leave(people: _Free, at: datetime) -> None:
    for days, view in enumerate(people.take(DEAD, CustomerKind.CITIZEN), 3):
        operations.record_death(
            actor=BUILDER, at=at, customer_id=view.id, died_on=at.date() - timedelta(days=days),
            source="civil registry",
        )  # fmt: skip
    for days, view in enumerate(people.take(GONE, CustomerKind.RESIDENT), 2):
        operations.record_departure(
            actor=BUILDER, at=at, customer_id=view.id,
            departed_on=at.date() - timedelta(days=days), source="interior",
        )  # fmt: skip


def _protect(people: _Free, chance: Chance, at: datetime) -> None:
    kinds = (ProtectionKind.LIFE_SUPPORT, ProtectionKind.MEDICAL, ProtectionKind.DISABILITY)
    protected = people.take(PROTECTED, CustomerKind.CITIZEN, CustomerKind.RESIDENT)
    for kind, view in zip(kinds, protected, strict=False):
        operations.protect(
            actor=MAKER, at=at, id=chance.new_id("protection", at), customer_id=view.id, kind=kind,
            from_day=at.date(), until_day=at.date() + timedelta(days=365),
            evidence="hospital report",
        )  # fmt: skip


def _mission(chance: Chance, at: datetime) -> None:
    """An embassy, known by the card that the Ministry of Foreign Affairs gave it."""
    card = NewDocument(
        chance.new_id("document", at), DocumentKind.MISSION_CARD, "MOFA", "900117",
        expires_on=(at + timedelta(days=900)).date(),
    )  # fmt: skip
    embassy = NewCustomer(
        id=chance.new_id("mission", at), kind=CustomerKind.MISSION, name_ar="سفارة دولة صديقة",
        name_en="Embassy of a Friendly State", evidence=Evidence.DOCUMENT,
        evidence_reference="MOFA", documents=(card,),
    )  # fmt: skip
    operations.register_many(actor=BUILDER, at=at, batch="missions", customers=[embassy])
