"""Who lives there: valid, unique, recognisably invented, and in the right capacity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tahseel.app.demo.people import Party, Population
from tahseel.app.demo.places import Places
from tahseel.app.demo.values import Chance, Plan
from tahseel.countries.kuwait import country
from tahseel.kernel.ids import CivilId, civil_id_scheme
from tahseel.registry.customers.values import CustomerKind, NewCustomer
from tahseel.registry.premises.values import Sector, UnitKind
from tahseel.registry.supply.values import Capacity

PERSONS = {CustomerKind.CITIZEN, CustomerKind.GCC, CustomerKind.RESIDENT}
Settled = tuple[list[Party], list[NewCustomer]]


@pytest.fixture
def people(plan: Plan, settle: Callable[[Plan], Places], data: Any) -> Callable[[Plan], Settled]:
    def drawn(plan: Plan) -> Settled:
        population = Population(
            plan=plan, chance=Chance(plan.seed), names=country.data("names"), data=data
        )
        parties = population.settle(settle(plan).homes)
        return parties, population.customers

    return drawn


@pytest.fixture
def settled(people: Callable[[Plan], Settled], plan: Plan) -> Settled:
    return people(plan)


def digits_of(customers: list[NewCustomer]) -> list[str]:
    return [one.civil_id.digits for one in customers if one.civil_id]


def test_every_person_has_a_valid_civil_id_of_its_own(settled: Settled) -> None:
    _, customers = settled
    digits = digits_of(customers)

    assert len(digits) == sum(one.kind in PERSONS for one in customers)
    assert len(set(digits)) == len(digits)
    assert [CivilId.parse(number).digits for number in digits] == digits


def test_serials_of_invented_people_lie_in_the_nine_thousands(settled: Settled) -> None:
    serials = [int(number[7:11]) for number in digits_of(settled[1])]

    assert min(serials) >= 9000
    assert len(set(serials)) > len(serials) // 2


def test_everybody_who_pays_is_of_age(settled: Settled, plan: Plan) -> None:
    born = [civil_id_scheme().birth_date(number) for number in digits_of(settled[1])]

    assert max(day for day in born if day) < date(plan.as_of.year - 24, plan.as_of.month, 1)
    assert min(day for day in born if day) > date(1940, 1, 1)


def test_companies_and_bodies_are_registered_once_and_have_no_civil_id(settled: Settled) -> None:
    others = [one for one in settled[1] if one.kind not in PERSONS]
    numbers = [one.registration_number for one in others]

    assert {one.kind for one in others} == {CustomerKind.COMPANY, CustomerKind.GOVERNMENT}
    assert len(set(numbers)) == len(numbers)
    assert not any(one.civil_id for one in others)


@pytest.mark.parametrize("seed", range(12))
def test_no_kind_of_customer_is_missing_however_small_the_country_is(
    people: Callable[[Plan], Settled], plan: Plan, seed: int
) -> None:
    _, customers = people(replace(plan, accounts=50, seed=seed))

    kinds = {one.kind for one in customers}
    assert kinds >= PERSONS | {CustomerKind.COMPANY, CustomerKind.GOVERNMENT}


def test_every_home_has_a_payer_who_is_registered(settled: Settled, plan: Plan) -> None:
    parties, customers = settled
    known = [one.id for one in customers]

    assert len(parties) == plan.accounts
    assert {party.customer_id for party in parties} <= set(known)
    assert len(set(known)) == len(known)


def test_flats_have_tenants_government_premises_have_bodies_villas_have_owners(
    settled: Settled,
) -> None:
    for party in settled[0]:
        unit = party.home.unit
        if unit.kind == UnitKind.FLAT:
            assert (party.kind in PERSONS, party.capacity) == (True, Capacity.TENANT)
        elif unit.sector == Sector.GOVERNMENT:
            assert (party.kind, party.capacity) == (CustomerKind.GOVERNMENT, Capacity.OWNER)
        elif unit.sector == Sector.PRIVATE:
            assert party.kind in {CustomerKind.CITIZEN, CustomerKind.GCC}
            assert party.capacity == Capacity.OWNER


def test_a_body_comes_before_its_sites(settled: Settled) -> None:
    order = {one.id: place for place, one in enumerate(settled[1])}
    sites = [one for one in settled[1] if one.parent_id]

    assert sites
    assert all(order[site.parent_id] < order[site.id] for site in sites if site.parent_id)


def test_most_tenants_of_flats_are_residents_and_a_few_names_are_unverified(
    people: Callable[[Plan], Settled], plan: Plan
) -> None:
    parties, customers = people(replace(plan, accounts=3_000))

    flats = Counter(p.kind for p in parties if p.home.unit.kind == UnitKind.FLAT)
    persons = [one for one in customers if one.kind in PERSONS]
    unverified = [one for one in persons if one.evidence is None]
    assert flats[CustomerKind.RESIDENT] > 3 * (flats.total() - flats[CustomerKind.RESIDENT])
    assert 10 * len(unverified) < len(persons)
    assert unverified


def test_everybody_is_named_in_both_languages(settled: Settled) -> None:
    for one in settled[1]:
        assert any("\u0621" <= letter <= "\u064a" for letter in one.name_ar)
        assert one.name_en.isascii()
        assert len(one.name_en.split()) > 1


def test_the_seed_decides_who_they_are(people: Callable[[Plan], Settled], plan: Plan) -> None:
    assert people(plan) == people(plan)
    assert people(plan)[1] != people(replace(plan, seed=6))[1]
