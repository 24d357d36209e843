"""One liable party or an explained vacancy, for every service point and day of a whole town.

Everything that may change the answer happens in random order and with days that reach back: moves,
sales at the counter and by the State's registry, deaths, landlords, merges of records and their
taking back, units split, merged and torn down, histories taken on. The oracle is plain SQL over the
tables, which shares nothing with the product's own queries.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.registry.supply.happening import (
    HORIZON,
    PEOPLE,
    TWINS,
    UNITS,
    Answers,
    Home,
    Story,
    answers,
    flat,
)

from tahseel.kernel import bulk
from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers import rules as customer_rules
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import rules as premises_rules
from tahseel.registry.supply import guarding, queries
from tahseel.registry.supply.values import (
    HANGING,
    Capacity,
)

ACTS = (
    "open", "take_on", "move_in", "move_out", "transfer", "sell", "title", "name", "landlord",
    "strike", "bury", "estates", "merge", "unmerge", "close", "demolish", "split", "join",
)  # fmt: skip
FREQUENT = ("move_in", "move_out", "transfer", "sell", "name", "landlord", "bury", "merge") * 2
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTS + FREQUENT), st.integers(0, 7), st.integers(0, PEOPLE + TWINS - 1),
        st.integers(0, 5),
    ),
    min_size=6, max_size=30,
)  # fmt: skip


def product(story: Story) -> Answers:
    """The same by the product."""
    found: Answers = {}
    with connection.cursor() as cursor:
        cursor.execute("select id from premises_service_point")
        points = [row[0] for row in cursor.fetchall()]
    for n in range(-2, HORIZON + 6):
        told = queries.liable_for(service_point_ids=points, day=story.day(n))
        for point in points:
            (one,) = told[point]
            assert (one.customer_id is None) != (one.vacancy is None)
            found[point, story.day(n)] = one.customer_id or str(one.vacancy)
    return found


@pytest.fixture
def guards() -> Iterator[None]:
    """As the product puts them together."""
    premises_rules.install_guards([guarding.require_closed])
    customer_rules.install_hanging(HANGING)
    customer_rules.install_merge_guards([guarding.require_roles_apart])
    yield
    premises_rules.install_guards([])
    customer_rules.install_hanging([])
    customer_rules.install_merge_guards([])


def begun(town: Any) -> Story:
    """A building of three flats, four citizens and two people without a number."""
    citizens, digits = [], []
    for _ in range(PEOPLE):
        number = town.civil_id()
        made = customers.register(
            actor=town.clerk, at=town.at, id=town.make_id(town.at), kind=CustomerKind.CITIZEN,
            civil_id=number, name_ar="سالم", name_en="Salem",
        )  # fmt: skip
        citizens.append(made.id)
        digits.append(number.digits)
    for _ in range(TWINS):
        twin = customers.register(
            actor=town.clerk, at=town.at, id=town.make_id(town.at), kind=CustomerKind.UNKNOWN,
            civil_id=None, name_ar="سالم", name_en="Salem",
        )  # fmt: skip
        citizens.append(twin.id)
    story = Story(town, [], citizens, digits)
    (first,) = town.units(1)
    made = [flat(story, first.premises_id, date(2000, 1, 1), point=True) for _ in range(UNITS)]
    for unit in made:
        premises.add_unit(actor=town.head, at=town.at, unit=unit)
    story.homes = [Home(unit) for unit in made]
    for n, home in enumerate(story.homes[1:]):
        story.open(home, story.people[n], n)
    return story


@pytest.mark.usefixtures("guards")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_happens_to_a_town_every_point_and_day_has_one_answer(town, steps):
    with transaction.atomic():
        story = begun(replace(town))
        play(story, steps)

        assert product(story) == answers(story)
        with connection.cursor() as cursor:
            cursor.execute(BILLED_DEAD)
            assert cursor.fetchall() == []
        transaction.set_rollback(True)


def play(story: Story, steps: list[tuple[str, int, int, int]]) -> None:
    """Each act is done whole, as if committed, or refused; then the night's estates."""
    day = 0
    for act, home, who, gap in steps:
        day = (day + gap) if gap < 5 else max(day - 9, 0)  # now and then the past is told late
        step: Callable[[Home, UUID, int], None] = getattr(story, act)
        with contextlib.suppress(Refusal), transaction.atomic():
            step(story.home(act, home), story.people[who], min(day, HORIZON))
            bulk.settle_constraints()
    story.estates(story.homes[0], story.people[0], 0)


BILLED_DEAD = """
select l.account_id, l.customer_id, l.capacity, l.from_day, c.died_on
from supply_liability l
join supply_account a on a.id = l.account_id and a.closed_on is null
join customers_customer c on c.id = l.customer_id
where l.until_day is null and c.died_on is not null and l.capacity <> 'estate'
"""


@pytest.mark.usefixtures("guards")
def test_an_estate_that_came_after_a_merge_is_not_handed_to_the_living_when_it_is_taken_back(town):
    story = begun(town)
    home, person, twin = story.homes[0], story.people[0], story.people[PEOPLE]
    story.open(home, twin, 1)
    story.merge(home, person, 0)
    story.bury(home, person, 1)  # the day on which the twin became liable

    story.estates(home, person, 0)
    story.unmerge(home, person, 0)

    (span,) = queries.liabilities(account_ids=home.accounts)[home.accounts[-1]]
    assert (span.customer_id, span.capacity) == (person, Capacity.ESTATE)
    assert product(story) == answers(story)
