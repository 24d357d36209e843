"""A customer books, moves and cancels a visit; somebody else's account does not exist for him."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tahseel.consumption.appointments import queries
from tahseel.consumption.appointments.values import State
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply


def account(world: Any) -> Any:
    return world.accounts[world.resident]


def slots(world: Any) -> list[str]:
    unit = supply.accounts(account_ids=[account(world)])[account(world)].unit_id
    area = premises.area_of(unit_ids=[unit])[unit].code
    later = world.today + timedelta(days=2)
    found = queries.free(area=area, today=world.today)
    return [f"{one.day} {one.half}" for one in found if one.day > later]


def test_a_customer_books_moves_and_cancels_a_visit(world: Any, sign_in: Any) -> None:
    client, number = sign_in("resident", language="ar"), world.number(world.resident)
    first, second = slots(world)[:2]
    page = f"/accounts/{number}/visits/"

    booked = client.post(page, {"slot": first, "reason": "test"})
    [mine] = queries.bookings_of(account_ids=[account(world)])
    moved = client.post(f"/visits/{mine.id}/move/", {"slot": second})
    [there] = queries.bookings_of(account_ids=[account(world)])
    cancelled = client.post(f"/visits/{mine.id}/cancel/")
    [ended] = queries.bookings_of(account_ids=[account(world)])

    assert (booked.status_code, moved.status_code, cancelled.status_code) == (302, 302, 302)
    assert (f"{mine.day} {mine.half}", f"{there.day} {there.half}") == (first, second)
    assert ended.state is State.CANCELLED
    assert "فحص العداد" in client.get(page).content.decode()
    assert f"/accounts/{number}/visits/" in client.get(f"/accounts/{number}/").content.decode()


def test_somebody_elses_account_does_not_exist_and_the_attempt_is_on_record(
    world: Any, sign_in: Any, leaves: Any
) -> None:
    number, neighbour = world.number(world.resident), sign_in("neighbour")
    sign_in("resident").post(
        f"/accounts/{number}/visits/", {"slot": slots(world)[0], "reason": "read"}
    )
    [mine] = queries.bookings_of(account_ids=[account(world)])

    answers = [
        neighbour.get(f"/accounts/{number}/visits/").status_code,
        neighbour.post(
            f"/accounts/{number}/visits/", {"slot": slots(world)[0], "reason": "test"}
        ).status_code,
        neighbour.post(f"/visits/{mine.id}/cancel/").status_code,
    ]

    assert answers == [404, 404, 404]
    assert queries.bookings_of(account_ids=[account(world)]) == [mine]
    assert [one["outcome"] for one in leaves("portal.open_page")] == ["denied"] * 3


def test_a_slot_that_is_not_offered_is_refused_by_the_form(world: Any, sign_in: Any) -> None:
    number = world.number(world.resident)

    answer = sign_in("resident").post(
        f"/accounts/{number}/visits/", {"slot": "2020-01-01 morning", "reason": "read"}
    )

    assert answer.status_code == 422
    assert queries.bookings_of(account_ids=[account(world)]) == []


def test_the_counter_books_for_a_customer_and_the_auditor_does_not(
    world: Any, sign_in: Any
) -> None:
    page = f"/accounts/{world.number(world.resident)}/visits/"

    done = sign_in("clerk").post(page, {"slot": slots(world)[0], "reason": "exchange"})

    assert (done.status_code, sign_in("auditor").get(page).status_code) == (302, 403)
    assert len(queries.bookings_of(account_ids=[account(world)])) == 1
