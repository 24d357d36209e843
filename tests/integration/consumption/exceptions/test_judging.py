"""The night's work: what the rules find opens, changes and clears exceptions."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.integration.consumption.lake_days import AT, FIRST, HOURS, MAY, fill, lived_in

from tahseel.charging.billing import events as billing_events
from tahseel.consumption.exceptions import consumers, jobs, operations, queries
from tahseel.consumption.exceptions.values import ExceptionView, Price, PricedBy, State, Wanted
from tahseel.kernel import actor, daybook, outbox
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service

JOB = actor.system("test")
HEAD = Actor(id="staff:head", kind=ActorKind.STAFF, label="head", roles=frozenset({"office_head"}))
OVER = date(2026, 6, 10)


def judge(home: Any, at: datetime = AT) -> Any:
    return operations.judge(actor=JOB, at=at, month=MAY, until=OVER, account_ids=[home.account_id])


def listed(**wanted: Any) -> list[ExceptionView]:
    return list(queries.work_list(wanted=Wanted(**wanted)).rows)


def one(home: Any, rule: str) -> ExceptionView:
    [found] = [e for e in queries.of_meter(meter_id=home.electricity) if e.rule == rule]
    return found


def gone(*hours: int) -> Any:
    return lambda hour: None if hour in hours else lived_in(hour)


def bill(home: Any, quantity: int, fils: int) -> None:
    from django.db import transaction

    with transaction.atomic():
        billing_events.announce_prices(
            month=MAY.previous(),
            prices=[(home.account_id, Service.ELECTRICITY, quantity, fils)],
            at=AT,
        )
    outbox.sequence_pending(at=AT)
    consumers.step(at=AT)


def test_a_day_that_did_not_come_whole_opens_one_exception(street: Any, places: Path) -> None:
    home = street.home()
    version = fill(places, home.electricity, gone(50, 51))

    report = judge(home)

    [found] = listed()
    day = FIRST + timedelta(days=2)
    assert (report.opened, report.changed, report.cleared) == (1, 0, 0)
    assert (found.rule, found.days.start, found.days.end) == ("missing", day, day + timedelta(1))
    assert found.quantity == lived_in(49) + lived_in(52)  # estimated along a straight line
    assert (found.version, found.state) == (version, State.OPEN)


def test_the_same_again_changes_nothing(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, gone(50))
    judge(home)
    before = listed()

    again = judge(home, AT + timedelta(days=1))

    assert (again.opened, again.changed, again.cleared) == (0, 0, 0)
    assert listed() == before
    assert len(queries.findings(exception_id=before[0].id)) == 1


def test_more_of_the_same_days_changes_the_exception_and_keeps_what_was_found(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in, hours=range(48))
    fill(places, home.electricity, lived_in, hours=range(72, 96))
    judge_until(home, FIRST + timedelta(days=4))
    [before] = listed()

    report = judge_until(home, FIRST + timedelta(days=6), AT + timedelta(days=1))

    assert (report.opened, report.cleared) == (1, 0)
    found = {e.days.start: e for e in listed()}
    assert found[before.days.start].id == before.id
    assert found[FIRST + timedelta(days=4)].days.days == 2


def judge_until(home: Any, until: date, at: datetime = AT) -> Any:
    return operations.judge(actor=JOB, at=at, month=MAY, until=until, account_ids=[home.account_id])


def test_a_read_that_comes_late_clears_the_exception_by_itself(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, gone(50, 51))
    judge(home)
    fill(places, home.electricity, lived_in, hours=range(50, 52))

    report = judge(home, AT + timedelta(days=1))

    assert (report.opened, report.cleared) == (0, 1)
    assert listed() == []
    assert (one(home, "missing").state, one(home, "missing").closed_by) == (State.CLEARED, JOB.id)


def test_what_was_accepted_stays_accepted_until_its_blocks_change(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lambda h: 90_000 if h == 100 else lived_in(h))
    judge(home)
    operations.accept(actor=HEAD, at=AT, exception_id=one(home, "spike").id, reason="a feast")

    quiet = judge(home, AT + timedelta(days=1))
    fill(places, home.electricity, lambda h: 80_000, hours=range(100, 101))
    loud = judge(home, AT + timedelta(days=2))

    assert (quiet.opened, loud.opened) == (0, 2)  # the spike anew, and the hour sent twice
    assert [e.quantity for e in listed(rule="spike")] == [80_000 - between(100)]


def between(hour: int) -> int:
    return (lived_in(hour - 1) + lived_in(hour + 1)) // 2


def test_exceptions_are_ranked_by_what_they_put_at_risk(street: Any, places: Path) -> None:
    dear, cheap = street.home(), street.home()
    fill(places, dear.electricity, gone(50))
    fill(places, cheap.electricity, gone(50, 51, 52))
    bill(dear, 1_000, 25)
    bill(cheap, 1_000, 2)
    judge(dear)
    judge(cheap)

    rows = listed()

    assert [e.meter_id for e in rows] == [dear.electricity, cheap.electricity]
    assert rows[0].at_risk == Money((rows[0].quantity * 25 + 500) // 1_000)
    assert queries.work_list(wanted=Wanted()).at_risk == Money(
        sum(e.at_risk.fils for e in rows if e.at_risk)
    )


def test_a_bill_that_comes_later_weighs_what_is_open_to_the_fils(street: Any, places: Path) -> None:
    home, other = street.home(), street.home()
    fill(places, home.electricity, gone(50))
    judge(home)
    unpriced = listed()[0]
    bill(other, 1_000, 3)
    judge(street_home := home, AT + timedelta(days=1))
    bill(home, 7, 3)

    [weighed] = listed()

    assert (unpriced.at_risk, unpriced.priced_by) == (None, PricedBy.NOBODY)
    assert street_home.account_id == weighed.account_id
    assert weighed.at_risk == Money((2 * weighed.quantity * 3 + 7) // 14)
    assert weighed.priced_by is PricedBy.ACCOUNT


def test_who_may_not_decide_is_refused_and_nothing_changes(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, gone(50))
    judge(home)
    [before] = listed()
    clerk = Actor(id="staff:c", kind=ActorKind.STAFF, label="c", roles=frozenset({"clerk"}))
    sent = outbox_rows()

    with pytest.raises(NotAllowed):
        operations.accept(actor=clerk, at=AT, exception_id=before.id, reason="so")

    assert listed() == [before]
    assert outbox_rows() == sent
    assert outcomes("exceptions.accept") == ["denied"]


def outbox_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_outbox")
        return int((cursor.fetchone() or (0,))[0])


def outcomes(action: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf order by ctid")
        bodies = [json.loads(bytes(row[0])) for row in cursor.fetchall()]
    return [body["outcome"] for body in bodies if body["action"] == action]


def test_a_decision_names_its_reason_and_is_made_once(street: Any, places: Path) -> None:
    from tahseel.consumption.exceptions.operations.deciding import ExceptionReasonMissing
    from tahseel.kernel.states import WrongState

    home = street.home()
    fill(places, home.electricity, gone(50))
    judge(home)
    [found] = listed()

    with pytest.raises(ExceptionReasonMissing):
        operations.accept(actor=HEAD, at=AT, exception_id=found.id, reason=" ")
    operations.accept(actor=HEAD, at=AT, exception_id=found.id, reason="verified on site")
    with pytest.raises(WrongState):
        operations.accept(actor=HEAD, at=AT, exception_id=found.id, reason="again")

    assert one(home, "missing").reason == "verified on site"
    assert outcomes("exceptions.accept") == ["refused", "done", "refused"]


def test_the_night_takes_the_month_before_first_and_later_what_changed(
    street: Any, places: Path
) -> None:
    home, quiet = street.home(), street.home()
    fill(places, home.electricity, gone(50))
    fill(places, quiet.electricity, lived_in)
    first = daybook.do(job=jobs.NIGHT, day=OVER, at=AT)
    fill(places, home.electricity, lived_in, hours=range(50, 51))

    second = daybook.do(job=jobs.NIGHT, day=OVER + timedelta(1), at=AT + timedelta(days=1))
    third = daybook.do(job=jobs.NIGHT, day=OVER + timedelta(2), at=AT + timedelta(days=2))

    assert (first.outcome["opened"], second.outcome["cleared"]) == (1, 1)
    assert (third.outcome["opened"], third.outcome["changed"], third.outcome["cleared"]) == (
        0,
        0,
        0,
    )
    assert listed() == []


def test_hours_of_a_day_that_is_over_are_missed(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in, hours=range(HOURS - 30))

    judge(home)

    assert {e.rule for e in listed()} >= {"missing"}


def test_prices_are_taken_from_among_other_events_and_once(
    street: Any, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import transaction

    home = street.home()
    monkeypatch.setattr(consumers, "BATCH_MAX", 1)
    for quantity in (1_000, 2_000):
        with transaction.atomic():
            outbox.announce(name="test:other:happened", subject="x", at=AT)
        outbox.sequence_pending(at=AT)
        with transaction.atomic():
            price = (home.account_id, Service.ELECTRICITY, quantity, 10)
            billing_events.announce_prices(month=MAY.previous(), prices=[price], at=AT)
        outbox.sequence_pending(at=AT)

    steps = [consumers.step(at=AT) for _ in range(4)]

    assert steps == [True, True, False, False]
    assert outbox.cursor_of(consumers.NAME) == outbox.last_sequence()
    assert queries.mean_prices() == {"electricity": Price(10, 2_000)}
