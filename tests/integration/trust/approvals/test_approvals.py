"""One prepares, another approves, and only then it happens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from tahseel.app import clock
from tahseel.app import jobs as app_jobs
from tahseel.kernel import daybook, outbox
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.errors import Broken, NotAllowed, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.kernel.states import WrongState
from tahseel.trust.approvals import operations, queries, rules
from tahseel.trust.approvals.models import Approval
from tahseel.trust.audit import queries as audit

pytestmark = pytest.mark.usefixtures("database", "_operation")
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = AT + timedelta(hours=2)
done: list[tuple[str, int]] = []
fail: list[Refusal] = []


class AlreadyPaid(Refusal):
    code = "already_paid"


def staff(name: str, *roles: str) -> Actor:
    return Actor(ActorKind.STAFF, name, name, frozenset(roles))


CLERK, HEAD = staff("clerk-1", "clerk"), staff("head-1", "office_head")
MANAGER = staff("manager-1", "revenue_manager")


def write_off(*, actor: Actor, at: datetime, approval_id: UUID, payload: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into kernel_cursor values (%s, %s, %s)",
            [f"written off {approval_id}", payload["amount_fils"], at],
        )
    if fail:
        raise fail[0]
    done.append((actor.id, payload["amount_fils"]))
    return "written off"


def written_off() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_cursor")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@pytest.fixture
def _operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_registered", {})
    done.clear()
    fail.clear()
    operations.register(
        "test.write_off",
        write_off,
        roles={0: ["office_head", "revenue_manager"], 1: ["revenue_manager"]},
        tier_of=lambda payload: int(payload["amount_fils"] > 100_000),
        makers=["clerk", "office_head"],
        expires_after=timedelta(days=1),
    )


def submit(fils: int = 5_000, *, actor: Actor = CLERK, **more: Any) -> UUID:
    return operations.submit(
        actor=actor,
        at=AT,
        operation="test.write_off",
        payload={"amount_fils": fils, "claim": "c1"},
        reason="Burst pipe behind the meter",
        **more,
    )


def state(approval_id: UUID) -> str:
    return queries.by_id(approval_id).state


def leaves(action: str) -> list[dict[str, Any]]:
    return audit.leaves_between(since=AT, until=AT + timedelta(days=9), action=action)


def unsent() -> bool:
    """Nothing but the submission was announced."""
    outbox.sequence_pending(at=LATER)
    return {event.name for event in outbox.events_after(0)} <= {"approvals:approval:submitted"}


def test_what_another_approves_happens_with_exactly_the_frozen_input() -> None:
    approval_id = submit(7_250)
    assert written_off() == 0

    result = operations.approve(actor=HEAD, at=LATER, approval_id=approval_id)

    assert result == "written off"
    assert done == [("head-1", 7_250)]
    view = queries.by_id(approval_id)
    assert (view.state, view.checker_id, view.decided_at) == ("approved", "head-1", LATER)
    (leaf,) = leaves("approvals.approve")
    assert leaf["facts"]["payload_hash"] == view.payload_hash.hex()
    assert leaf["facts"]["maker"] == "clerk-1"


def test_the_maker_may_not_approve_what_is_the_makers_own() -> None:
    approval_id = submit(actor=HEAD)

    with pytest.raises(rules.OwnApproval):
        operations.approve(actor=HEAD, at=LATER, approval_id=approval_id)

    assert state(approval_id) == "pending"
    assert written_off() == 0
    assert unsent()
    assert [leaf["outcome"] for leaf in leaves("approvals.approve")] == ["denied"]


@pytest.mark.parametrize("actor", [staff("clerk-2", "clerk"), system("worker"), staff("nobody")])
def test_denied_means_refused_unchanged_unsent_and_audited(actor: Actor) -> None:
    approval_id = submit()

    with pytest.raises(NotAllowed):
        operations.approve(actor=actor, at=LATER, approval_id=approval_id)
    with pytest.raises(NotAllowed):
        operations.reject(actor=actor, at=LATER, approval_id=approval_id, reason="no")

    assert state(approval_id) == "pending"
    assert written_off() == 0
    assert unsent()
    assert leaves("approvals.approve")[0]["outcome"] == "denied"
    assert leaves("approvals.reject")[0]["outcome"] == "denied"


def test_a_weighty_input_needs_a_higher_role() -> None:
    approval_id = submit(100_001)

    with pytest.raises(NotAllowed):
        operations.approve(actor=HEAD, at=LATER, approval_id=approval_id)
    operations.approve(actor=MANAGER, at=LATER, approval_id=approval_id)

    assert done == [("manager-1", 100_001)]


def test_an_approval_is_decided_once() -> None:
    approval_id = submit()
    operations.approve(actor=HEAD, at=LATER, approval_id=approval_id)

    with pytest.raises(WrongState):
        operations.approve(actor=MANAGER, at=LATER, approval_id=approval_id)
    with pytest.raises(WrongState):
        operations.reject(actor=MANAGER, at=LATER, approval_id=approval_id, reason="late")

    assert written_off() == 1


def test_two_who_approve_at_once_let_it_happen_once() -> None:
    approval_id = submit()

    def decide(actor: Actor) -> bool:
        try:
            operations.approve(actor=actor, at=LATER, approval_id=approval_id)
        except WrongState:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(decide, [HEAD, MANAGER]))

    assert sorted(outcomes) == [False, True]
    assert written_off() == 1


def test_when_the_act_itself_is_refused_the_approval_stays_pending() -> None:
    approval_id = submit()
    fail.append(AlreadyPaid())

    with pytest.raises(AlreadyPaid):
        operations.approve(actor=HEAD, at=LATER, approval_id=approval_id)

    assert state(approval_id) == "pending"
    assert written_off() == 0
    assert leaves("approvals.approve")[0]["facts"]["code"] == "already_paid"


def test_a_rejection_keeps_its_reason_and_nothing_happens() -> None:
    approval_id = submit()

    with pytest.raises(operations.ReasonMissing):
        operations.reject(actor=HEAD, at=LATER, approval_id=approval_id, reason=" ")
    operations.reject(actor=HEAD, at=LATER, approval_id=approval_id, reason="Not our pipe")

    view = queries.by_id(approval_id)
    assert (view.state, view.decision) == ("rejected", "Not our pipe")
    assert written_off() == 0


def test_only_the_maker_withdraws() -> None:
    approval_id = submit()

    with pytest.raises(NotAllowed):
        operations.withdraw(actor=HEAD, at=LATER, approval_id=approval_id)
    operations.withdraw(actor=CLERK, at=LATER, approval_id=approval_id)

    assert state(approval_id) == "withdrawn"


def test_an_expired_approval_can_no_longer_be_decided() -> None:
    approval_id, late = submit(), AT + timedelta(days=1)

    with pytest.raises(operations.ApprovalExpired):
        operations.approve(actor=HEAD, at=late, approval_id=approval_id)
    assert operations.expire_due(actor=system("worker"), at=late) == 1

    assert operations.expire_due(actor=system("worker"), at=late) == 0
    assert state(approval_id) == "expired"
    assert written_off() == 0


def test_the_worker_closes_in_the_night_what_nobody_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_time, overdue = AT + timedelta(hours=20), AT + timedelta(days=1, hours=20)
    approval_id = submit()
    nightly = {job.name: job for job in app_jobs.day_jobs()}["approvals.expire"]

    monkeypatch.setattr(clock, "now", lambda: in_time)
    nightly.run()
    before = state(approval_id)
    monkeypatch.setattr(clock, "now", lambda: overdue)
    nightly.run()
    nightly.run()

    assert (before, state(approval_id)) == ("pending", "expired")
    day = local_day(overdue)
    assert daybook.outcome_of("approvals.expire", day) == {"expired": 1}
    outbox.sequence_pending(at=overdue)
    names = [event.name for event in outbox.events_after(0)]
    assert names == ["approvals:approval:submitted", "approvals:approval:expired"]
    assert written_off() == 0


def test_a_submission_that_comes_twice_is_one() -> None:
    approval_id = new_id(AT)

    assert submit(approval_id=approval_id) == submit(approval_id=approval_id) == approval_id
    with pytest.raises(InputDiffers):
        submit(6_000, approval_id=approval_id)

    assert Approval.objects.count() == 1


def test_asking_needs_a_role_and_a_reason() -> None:
    with pytest.raises(NotAllowed):
        submit(actor=MANAGER)
    with pytest.raises(operations.ReasonMissing):
        operations.submit(
            actor=CLERK, at=AT, operation="test.write_off", payload={"amount_fils": 1}, reason=""
        )
    with pytest.raises(LookupError):
        operations.submit(actor=CLERK, at=AT, operation="x", payload={}, reason="y")

    assert Approval.objects.count() == 0


def test_a_job_may_ask_and_a_person_decides() -> None:
    approval_id = submit(actor=system("bill_run"))

    operations.approve(actor=HEAD, at=LATER, approval_id=approval_id)

    assert written_off() == 1


def test_each_sees_what_waits_for_them() -> None:
    small, large = submit(1_000), submit(200_000)
    own = submit(2_000, actor=HEAD)

    def waiting(actor: Actor, at: datetime = LATER) -> set[UUID]:
        return {view.id for view in queries.pending(actor=actor, as_of=at)}

    assert waiting(HEAD) == {small}
    assert waiting(MANAGER) == {small, large, own}
    assert waiting(CLERK) == set()
    assert waiting(MANAGER, AT + timedelta(days=1)) == set()
    assert [view.id for view in queries.made_by(actor=HEAD)] == [own]


def test_the_frozen_input_cannot_be_changed_by_the_application(database: Any) -> None:
    approval_id = submit()

    with database.as_app() as link:
        for change in ("payload = '{}'", "maker_id = 'x'", "tier = 0"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute(f"update approvals_approval set {change}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute("delete from approvals_approval")
        with pytest.raises(psycopg.errors.CheckViolation, match="approvals_two_people"):
            link.execute(
                "update approvals_approval set state = 'approved', checker_id = maker_id,"
                " decided_at = now()"
            )
    assert state(approval_id) == "pending"


def test_a_decision_is_written_once_even_by_the_owner(database: Any) -> None:
    approval_id = submit()
    operations.approve(actor=HEAD, at=LATER, approval_id=approval_id)

    with database.as_owner() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute("update approvals_approval set checker_id = 'x'")


def test_an_input_that_was_changed_behind_our_back_is_not_run(database: Any) -> None:
    approval_id = submit()
    with database.as_owner() as link:
        link.execute("update approvals_approval set payload = '{\"amount_fils\": 1}'")

    with pytest.raises(Broken):
        operations.approve(actor=HEAD, at=LATER, approval_id=approval_id)

    assert written_off() == 0


def test_what_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        operations.approve(actor=HEAD, at=LATER, approval_id=new_id(AT))
    with pytest.raises(NotFound):
        queries.by_id(new_id(AT))
