"""Booking half-days: never more than there are places, never for somebody else's account."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import IntegrityError, connection, connections, transaction

from tahseel.consumption.appointments import operations, queries, rules
from tahseel.consumption.appointments.operations import booking
from tahseel.consumption.appointments.values import Booking, State
from tahseel.countries.kuwait import country
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.states import WrongState
from tahseel.trust.notices import queries as notices
from tahseel.trust.notices.models import Notice

NOW = datetime(2026, 6, 10, 8, tzinfo=UTC)  # a Wednesday
SUNDAY, MONDAY = date(2026, 6, 14), date(2026, 6, 15)
CLERK = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))
CREW = Actor(ActorKind.STAFF, "crew-1", "crew", frozenset({"inspector"}))
JOB = system("appointments")
PLACES = 3


@pytest.fixture(autouse=True)
def policy() -> Any:
    before = rules.policy()
    rules.install_policy(
        replace(rules.load_policy(country.content("appointments")), places={"*": PLACES})
    )
    yield
    rules.install_policy(before)


def customer(customer_id: Any) -> Actor:
    held = frozenset({"customer"})
    return Actor(ActorKind.CUSTOMER, "u1", "customer", held, customer_id=str(customer_id))


def book(account_id: UUID, who: Actor = CLERK, **facts: Any) -> Booking:
    told = {"day": SUNDAY, "half": "morning", "reason": "read", "booking_id": new_id(NOW), **facts}
    return operations.book(actor=who, at=NOW, account_id=account_id, **told)


def outcomes(action: str) -> Counter[str]:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf order by ctid")
        leaves = [orjson.loads(bytes(row[0])) for row in cursor.fetchall()]
    return Counter(leaf["outcome"] for leaf in leaves if leaf["action"] == action)


def test_a_customer_books_for_the_account_that_he_pays(street: Any) -> None:
    home = street.home()

    made = book(home.account_id, customer(street.payer))

    assert (made.state, made.place, made.customer_id) == (State.BOOKED, 1, street.payer)
    assert queries.bookings_of(account_ids=[home.account_id]) == [made]


def test_somebody_elses_account_is_refused_unchanged_and_on_record(street: Any) -> None:
    home = street.home()
    stranger = customer(street.town.person())
    mine = book(home.account_id, customer(street.payer))

    for attempt in (
        lambda: book(home.account_id, stranger, reason="test"),
        lambda: operations.cancel(actor=stranger, at=NOW, booking_id=mine.id),
        lambda: operations.move(
            actor=stranger, at=NOW, booking_id=mine.id, day=MONDAY, half="noon"
        ),
    ):
        with pytest.raises(NotAllowed):
            attempt()

    assert queries.bookings_of(account_ids=[home.account_id]) == [mine]
    denied = [outcomes(f"appointments.{act}")["denied"] for act in ("book", "cancel", "move")]
    assert denied == [1, 1, 1]


def test_no_more_are_booked_than_there_are_places_however_many_ask_at_once(street: Any) -> None:
    homes = [street.home() for _ in range(8)]
    answers: list[object] = []
    gate = threading.Barrier(len(homes))

    def ask(account_id: UUID) -> None:
        gate.wait()
        try:
            answers.append(book(account_id).place)
        except Refusal as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(home.account_id,)) for home in homes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(answers) == {1: 1, 2: 1, 3: 1, "slot_full": len(homes) - PLACES}
    assert len(queries.bookings_on(day=SUNDAY)) == PLACES


def test_one_press_that_comes_twice_at_once_is_one_booking_and_one_answer(street: Any) -> None:
    home, booking_id = street.home(), new_id(NOW)
    answers: list[object] = []
    gate = threading.Barrier(6)

    def ask() -> None:
        gate.wait()
        try:
            answers.append(book(home.account_id, booking_id=booking_id).id)
        except Refusal as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [booking_id] * 6
    assert [one.id for one in queries.bookings_on(day=SUNDAY)] == [booking_id]


def test_a_place_that_is_held_is_refused_by_the_database_too(street: Any) -> None:
    first, second = book(street.home().account_id), book(street.home().account_id)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update appointments_booking set place = %s where id = %s", [first.place, second.id]
        )

    assert [one.place for one in queries.bookings_on(day=SUNDAY)] == [1, 2]


def test_random_bookings_moves_and_cancellations_keep_every_half_day_within_its_places(
    street: Any,
) -> None:
    chance = random.Random(11)
    homes = [street.home() for _ in range(9)]
    held: dict[UUID, tuple[UUID, date, str]] = {}
    for _ in range(120):
        home = chance.choice(homes).account_id
        day, half = chance.choice([SUNDAY, MONDAY]), chance.choice(["morning", "noon"])
        taken = Counter((d, h) for _, d, h in held.values())
        if home not in held:
            full = taken[day, half] == PLACES
            made = _tried(lambda: book(home, day=day, half=half))  # noqa: B023
            assert (made is None) == full
            if made is not None:
                held[home] = made.id, day, half
        elif chance.random() < 0.4:
            operations.cancel(actor=CLERK, at=NOW, booking_id=held.pop(home)[0])
        else:
            mine, *at = held[home]
            full = taken[day, half] == PLACES and (day, half) != tuple(at)
            moved = _tried(
                lambda: operations.move(actor=CLERK, at=NOW, booking_id=mine, day=day, half=half)  # noqa: B023
            )
            assert (moved is None) == full
            if moved is not None:
                held[home] = mine, day, half

    found = {
        one.account_id: (one.id, one.day, one.half)
        for day in (SUNDAY, MONDAY)
        for one in queries.bookings_on(day=day)
    }
    assert found == held


def _tried(act: Callable[[], Booking]) -> Booking | None:
    try:
        return act()
    except booking.SlotFull:
        return None


@pytest.mark.parametrize(
    "facts",
    [
        {"day": date(2026, 6, 10)},
        {"day": date(2026, 6, 12)},
        {"day": date(2026, 7, 5)},
        {"half": "night"},
        {"reason": "tea"},
    ],
    ids=["today", "a Friday", "too far", "no such half-day", "no such reason"],
)
def test_what_is_not_open_is_not_booked(street: Any, facts: dict[str, Any]) -> None:
    home = street.home()

    with pytest.raises(booking.SlotClosed):
        book(home.account_id, **facts)

    assert queries.bookings_of(account_ids=[home.account_id]) == []


def test_one_reason_is_booked_once_and_one_id_means_one_booking(street: Any) -> None:
    home, same = street.home(), new_id(NOW)
    first = book(home.account_id, booking_id=same)

    assert book(home.account_id, booking_id=same) == first
    with pytest.raises(InputDiffers):
        book(home.account_id, booking_id=same, half="noon")
    with pytest.raises(booking.BookedAlready):
        book(home.account_id, day=MONDAY)
    assert len(queries.bookings_of(account_ids=[home.account_id])) == 1


def test_what_was_given_back_is_free_at_once(street: Any) -> None:
    area = book(street.home().account_id).area
    before = {(s.day, s.half): s.left for s in queries.free(area=area, today=NOW.date())}
    [one] = queries.bookings_on(day=SUNDAY)

    operations.move(actor=CLERK, at=NOW, booking_id=one.id, day=MONDAY, half="noon")

    after = {(s.day, s.half): s.left for s in queries.free(area=area, today=NOW.date())}
    assert (before[SUNDAY, "morning"], after[SUNDAY, "morning"]) == (PLACES - 1, PLACES)
    assert (before[MONDAY, "noon"], after[MONDAY, "noon"]) == (PLACES, PLACES - 1)


def test_on_its_day_a_visit_is_not_cancelled_any_more_and_a_crew_reports_it(street: Any) -> None:
    one = book(street.home().account_id)
    on_day = datetime(2026, 6, 14, 7, tzinfo=UTC)

    with pytest.raises(booking.NotToday):
        operations.report(actor=CREW, at=NOW, booking_id=one.id, kept=True)
    with pytest.raises(booking.TooLate):
        operations.cancel(actor=CLERK, at=on_day, booking_id=one.id)
    done = operations.report(actor=CREW, at=on_day, booking_id=one.id, kept=False)
    with pytest.raises(WrongState):
        operations.report(actor=CREW, at=on_day, booking_id=one.id, kept=True)

    assert done.state is State.MISSED


def test_whoever_is_visited_next_is_reminded_once_and_again_when_it_moved(street: Any) -> None:
    one = book(street.home().account_id, customer(street.payer))
    thursday = NOW + timedelta(days=1)

    sent = [operations.remind(actor=JOB, at=thursday, day=thursday.date()) for _ in range(2)]

    assert sent == [1, 1]
    [letter] = Notice.objects.filter(kind="appointment")
    assert (letter.recipient_customer_id, "2026-06-14" in letter.body_en) == (street.payer, True)
    assert notices.service_of(letter.id) is None
    operations.move(actor=CLERK, at=NOW, booking_id=one.id, day=MONDAY, half="noon")
    operations.remind(actor=JOB, at=NOW + timedelta(days=4), day=SUNDAY)
    assert Notice.objects.filter(kind="appointment").count() == 2
