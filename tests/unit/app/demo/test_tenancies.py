"""Who moves, who dies and what is deposited in the synthetic country: drawn from its own chance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tahseel.app.demo import tenancies
from tahseel.app.demo.people import Party, Population
from tahseel.app.demo.places import Places
from tahseel.app.demo.values import Chance, Plan
from tahseel.countries.kuwait import country
from tahseel.registry.customers.values import CustomerKind, NewCustomer
from tahseel.registry.premises.values import UnitKind
from tahseel.registry.supply import rules as supply
from tahseel.registry.supply.values import Capacity, Heir, Role

Drawn = tuple[tenancies.Tenancies, list[Party], list[NewCustomer]]


@pytest.fixture
def drawn(plan: Plan, settle: Callable[[Plan], Places], data: Any) -> Callable[[], Drawn]:
    def draw() -> Drawn:
        chance = Chance(plan.seed)
        population = Population(plan=plan, chance=chance, names=country.data("names"), data=data)
        homes = settle(plan).homes
        parties = population.settle(homes)
        spared = frozenset(p.customer_id for p in parties if p.kind is CustomerKind.RESIDENT)
        first = next(iter(sorted(spared)))
        found = tenancies.draw(
            plan=plan,
            chance=chance,
            parties=parties,
            population=population,
            stopping={first},
            homes=homes,
        )
        assert first not in {parties[move.index].customer_id for move in found.moves}
        return found, parties, population.customers

    return draw


def test_the_same_seed_draws_the_same_moves_and_deaths(drawn: Callable[[], Drawn]) -> None:
    first, second = drawn()[0], drawn()[0]

    assert (first.moves, first.deaths) == (second.moves, second.deaths)
    assert len(first.moves) >= 2
    assert len(first.deaths) >= 2


def test_tenants_leave_flats_of_a_landlord_and_owners_of_houses_die(
    drawn: Callable[[], Drawn], plan: Plan
) -> None:
    found, parties, customers = drawn()
    known = {customer.id: customer.kind for customer in customers}

    for move in found.moves:
        party = parties[move.index]
        assert (party.home.unit.kind, party.capacity) == (UnitKind.FLAT, Capacity.TENANT)
        assert found.landlords[party.home.premises_id] == move.landlord
        assert known[move.newcomer] is CustomerKind.RESIDENT
        assert 0 < move.month + move.gap < len(plan.months)
    for death in found.deaths:
        assert parties[death.index].capacity is Capacity.OWNER
        heirs = [Heir(who, n) for who, n in zip(death.heirs, tenancies.SHARES, strict=True)]
        assert supply.shares_make_one(heirs, sum(tenancies.SHARES))
        assert death.month + tenancies.MONTHS_OF_ESTATE < len(plan.months)


def test_a_flat_has_its_tenant_and_its_landlord_who_takes_supply_back(
    drawn: Callable[[], Drawn],
) -> None:
    found, parties, _ = drawn()
    index = found.moves[0].index

    roles = found.roles(index, UUID(int=1), date(2025, 4, 1))

    assert [(role.role, role.customer_id, role.takes_back) for role in roles] == [
        (Role.TENANT, parties[index].customer_id, False),
        (Role.OWNER, found.moves[0].landlord, True),
    ]


def test_the_payers_are_those_who_would_be_drawn_without_newcomers(
    drawn: Callable[[], Drawn], plan: Plan, settle: Callable[[Plan], Places], data: Any
) -> None:
    _, parties, customers = drawn()

    alone = Population(plan=plan, chance=Chance(plan.seed), names=country.data("names"), data=data)
    expected = alone.settle(settle(plan).homes)

    assert parties == expected
    assert customers[: len(alone.customers)] == alone.customers
