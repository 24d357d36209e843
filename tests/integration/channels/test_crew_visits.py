"""The visits of a day: crews say what became of them, others look, nobody else does either."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.channels.test_place_acts import crew

from tahseel.consumption.appointments import operations, queries, rules
from tahseel.consumption.appointments.values import Booking, State
from tahseel.kernel.ids import new_id
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply.models import Account
from tahseel.trust.access import queries as access

__all__ = ["crew"]
DAY = timedelta(days=1)


@pytest.fixture
def booked(world: Any, crew: None) -> Booking:
    """A visit that the counter booked for the resident some days ago, and that is today."""
    account = Account.objects.get(pk=world.accounts[world.resident])
    area = premises.area_of(unit_ids=[account.unit_id])[account.unit_id].code
    slot = queries.free(area=area, today=world.today)[0]
    made = operations.book(
        actor=access.actor_for(access.user_named("clerk")), at=world.now,
        booking_id=new_id(world.now), account_id=account.id, day=slot.day, half=slot.half,
        reason=next(iter(rules.policy().reasons)),
    )  # fmt: skip
    on(made.id, world.today)
    return made


def on(booking_id: UUID, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update appointments_booking set day = %s where id = %s", [day, booking_id])


def send(client: Any, booking: Booking, became: str = "kept") -> Any:
    return client.post(f"/places/visits/{booking.id}/", {"became": became, "note": "the guard"})


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_crew_sees_whom_to_visit_and_says_that_somebody_opened(
    sign_in: Any, world: Any, booked: Booking, language: str
) -> None:
    client = sign_in("inspector", language=language)

    page = client.get("/places/visits/").content.decode()
    done, again = send(client, booked), send(client, booked)

    assert world.number(world.resident) in page
    assert f"/places/visits/{booked.id}/" in page
    assert [answer.status_code for answer in (done, again)] == [302, 409]
    found = queries.booking(booking_id=booked.id)
    assert found is not None
    assert found.state is State.KEPT


def test_another_day_shows_its_own_visits_and_a_day_that_cannot_be_meant_is_today(
    sign_in: Any, world: Any, booked: Booking
) -> None:
    client = sign_in("inspector")
    number = world.number(world.resident)

    shown = [
        number in client.get("/places/visits/", {"day": day}).content.decode()
        for day in (str(world.today), str(world.today + DAY), "9999-12-31", "x")
    ]

    assert shown == [True, False, True, True]


def test_a_visit_that_is_to_come_is_not_reported(sign_in: Any, world: Any, booked: Booking) -> None:
    on(booked.id, world.today + DAY)
    client = sign_in("inspector")

    page = client.get("/places/visits/", {"day": str(world.today + DAY)}).content.decode()
    refused = send(client, booked)

    assert f"/places/visits/{booked.id}/" not in page
    assert refused.status_code >= 400
    found = queries.booking(booking_id=booked.id)
    assert found is not None
    assert found.state is State.BOOKED


@pytest.mark.parametrize(("who", "looks"), [("clerk", 200), ("exit_officer", 403)])
def test_whoever_is_of_no_crew_reports_nothing(
    sign_in: Any, booked: Booking, who: str, looks: int
) -> None:
    client = sign_in(who)

    page = client.get("/places/visits/")
    answer = send(client, booked)

    assert (page.status_code, answer.status_code) == (looks, 403)
    assert f"/places/visits/{booked.id}/" not in page.content.decode()
    found = queries.booking(booking_id=booked.id)
    assert found is not None
    assert found.state is State.BOOKED


def test_a_word_that_is_no_outcome_does_not_exist(sign_in: Any, booked: Booking) -> None:
    answer = send(sign_in("inspector"), booked, "cancelled")

    assert answer.status_code == 404
