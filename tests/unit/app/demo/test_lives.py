"""A few people of the synthetic country have no civil id; nobody else changes by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tahseel.app.demo import lives
from tahseel.app.demo.people import Population
from tahseel.app.demo.places import Places
from tahseel.app.demo.values import Chance, Plan
from tahseel.countries.kuwait import country
from tahseel.registry.customers import rules


def test_some_whose_identity_was_not_proved_are_held_by_papers_and_nobody_else_changes(
    settle: Callable[[Plan], Places], plan: Plan, data: Any
) -> None:
    chance = Chance(plan.seed)
    population = Population(plan=plan, chance=chance, names=country.data("names"), data=data)
    parties = population.settle(settle(plan).homes)
    before = list(population.customers)

    changed = lives.held_by_papers(population.customers, parties, chance, population.at)

    pairs = [
        (old, new) for old, new in zip(before, population.customers, strict=True) if old != new
    ]
    assert 0 < len(pairs) <= lives.STATELESS + lives.ABROAD
    for old, new in pairs:
        assert (old.id, old.evidence, new.civil_id) == (new.id, None, None)
        assert rules.needs_document(new.kind)
        assert new.documents
    kinds = {customer.id: customer.kind for customer in population.customers}
    assert [party.kind for party in changed] == [kinds[p.customer_id] for p in changed]
    assert [party.verified for party in changed] == [party.verified for party in parties]
