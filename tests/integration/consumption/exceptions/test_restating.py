"""Other values for those that failed: estimated by one, edited by two, until the real ones come."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.consumption.lake_days import AT, FIRST, HOURS, MAY, fill, lived_in

from tahseel.consumption.exceptions import operations, queries
from tahseel.consumption.exceptions.operations.restating import EditWaits, ExceptionMoved
from tahseel.consumption.exceptions.values import ExceptionView, State
from tahseel.consumption.readings import judging
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings import queries as readings_queries
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Flag
from tahseel.kernel import actor
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.ids import new_id
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.rules import OwnApproval

JOB = actor.system("test")
LATER = AT + timedelta(days=1)
OVER = date(2026, 6, 10)
WHOLE = sum(lived_in(hour) for hour in range(HOURS))


def staff(name: str, *roles: str) -> Actor:
    return Actor(id=f"staff:{name}", kind=ActorKind.STAFF, label=name, roles=frozenset(roles))


HEAD, CLERK, READER = (
    staff("head", "office_head"), staff("clerk", "clerk"), staff("reader", "auditor"),
)  # fmt: skip


def judged(home: Any, at: Any = AT) -> None:
    operations.judge(actor=JOB, at=at, month=MAY, until=OVER, account_ids=[home.account_id])


def the(home: Any, rule: str, state: State = State.OPEN) -> ExceptionView:
    found = queries.of_meter(meter_id=home.electricity)
    return next(e for e in found if (e.rule, e.state) == (rule, state))


def spiked(street: Any, places: Path) -> Any:
    """A home with a peak at hour 100 that no house ever drew, determined and judged."""
    home = street.home()
    fill(places, home.electricity, lambda h: 90_000 if h == 100 else lived_in(h))
    readings.determine(actor=JOB, at=AT, month=MAY)
    judged(home)
    return home


def in_lake(places: Path, home: Any) -> dict[int, tuple[int, int]]:
    """Value and flag of each hour of May that stands."""
    [series] = Lake(places / "lake").read(meter_ids=[str(home.electricity)], period=MAY.period)
    return dict(enumerate(zip(series.values.tolist(), series.flags.tolist(), strict=True)))


def determined(home: Any) -> tuple[int, int]:
    [found] = [
        d
        for d in readings_queries.determinants(month=MAY, account_ids=[home.account_id])
        if d.meter_id == home.electricity
    ]
    return found.version, found.quantity


def outcomes(action: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf order by ctid")
        bodies = [json.loads(bytes(row[0])) for row in cursor.fetchall()]
    return [body["outcome"] for body in bodies if body["action"] == action]


def announced(name: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("select facts::text from kernel_outbox where name = %s order by at", [name])
        return [json.loads(row[0]) for row in cursor.fetchall()]


def test_an_estimate_stands_flagged_and_the_determinant_follows_and_says_so(
    street: Any, places: Path
) -> None:
    home = spiked(street, places)
    middle = (lived_in(99) + lived_in(101)) // 2

    operations.estimate(actor=HEAD, at=AT, exception_id=the(home, "spike").id, reason="radio noise")

    value, flag = in_lake(places, home)[100]
    assert (abs(value - middle) <= 1, flag) == (True, Flag.SUBSTITUTED)
    assert determined(home) == (2, WHOLE - lived_in(100) + value)
    [told] = announced("readings:determinant:corrected")
    assert (told["before"], told["quantity"]) == (
        WHOLE - lived_in(100) + 90_000,
        determined(home)[1],
    )
    assert the(home, "spike", State.ESTIMATED).reason == "radio noise"


def test_nothing_is_substituted_before_somebody_decides(street: Any, places: Path) -> None:
    home = spiked(street, places)

    assert in_lake(places, home)[100] == (90_000, Flag.ACTUAL)
    assert determined(home) == (1, WHOLE - lived_in(100) + 90_000)


def test_the_real_value_takes_the_estimates_place_when_it_comes(street: Any, places: Path) -> None:
    home = spiked(street, places)
    operations.estimate(actor=HEAD, at=AT, exception_id=the(home, "spike").id, reason="noise")

    fill(places, home.electricity, lived_in, hours=range(100, 101))
    readings.redetermine(actor=JOB, at=LATER, month=MAY, account_ids=[home.account_id])

    assert in_lake(places, home)[100] == (lived_in(100), Flag.ACTUAL)
    assert determined(home) == (3, WHOLE)


def ask(home: Any, quantity: int, who: Actor = CLERK, rule: str = "spike") -> UUID:
    return operations.propose_edit(
        actor=who, at=AT, approval_id=new_id(AT), exception_id=the(home, rule).id,
        quantity=quantity, reason="read from the display",
    )  # fmt: skip


def test_an_edit_waits_for_a_second_person_and_then_comes_to_the_very_quantity(
    street: Any, places: Path
) -> None:
    home = spiked(street, places)
    day = range(96, 120)
    approval = ask(home, 31_007)
    before = in_lake(places, home)

    approvals.approve(actor=HEAD, at=LATER, approval_id=approval)

    after = in_lake(places, home)
    assert before[100] == (90_000, Flag.ACTUAL)
    assert sum(after[hour][0] for hour in day) == 31_007
    assert {after[hour][1] for hour in day} == {Flag.EDITED}
    assert all(after[hour] == before[hour] for hour in range(HOURS) if hour not in day)
    assert determined(home) == (2, WHOLE - sum(map(lived_in, day)) + 31_007)
    assert the(home, "spike", State.EDITED).closed_by == HEAD.id


def test_whoever_asked_for_an_edit_never_accepts_it(street: Any, places: Path) -> None:
    home = spiked(street, places)
    approval = ask(home, 31_000, who=HEAD)
    before = in_lake(places, home)

    with pytest.raises(OwnApproval):
        approvals.approve(actor=HEAD, at=LATER, approval_id=approval)

    assert in_lake(places, home) == before
    assert the(home, "spike").state is State.OPEN
    assert announced("readings:determinant:corrected") == []
    assert outcomes("approvals.approve") == ["denied"]


@pytest.mark.parametrize("act", ["estimate", "propose_edit"])
def test_who_only_reads_changes_nothing(street: Any, places: Path, act: str) -> None:
    home = spiked(street, places)
    before, found = in_lake(places, home), the(home, "spike")
    facts: dict[str, Any] = {"exception_id": found.id, "reason": "so"}
    if act == "propose_edit":
        facts |= {"quantity": 5, "approval_id": new_id(AT)}

    with pytest.raises(NotAllowed):
        getattr(operations, act)(actor=READER, at=AT, **facts)

    assert (in_lake(places, home), the(home, "spike")) == (before, found)
    assert queries.edits_waiting(as_of=AT) == {}
    assert announced("readings:determinant:corrected") == []
    assert outcomes(f"exceptions.{act}") == ["denied"]


def test_while_an_edit_waits_nobody_asks_for_another_nor_estimates(
    street: Any, places: Path
) -> None:
    home = spiked(street, places)
    ask(home, 31_000)

    with pytest.raises(EditWaits):
        ask(home, 32_000)
    with pytest.raises(EditWaits):
        operations.estimate(actor=HEAD, at=AT, exception_id=the(home, "spike").id, reason="x")

    assert the(home, "spike").state is State.OPEN


def test_an_edit_of_reads_that_have_changed_meanwhile_is_refused(street: Any, places: Path) -> None:
    home = spiked(street, places)
    approval = ask(home, 31_000)
    fill(places, home.electricity, lambda _: 70_000, hours=range(100, 101))
    judged(home, LATER)

    with pytest.raises(ExceptionMoved):
        approvals.approve(actor=HEAD, at=LATER, approval_id=approval)

    assert in_lake(places, home)[100] == (70_000, Flag.ACTUAL)


def test_where_the_data_say_so_the_night_estimates_without_a_person(
    street: Any, places: Path
) -> None:
    home = spiked(street, places)
    book = judging.rules()
    spike = replace(book.rules["spike"], estimated_for=frozenset({the(home, "spike").sector}))
    judging.install_rules(replace(book, rules={**book.rules, "spike": spike}))

    done = operations.estimate_by_policy(actor=JOB, at=AT, month=MAY, account_ids=[home.account_id])

    assert done == 1
    assert in_lake(places, home)[100][1] == Flag.SUBSTITUTED
    assert "estimated_for" in the(home, "spike", State.ESTIMATED).reason


def test_a_day_in_doubt_is_estimated_whole_from_like_days(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lambda h: 4_000 if h in range(48, 60) else lived_in(h))
    judged(home)

    operations.estimate(actor=HEAD, at=AT, exception_id=the(home, "stuck").id, reason="frozen")

    after = in_lake(places, home)
    day = FIRST + timedelta(days=2)
    assert the(home, "stuck", State.ESTIMATED).days.start == day
    assert {after[hour][1] for hour in range(48, 72)} == {Flag.ESTIMATED}
    assert [after[hour][0] for hour in range(48, 72)] == [lived_in(hour) for hour in range(24)]
