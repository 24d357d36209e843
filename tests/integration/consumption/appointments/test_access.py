"""Refused access: counted, asked for an appointment, on notice, charged; ended by letting in."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.db import connection, connections

from tahseel.consumption.appointments import operations, queries
from tahseel.consumption.appointments.operations import access
from tahseel.consumption.appointments.values import Access, AccessState
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import start_of
from tahseel.kernel.states import WrongState
from tahseel.registry.meters import queries as meters
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices.models import Notice

JOB = system("appointments")
CLERK = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))
CREW = Actor(ActorKind.STAFF, "crew-1", "crew", frozenset({"inspector"}))
HEAD = Actor(ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
FIRST = date(2026, 5, 3)
PROOFS = ({"message_id": "M-1"}, {"receipt_number": "RR 1", "received_by": "himself"})


def seen(meter_id: UUID, day: date, no_access: str = "closed") -> None:
    """A reader stood at a meter."""
    hung = meters.installations_of(meter_ids=[meter_id])[meter_id][0]
    route, walked, visit, at = uuid4(), uuid4(), uuid4(), start_of(day) + timedelta(hours=9)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into field_route (id, area, number, laid_at)"
            " select %s, 'T', count(*) + 1, %s from field_route",
            [route, at],
        )
        cursor.execute(
            "insert into field_round (id, route_id, day, state, planned_at)"
            " values (%s, %s, %s, 'planned', %s)",
            [walked, route, day, at],
        )
        cursor.execute(
            "insert into field_round_stop (round_id, sequence, meter_id, service_point_id, unit_id,"
            " serial, service, state) values (%s, 1, %s, %s, %s, 'S', 'electricity', 'left')",
            [walked, meter_id, hung.service_point_id, uuid4()],
        )
        cursor.execute(
            "insert into field_visit (id, round_id, sequence, at, no_access, note, photo, device,"
            " confirmed, file, recorded_at, actor)"
            " values (%s, %s, 1, %s, %s, '', '', '', false, '', %s, 'r')",
            [visit, walked, at, no_access, at],
        )


def follow(day: date) -> dict[str, int]:
    return operations.follow_access(actor=JOB, at=start_of(day) + timedelta(hours=10), day=day)


def the(home: Any) -> Access:
    states = tuple(AccessState)
    [found] = [a for a in queries.access_open(states=states) if a.account_id == home.account_id]
    return found


def served(case: Access, day: date, proof: dict[str, str]) -> None:
    at = start_of(day) + timedelta(hours=12)
    notices.record_delivery(
        actor=JOB, at=at, notice_id=case.notice_id, status="delivered", proof=proof
    )


@pytest.fixture
def home(street: Any) -> Any:
    """Nobody opened twice; the letter that asks for an appointment is out."""
    found = street.home(hung=date(2025, 1, 1))
    seen(found.electricity, FIRST)
    seen(found.electricity, date(2026, 6, 2))
    return found


def test_one_visit_in_vain_is_no_refusal_yet_and_a_read_begins_anew(street: Any) -> None:
    once, read_since = street.home(), street.home()
    seen(once.electricity, FIRST)
    for day, why in ((FIRST, "closed"), (date(2026, 5, 10), ""), (date(2026, 6, 2), "closed")):
        seen(read_since.electricity, day, why)

    assert follow(date(2026, 6, 3)) == {"ended": 0, "moved": 0, "opened": 0}


def test_two_visits_in_vain_ask_for_an_appointment_once(home: Any, street: Any) -> None:
    figures = [follow(date(2026, 6, 3)), follow(date(2026, 6, 4))]

    case = the(home)
    letter = Notice.objects.get(id=case.notice_id)
    assert [one["opened"] for one in figures] == [1, 0]
    assert (case.state, case.refusals, case.meter_id) == (
        AccessState.APPOINTMENT, 2, home.electricity,
    )  # fmt: skip
    assert (letter.recipient_customer_id, letter.channel) == (street.payer, "sahel")
    assert home.serial in letter.body_ar


def test_no_day_counts_before_the_letter_is_proved(home: Any) -> None:
    follow(date(2026, 6, 3))

    assert follow(date(2026, 9, 1))["moved"] == 0
    assert the(home).state is AccessState.APPOINTMENT


def test_each_term_passes_before_the_next_step_and_a_charge_becomes_work(home: Any) -> None:
    follow(date(2026, 6, 3))
    served(the(home), date(2026, 6, 7), PROOFS[0])

    early, due = follow(date(2026, 6, 21)), follow(date(2026, 6, 22))
    noticed = the(home)
    served(noticed, date(2026, 7, 1), PROOFS[1])
    soon, charged = follow(date(2026, 7, 11)), follow(date(2026, 7, 12))

    assert [one["moved"] for one in (early, due, soon, charged)] == [0, 1, 0, 1]
    assert noticed.state is AccessState.NOTICE
    assert "5.000" in Notice.objects.get(id=noticed.notice_id).body_en
    assert the(home).state is AccessState.CHARGE
    with connection.cursor() as cursor:
        cursor.execute(
            "select facts::text from kernel_outbox where name = 'appointments:access:charged'"
        )
        [row] = cursor.fetchall()
    assert orjson.loads(row[0])["fee_fils"] == 5000


def test_a_booked_appointment_stops_the_clock_and_a_kept_one_ends_it(home: Any) -> None:
    follow(date(2026, 6, 3))
    served(the(home), date(2026, 6, 7), PROOFS[0])
    at = datetime(2026, 6, 10, 8, tzinfo=UTC)
    made = operations.book(
        actor=CLERK, at=at, booking_id=new_id(at), account_id=home.account_id,
        day=date(2026, 6, 25), half="noon", reason="read",
    )  # fmt: skip

    waiting = follow(date(2026, 6, 24))
    operations.report(
        actor=CREW, at=datetime(2026, 6, 25, 9, tzinfo=UTC), booking_id=made.id, kept=True
    )
    ended = follow(date(2026, 6, 28))

    assert (waiting["moved"], ended["ended"]) == (0, 1)
    assert the(home).state is AccessState.ENDED


def test_a_missed_appointment_lets_the_clock_run_on(home: Any) -> None:
    follow(date(2026, 6, 3))
    served(the(home), date(2026, 6, 7), PROOFS[0])
    at = datetime(2026, 6, 10, 8, tzinfo=UTC)
    made = operations.book(
        actor=CLERK, at=at, booking_id=new_id(at), account_id=home.account_id,
        day=date(2026, 6, 25), half="noon", reason="read",
    )  # fmt: skip
    operations.report(
        actor=CREW, at=datetime(2026, 6, 25, 9, tzinfo=UTC), booking_id=made.id, kept=False
    )

    assert follow(date(2026, 6, 28))["moved"] == 1
    assert the(home).state is AccessState.NOTICE


def test_a_meter_that_is_read_ends_it_and_it_does_not_open_again_for_the_old_visits(
    home: Any,
) -> None:
    follow(date(2026, 6, 3))
    seen(home.electricity, date(2026, 6, 8), "")

    assert follow(date(2026, 6, 9)) == {"ended": 1, "moved": 0, "opened": 0}
    assert follow(date(2026, 6, 10)) == {"ended": 0, "moved": 0, "opened": 0}


def test_a_charge_is_settled_by_a_head_who_says_what_became_of_it(home: Any) -> None:
    follow(date(2026, 6, 3))
    case = the(home)
    at = datetime(2026, 7, 20, 8, tzinfo=UTC)

    with pytest.raises(WrongState):
        operations.settle_access(actor=HEAD, at=at, access_id=case.id, reason="Waived")
    served(case, date(2026, 6, 7), PROOFS[0])
    follow(date(2026, 6, 22))
    served(the(home), date(2026, 7, 1), PROOFS[1])
    follow(date(2026, 7, 12))
    with pytest.raises(NotAllowed):
        operations.settle_access(actor=CLERK, at=at, access_id=case.id, reason="Waived")
    with pytest.raises(access.SettlingUnexplained):
        operations.settle_access(actor=HEAD, at=at, access_id=case.id, reason=" ")
    operations.settle_access(actor=HEAD, at=at, access_id=case.id, reason="Waived: was ill")

    assert (the(home).state, the(home).reason) == (AccessState.SETTLED, "Waived: was ill")


def test_two_heads_who_settle_a_charge_at_once_settle_it_once(home: Any) -> None:
    follow(date(2026, 6, 3))
    served(the(home), date(2026, 6, 7), PROOFS[0])
    follow(date(2026, 6, 22))
    served(the(home), date(2026, 7, 1), PROOFS[1])
    follow(date(2026, 7, 12))
    case, answers, gate = the(home), [], threading.Barrier(4)

    def settle(number: int) -> None:
        gate.wait()
        try:
            operations.settle_access(
                actor=HEAD, at=datetime(2026, 7, 20, 8, tzinfo=UTC), access_id=case.id,
                reason=f"Waived {number}",
            )  # fmt: skip
            answers.append("settled")
        except Refusal as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=settle, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["settled", *[WrongState.code] * 3]
