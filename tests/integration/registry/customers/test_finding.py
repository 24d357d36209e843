"""The search by name against a plain walk over all names, and what a hand makes of them."""

from __future__ import annotations

import random

import pytest
from bench import search_town

from tahseel.kernel.actor import Purpose
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.values import CustomerKind, NewCustomer


@pytest.fixture
def crowd(town):
    people = list(search_town.invented(600, random.Random(4)))
    operations.register_many(actor=town.house, at=town.at, batch="crowd", customers=people)
    return people


def found(town, text, limit=20):
    views = queries.search(
        actor=town.clerk, at=town.at, purpose=Purpose.CUSTOMER_SERVICE, text=text, limit=limit
    )
    return [view.id for view in views]


def test_every_answer_is_what_a_plain_walk_over_all_names_gives(town, crowd):
    known = search_town.known(crowd)
    texts = [text for _, text in search_town.questions(crowd, random.Random(5), 96)]
    texts += ["م", "a", "محمد", "al", "a b", "Mohamed A", "zzz", "' | :* \\ &", "١٢ شقة"]

    for text in texts:
        for limit in (1, 20):
            assert found(town, text, limit) == search_town.expected(known, text, limit), text


@pytest.mark.parametrize(
    "typed",
    [
        "Mubarak Alenzi", "مبارك العنزى", "Mubarek Al-Enezi", "Mubark Alenezi", "Mubanrak Alenezi",
        "العنزي مبارك", "alenezi mub", "مبارد العنزي", "مبراك العنزي",
    ],
)  # fmt: skip
def test_a_name_is_found_with_one_slip_of_the_hand(town, typed):
    wanted = town.person("مبارك العنزي", "Mubarak Alenezi")
    town.person("سالم الدوسري", "Salem Aldosari")

    assert found(town, typed) == [wanted]


def test_a_slip_is_forgiven_only_when_nothing_is_spelt_as_typed(town):
    town.person("مبارك العنزي", "Mubarak Alenezi")
    as_typed = town.person("مبارد العنزي", "Mubared Alenezi")

    assert found(town, "مبارد العنزي") == [as_typed]


def test_names_that_end_as_typed_come_before_those_that_hold_it_somewhere(town):
    inside = town.person("علي الدوسري سالم", "Ali Aldosari Salem")
    family = town.person("سعد محمد عبدالله خالد الدوسري", "Saad Mohammed Abdullah Khaled Aldosari")

    assert found(town, "Aldosary") == [family, inside]


def test_a_company_named_only_in_arabic_is_found_in_latin_letters(town):
    company = town.make_id(town.at)
    batch = [NewCustomer(company, CustomerKind.COMPANY, "شركة المنارة للتجارة", "")]
    operations.register_many(actor=town.house, at=town.at, batch="one", customers=batch)

    assert found(town, "Manara") == [company]
