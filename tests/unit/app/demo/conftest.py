"""A small invented country without a database: its homes, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tahseel.app.demo import build, places
from tahseel.app.demo.values import Chance, Plan
from tahseel.countries.kuwait import country
from tahseel.registry.premises import rules as premises_rules

AS_OF = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def kuwait() -> None:
    country.install()


@pytest.fixture
def plan() -> Plan:
    return Plan(accounts=400, seed=5, as_of=AS_OF)


@pytest.fixture
def settle() -> Callable[[Plan], places.Places]:
    """Homes of a plan, as the builder draws them."""

    def drawn(plan: Plan) -> places.Places:
        return places.Builder(
            plan=plan,
            chance=Chance(plan.seed),
            book=premises_rules.load_areas(country.content("areas")),
            areas=country.data("areas"),
            data=build.demo_data(),
        ).build()

    return drawn


@pytest.fixture
def data() -> Any:
    return build.demo_data()
