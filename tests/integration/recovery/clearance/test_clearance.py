"""From an unpaid bill to a hold, and from a payment to "clear", on a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from tahseel.kernel import outbox
from tahseel.kernel.actor import Purpose, system
from tahseel.recovery.clearance import operations, queries
from tahseel.recovery.clearance.models import Hold, Release
from tahseel.recovery.clearance.values import Gate, Outcome
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, Evidence

JOB = system("test")
HOLD_DAY = date(2026, 7, 5)


def open_holds(town: Any, day: date = HOLD_DAY) -> Any:
    return operations.open_due_holds(actor=JOB, at=town.clock(), business_date=day)


def test_a_resident_is_held_after_the_term_and_clear_once_everything_is_paid(
    town: Any, link: Any
) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500, 7_250)
    town.notify()
    report = open_holds(town)
    link.projector.drain()

    assert report.opened == 5
    held = link.at(salem)
    assert held.fils == 19_750
    assert held.reference.startswith("H-2026-")

    town.pay(salem, 12_500)
    link.projector.drain()
    assert link.at(salem).fils == 7_250

    payment = town.pay(salem, 7_250)
    link.projector.drain()
    assert [link.at(salem, gate) for gate in Gate] == [None] * 5
    assert Hold.objects.filter(closed_at__isnull=True).count() == 0
    release = Release.objects.filter(payment_id=payment).first()
    assert release is not None
    assert release.posted_at <= release.sequenced_at <= release.decided_at <= release.applied_at
    times = queries.release_times(since=release.posted_at, until=town.clock())
    assert len(times) == 5
    assert all(timedelta(0) < time < timedelta(seconds=1) for time in times)


def test_opening_twice_opens_once(town: Any, link: Any) -> None:
    town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()

    first, second = open_holds(town), open_holds(town)

    assert (first.opened, second.opened) == (5, 0)


def test_nobody_is_held_before_the_term_or_without_proof_of_service(town: Any) -> None:
    town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify(served=None)

    assert open_holds(town).opened == 0

    salem = town.debtor("290111500778", CustomerKind.RESIDENT, 12_500)
    town.notify(date(2026, 6, 20), date(2026, 6, 21))
    assert open_holds(town).opened == 0
    decision = queries.decision(
        actor=JOB,
        at=town.clock(),
        purpose=Purpose.COLLECTION,
        customer_id=salem.customer_id,
        gate=Gate.EXIT,
    )
    assert [reason.code for reason in decision.reasons] == ["term_running"]


def test_a_citizen_is_held_at_transactions_from_five_hundred_dinars_and_never_at_the_exit(
    town: Any, link: Any
) -> None:
    citizen = town.debtor("299113007777", CustomerKind.CITIZEN, 500_000)
    town.notify()
    open_holds(town)
    link.projector.drain()

    assert link.at(citizen, Gate.EXIT) is None
    assert link.at(citizen, Gate.RESIDENCY) is None
    assert link.at(citizen, Gate.VEHICLE).fils == 500_000

    town.pay(citizen, 1)
    link.projector.drain()
    assert link.at(citizen, Gate.VEHICLE) is None


@pytest.mark.parametrize(
    ("kind", "civil_id", "verified"),
    [
        (CustomerKind.COMPANY, None, False),
        (CustomerKind.MISSION, None, False),
        (CustomerKind.STATELESS, None, False),
        (CustomerKind.RESIDENT, "285010100015", False),
    ],
)
def test_companies_and_persons_without_a_verified_civil_id_are_not_held(
    town: Any, kind: CustomerKind, civil_id: str | None, verified: bool
) -> None:
    town.debtor(civil_id, kind, 90_000, verified=verified)
    town.notify()

    assert open_holds(town).opened == 0


def test_a_later_bill_is_not_in_the_hold_and_does_not_keep_it(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()
    town.claim(salem, 99_000, due=date(2026, 6, 15))
    open_holds(town)
    link.projector.drain()
    assert link.at(salem).fils == 12_500

    town.pay(salem, 12_500)
    link.projector.drain()

    assert link.at(salem) is None


def test_death_ends_the_hold(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()
    open_holds(town)
    link.projector.drain()
    assert link.at(salem)

    customers.record_death(
        actor=JOB,
        at=town.clock(),
        customer_id=salem.customer_id,
        died_on=date(2026, 7, 4),
        source="test",
    )
    link.projector.drain()

    assert link.at(salem) is None
    release = Release.objects.filter(customer_id=salem.customer_id).first()
    assert release is not None
    assert release.payment_id is None


def test_a_death_that_was_no_death_brings_the_hold_back(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()
    who = {"actor": JOB, "customer_id": salem.customer_id}
    customers.record_death(at=town.clock(), died_on=date(2026, 7, 4), source="feed", **who)
    open_holds(town)
    link.projector.drain()
    assert link.at(salem) is None

    customers.revoke_death(at=town.clock(), reason="a namesake", evidence="court 7", **who)
    link.projector.drain()

    assert link.at(salem).fils == 12_500


def test_a_hold_follows_the_person_to_a_corrected_civil_id(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()
    open_holds(town)
    link.projector.drain()

    customers.correct_civil_id(
        actor=JOB, at=town.clock(), customer_id=salem.customer_id, civil_id="290111500778",
        effective_on=date(2026, 7, 1), reason="two digits changed places", evidence="card",
        proof=Evidence.SMART_CARD,
    )  # fmt: skip
    link.projector.drain()

    assert link.at(salem) is None
    assert link.at(replace(salem, civil_id="290111500778")).fils == 12_500


def test_a_number_that_was_wrongly_at_another_person_keeps_its_own_holds(
    town: Any, link: Any
) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT)
    customers.correct_civil_id(
        actor=JOB, at=town.clock(), customer_id=salem.customer_id, civil_id="290111500778",
        effective_on=date(2026, 7, 1), reason="a namesake's card", evidence="card",
        proof=Evidence.SMART_CARD,
    )  # fmt: skip
    owner = town.debtor("285010100015", CustomerKind.RESIDENT, 9_000)
    town.notify()
    open_holds(town)

    link.projector.drain()

    assert link.at(owner).fils == 9_000


def test_a_reference_tells_what_to_pay_and_nothing_of_the_person(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500, 7_250)
    town.notify()
    open_holds(town)
    link.projector.drain()
    reference = link.at(salem).reference

    payable = queries.hold_by_reference(actor=JOB, at=town.clock(), reference=reference)

    assert payable is not None
    assert payable.fils == 19_750
    assert payable.account_ids == (salem.account_id,)
    assert sorted(claim.fils for claim in payable.claims) == [7_250, 12_500]
    nothing = queries.hold_by_reference(actor=JOB, at=town.clock(), reference="H-2026-00000000")
    assert nothing is None


def test_the_decision_of_a_past_instant_is_given_again(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()
    open_holds(town)
    held_at = town.clock()
    town.pay(salem, 12_500)

    def decided(as_of: Any) -> Outcome:
        return queries.decision(
            actor=JOB,
            at=town.clock(),
            purpose=Purpose.AUDIT,
            customer_id=salem.customer_id,
            gate=Gate.EXIT,
            as_of=as_of,
        ).outcome

    assert decided(held_at) is Outcome.HELD
    assert decided(None) is Outcome.CLEAR


def test_a_projector_killed_between_database_and_replica_catches_up(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()
    open_holds(town)
    link.projector.drain()
    town.pay(salem, 12_500)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    link.projector._apply = killed
    with pytest.raises(KeyboardInterrupt):
        link.projector.step()
    assert link.at(salem) is not None
    assert Hold.objects.filter(closed_at__isnull=True).count() == 0

    link.restart()

    assert link.at(salem) is None
    assert link.writer.meta().sequence == outbox.cursor_of("clearance")


def test_a_replica_ahead_of_the_database_or_of_another_key_is_rebuilt(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()
    open_holds(town)
    link.projector.drain()
    before = link.writer.meta()
    for wrong in ({"sequence": before.sequence + 50}, {"key_id": "another"}):
        fields = {
            f: getattr(before, f) for f in ("sequence", "as_of_ms", "key_id", "scope", "scheme")
        }
        link.writer.rebuild([], type(before)(**(fields | wrong)))

        link.restart()

        assert link.at(salem).fils == 12_500
        assert link.writer.meta().sequence == before.sequence


def test_a_rebuilt_replica_equals_the_projected_one(town: Any, link: Any) -> None:
    for civil_id in ("285010100015", "290111500778", "305062000126"):
        town.debtor(civil_id, CustomerKind.GCC, 12_500)
    town.notify()
    open_holds(town)
    link.projector.drain()

    def everything() -> dict[bytes, bytes]:
        with link.writer._environment.begin() as view:
            return {bytes(k): bytes(v) for k, v in view.cursor() if bytes(k) != b"meta"}

    projected = everything()
    count = link.projector.rebuild()

    assert len(projected) == count == 15
    assert everything() == projected


def test_every_hold_leaves_its_leaf_and_its_event(town: Any, link: Any) -> None:
    salem = town.debtor("285010100015", CustomerKind.RESIDENT, 12_500)
    town.notify()
    open_holds(town)
    town.pay(salem, 12_500)
    link.projector.drain()

    names = [event.name for event in outbox.events_after(0, limit=5_000)]
    assert names.count("clearance:hold:opened") == 5
    assert names.count("clearance:hold:closed") == 5
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf")
        bodies = [orjson.loads(bytes(row[0])) for row in cursor.fetchall()]
    actions = [body["action"] for body in bodies]
    assert actions.count("clearance.hold_opened") == 5
    assert actions.count("clearance.hold_closed") == 5
