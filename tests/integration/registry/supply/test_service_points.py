"""For every service point and day exactly one liable party, or a vacancy that says why.

Histories are drawn at random: people move in and out, die, buy and sell, accounts close and others
open on the same unit. Beside them stands an obvious table of days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import operations as customers
from tahseel.registry.supply import operations, queries
from tahseel.registry.supply.models import Account, Liability
from tahseel.registry.supply.values import Capacity, Vacancy

HORIZON = 45
PEOPLE = 4


@dataclass
class Reference:
    """Who is liable on each day, as a plain table: a person, or the reason why nobody is."""

    start: date
    days: dict[date, UUID | Vacancy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for n in range(HORIZON):
            self.days[self.start + timedelta(days=n)] = Vacancy.NO_ACCOUNT

    def from_day(self, day: date, answer: UUID | Vacancy) -> None:
        for later in self.days:
            if later >= day:
                self.days[later] = answer


@dataclass
class Life:
    """One unit, its people, and the account that is open on it now."""

    town: Any
    unit_id: UUID
    people: list[UUID]
    expected: Reference
    account_id: UUID | None = None
    buyers: list[tuple[int, UUID]] = field(default_factory=list)

    def day(self, n: int) -> date:
        return self.town.opened + timedelta(days=n)

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.town.head, "at": self.town.at}

    def open(self, who: int, n: int) -> None:
        made = self.town.make_id(self.town.at)
        vacant = who == PEOPLE
        payer = None if vacant else self.people[who]
        operations.open_account(
            **self.by, id=made, unit_id=self.unit_id, opened_on=self.day(n), payer_id=payer,
            vacancy=Vacancy.UNDER_CONSTRUCTION if vacant else None,
        )  # fmt: skip
        self.account_id, self.buyers = made, []
        self.expected.from_day(self.day(n), payer or Vacancy.UNDER_CONSTRUCTION)

    def move_in(self, who: int, n: int) -> None:
        person = self.people[who % PEOPLE]
        operations.move_in(
            **self.by, account_id=self.account_id, customer_id=person, from_day=self.day(n)
        )
        self.expected.from_day(self.day(n), person)

    def move_out(self, _: int, n: int) -> None:
        leaving = self._tail().customer_id
        operations.move_out(**self.by, account_id=self.account_id, on_day=self.day(n))
        owners = [person for since, person in self.buyers if since <= n]
        stays = bool(owners) and owners[-1] != leaving
        self.expected.from_day(self.day(n), owners[-1] if stays else Vacancy.NOT_OCCUPIED)

    def transfer(self, who: int, n: int) -> None:
        person = self.people[who % PEOPLE]
        operations.transfer(
            **self.by, account_id=self.account_id, to_customer_id=person, on_day=self.day(n),
            capacity=Capacity.TENANT,
        )  # fmt: skip
        self.expected.from_day(self.day(n), person)

    def sell(self, who: int, n: int) -> None:
        person = self.people[who % PEOPLE]
        before = self._tail().capacity
        operations.transfer_ownership(
            **self.by, account_id=self.account_id, to_customer_id=person, on_day=self.day(n),
            deed="TITLE", takes_back=True,
        )  # fmt: skip
        self.buyers.append((n, person))
        if before != Capacity.TENANT:
            self.expected.from_day(self.day(n), person)

    def bury(self, _: int, n: int) -> None:
        """The liable one dies on a day; the estate, which has his name, goes on from there."""
        tail = self._tail()
        if tail.customer_id is None:
            return
        customers.record_death(
            **self.by, customer_id=tail.customer_id, died_on=self.day(n), source="feed"
        )
        operations.open_estate(**self.by, account_id=self.account_id)

    def close(self, _: int, n: int) -> None:
        operations.close_account(**self.by, account_id=self.account_id, closed_on=self.day(n))
        self.account_id = None
        self.expected.from_day(self.day(n), Vacancy.NO_ACCOUNT)

    def attempt(self, step: str, who: int, n: int) -> None:
        if (self.account_id is None) != (step == "open"):
            return
        act: Callable[[int, int], None] = getattr(self, step)
        try:
            with transaction.atomic():
                act(who, n)
        except Refusal:
            pass

    def _tail(self) -> Liability:
        return Liability.objects.filter(account_id=self.account_id).latest("from_day")


MOVES = ["move_in", "move_out", "transfer", "sell", "bury", "close", "move_in", "move_out", "sell"]
steps = st.lists(
    st.tuples(st.sampled_from(["open", *MOVES]), st.integers(0, PEOPLE), st.integers(0, 5)),
    min_size=4,
    max_size=18,
)


def dated(story: list[tuple[str, int, int]], *, shuffled: bool) -> list[tuple[str, int, int]]:
    """Steps some days after each other; shuffled ones reach back into what was told before."""
    day, told = 0, [("open", story[0][1], 0)]
    for step, who, gap in story:
        day = (day + gap) % HORIZON if not shuffled else (day + 7 * gap) % HORIZON
        told.append((step, who, day))
    return told


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=steps, shuffled=st.booleans())
def test_every_service_point_has_exactly_one_answer_on_every_day(town, story, shuffled):
    (unit,) = town.units(1)
    life = Life(town, unit.id, town.people(PEOPLE), Reference(town.opened))
    points = [point.id for point in unit.services]

    for step, who, n in dated(story, shuffled=shuffled):
        life.attempt(step, who, n)

    for day, wanted in life.expected.days.items():
        answers = queries.liable_for(service_point_ids=points, day=day)
        assert set(answers) == set(points)
        for point in points:
            (answer,) = answers[point]
            told = answer.vacancy if answer.customer_id is None else answer.customer_id
            assert told == wanted, (day, life.expected.days)
            assert (answer.capacity is Capacity.VACANT) == (answer.customer_id is None)


def test_a_service_point_without_an_account_says_so(town):
    (unit,) = town.units(1)
    point = unit.services[0].id

    (answer,) = queries.liable_for(service_point_ids=[point], day=town.opened)[point]

    assert (answer.account_id, answer.vacancy) == (None, Vacancy.NO_ACCOUNT)
    with pytest.raises(operations.AccountRefused):
        operations.open_account(
            actor=town.clerk, at=town.at, id=town.make_id(town.at), unit_id=unit.id,
            opened_on=town.opened, vacancy=Vacancy.NO_ACCOUNT,
        )  # fmt: skip


def test_the_database_itself_refuses_a_second_answer_for_a_day(town):
    (unit,) = town.units(1)
    first, second = town.people(2)
    account = operations.open_account(
        actor=town.clerk, at=town.at, id=town.make_id(town.at), unit_id=unit.id,
        opened_on=town.opened, payer_id=first,
    )  # fmt: skip
    later = town.opened + timedelta(days=9)

    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(
            id=town.make_id(town.at), number="9999999999", unit_id=unit.id, opened_on=later
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Liability.objects.create(
            id=town.make_id(town.at), account_id=account.id, customer_id=second,
            capacity="tenant", from_day=later, previous_until=later,
        )  # fmt: skip

    point = unit.services[0].id
    answers = queries.liable_for(service_point_ids=[point], day=later)[point]
    assert [answer.customer_id for answer in answers] == [first]
